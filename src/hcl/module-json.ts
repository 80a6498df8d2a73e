import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { FileProblem, ModuleFacts, RequiredProvider, ResourceFact } from "./facts.ts";
import { readPaths, readsUntold } from "./reads.ts";
import type { Body, ParseHcl } from "./syntax.ts";

/** What one file in JSON syntax says. Texts are templates there, so they are read as HCL. */
export const jsonFacts = (parse: ParseHcl, file: string, text: string): ModuleFacts => {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const settings = objectsAt(root, "terraform");
  const bodies = root ? computedIn(parse, root) : [];
  return {
    resources: Object.entries(MODES).flatMap(([key, mode]) => resourcesIn(root, key, mode, file)),
    calls: namedIn(root, "module").map(([name, body]) => ({
      name,
      source: textAt(body, "source"),
      version: textAt(body, "version"),
      file,
    })),
    backend: backendIn(settings, file),
    requiredVersions: settings.flatMap((body) => textAt(body, "required_version") ?? []),
    requiredProviders: settings.flatMap(providersIn),
    providers: namedIn(root, "provider").map(([name, body]) => ({ name, alias: textAt(body, "alias") })),
    variables: namedIn(root, "variable").map(([name, body]) => ({
      name,
      required: findNodeAtLocation(body, ["default"]) === undefined,
    })),
    reads: bodies.flatMap(readPaths),
    readsUntold: bodies.some(readsUntold),
    problems: errors.slice(0, 10).map((error) => problemOf(file, text, error)),
  };
};

const MODES: Readonly<Record<string, ResourceFact["mode"]>> = {
  resource: "managed",
  data: "data",
  ephemeral: "ephemeral",
};

/** An object, or each of a list of objects: both stand for blocks. */
const objectsIn = (node: Node | undefined): Node[] => {
  if (node?.type === "array") return (node.children ?? []).flatMap(objectsIn);
  return node?.type === "object" ? [node] : [];
};

const objectsAt = (node: Node | undefined, key: string): Node[] =>
  objectsIn(node).flatMap((object) => objectsIn(findNodeAtLocation(object, [key])));

const membersOf = (object: Node): [name: string, value: Node][] =>
  (object.children ?? []).flatMap(({ children }): [string, Node][] => {
    const [name, value] = children ?? [];
    return name && value ? [[String(name.value), value]] : [];
  });

/** `{key: {name: body}}`, and a body per element where it is a list. */
const namedIn = (root: Node | undefined, key: string): [name: string, body: Node][] =>
  objectsAt(root, key)
    .flatMap(membersOf)
    .flatMap(([name, value]) => objectsIn(value).map((body): [string, Node] => [name, body]));

const resourcesIn = (
  root: Node | undefined,
  key: string,
  mode: ResourceFact["mode"],
  file: string,
): ResourceFact[] =>
  namedIn(root, key).flatMap(([type, byName]) =>
    membersOf(byName)
      .filter(([name]) => name !== "//")
      .map(([name, body]) => ({ mode, type, name, file, provisioners: provisionersIn(body) })),
  );

const provisionersIn = (body: Node): string[] =>
  objectsIn(body)
    .flatMap((object) => objectsAt(object, "provisioner"))
    .flatMap((object) => membersOf(object).map(([name]) => name));

const textAt = (object: Node, key: string): string | null => {
  const value: unknown = findNodeAtLocation(object, [key])?.value;
  return typeof value === "string" && !value.includes("${") ? value : null;
};

const backendIn = (settings: readonly Node[], file: string): ModuleFacts["backend"] => {
  for (const body of settings.toReversed()) {
    if (findNodeAtLocation(body, ["cloud"])) return { type: "cloud", file };
    const [backend] = objectsAt(body, "backend").flatMap(membersOf);
    if (backend) return { type: backend[0], file };
  }
  return null;
};

const providersIn = (settings: Node): RequiredProvider[] =>
  objectsAt(settings, "required_providers")
    .flatMap(membersOf)
    .map(([name, value]) =>
      value.type === "string"
        ? { name, source: null, version: String(value.value) }
        : { name, source: textAt(value, "source"), version: textAt(value, "version") },
    );

/** Each text that computes something, as an attribute of native syntax. */
const computedIn = (parse: ParseHcl, node: Node): Body[] => {
  if (node.children) return node.children.flatMap((child) => computedIn(parse, child));
  const text: unknown = node.value;
  if (typeof text !== "string" || !text.includes("${")) return [];
  // A text that is one interpolation is that expression itself; any other is a template.
  const alone = /^\$\{([^{}]*)\}$/.exec(text)?.[1];
  const hcl = alone === undefined ? `text = "${text.replace(/\n/g, " ")}"\n` : `text = ${alone}\n`;
  return [parse("", hcl).body];
};

const problemOf = (file: string, text: string, { error, offset }: ParseError): FileProblem => {
  const before = text.slice(0, offset).split("\n");
  return {
    file,
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    message: `This is no valid JSON: ${printParseErrorCode(error)}.`,
  };
};
