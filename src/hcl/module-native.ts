import type { ModuleCall, ModuleFacts, RequiredProvider, ResourceFact } from "./facts.ts";
import { readPaths, readsUntold } from "./reads.ts";
import type { Block, Body, Expression, SourceFile } from "./syntax.ts";
import { literalKey, literalText } from "./walk.ts";

/** What one file in native syntax says. */
export const nativeFacts = ({ path, body, problems }: SourceFile): ModuleFacts => {
  const ofType = (type: string): Block[] => body.blocks.filter((block) => block.type === type);
  const settings = ofType("terraform");
  return {
    resources: body.blocks.flatMap((block) => resourceOf(block, path)),
    calls: ofType("module").flatMap((block) => callOf(block, path)),
    backend: backendOf(settings, path),
    requiredVersions: settings.flatMap((block) => textOf(block.body, "required_version") ?? []),
    requiredProviders: settings.flatMap(providersOf),
    providers: ofType("provider").flatMap(({ labels: [name], body: inner }) =>
      name === undefined ? [] : [{ name, alias: textOf(inner, "alias") ?? null }],
    ),
    variables: ofType("variable").flatMap(({ labels: [name], body: inner }) =>
      name === undefined
        ? []
        : [{ name, required: !inner.attributes.some((attribute) => attribute.name === "default") }],
    ),
    reads: readPaths(body),
    readsUntold: readsUntold(body),
    problems: problems.map(({ line, column, message }) => ({ file: path, line, column, message })),
  };
};

const MODES: Readonly<Record<string, ResourceFact["mode"]>> = {
  resource: "managed",
  data: "data",
  ephemeral: "ephemeral",
};

const resourceOf = ({ type: kind, labels, body }: Block, file: string): ResourceFact[] => {
  const mode = MODES[kind];
  const [type, name] = labels;
  if (!mode || type === undefined || name === undefined) return [];
  const provisioners = body.blocks.filter((block) => block.type === "provisioner");
  return [{ mode, type, name, file, provisioners: provisioners.flatMap((block) => block.labels[0] ?? []) }];
};

const callOf = ({ labels: [name], body }: Block, file: string): ModuleCall[] =>
  name === undefined
    ? []
    : [{ name, source: textOf(body, "source") ?? null, version: textOf(body, "version") ?? null, file }];

const backendOf = (settings: readonly Block[], file: string): ModuleFacts["backend"] => {
  const blocks = settings.flatMap(({ body }) => body.blocks);
  const backend = blocks.findLast(({ type }) => type === "backend" || type === "cloud");
  if (!backend) return null;
  return { type: backend.type === "cloud" ? "cloud" : (backend.labels[0] ?? ""), file };
};

const providersOf = (settings: Block): RequiredProvider[] =>
  settings.body.blocks
    .filter(({ type }) => type === "required_providers")
    .flatMap(({ body }) => body.attributes.map(({ name, value }) => requiredProvider(name, value)));

const requiredProvider = (name: string, value: Expression): RequiredProvider => {
  const member = (key: string): string | null => {
    const elements = value.kind === "object" ? value.elements : [];
    const element = elements.find((candidate) => literalKey(candidate.key) === key);
    return (element && literalText(element.value)) ?? null;
  };
  return { name, source: member("source"), version: literalText(value) ?? member("version") };
};

const textOf = (body: Body, name: string): string | undefined => {
  const value = body.attributes.find((attribute) => attribute.name === name)?.value;
  return value && literalText(value);
};
