import { joinPath } from "../config/paths.ts";
import { isModuleFile } from "../hcl/module.ts";
import type { Attribute, Block, Expression } from "../hcl/syntax.ts";
import type { WorkspaceConfig } from "../model/config.ts";
import { isJsonObject, type Json, type JsonObject, tryJson } from "../model/json.ts";
import type { World } from "./world.ts";

/**
 * Teaches the redactor what variable files and defaults say of variables that are declared as sensitive: an engine that
 * fails shows values of expressions, and then there is no plan that tells which of them are secret.
 */
export const learnVariables = async (
  world: Pick<World, "codeAt" | "git" | "parseHcl" | "redactor">,
  repo: string,
  commit: string,
  config: Pick<WorkspaceConfig, "dir" | "name" | "varFiles">,
): Promise<void> => {
  const { code, paths } = await world.codeAt(repo, commit);
  const dir = code.real(config.dir) ?? config.dir;
  const own = code.names(dir);
  const texts = async (files: readonly string[]): Promise<readonly (readonly [string, string])[]> => {
    const there = files.filter((file) => paths.includes(file));
    const bytes = await world.git.readFiles(repo, commit, there);
    return [...bytes].map(([path, content]) => [path, new TextDecoder().decode(content)] as const);
  };
  const inDir = (name: string): string => joinPath(dir, name);
  const modules = await texts(own.filter(isModuleFile).map(inDir));
  const declared = modules.flatMap((file) => declaredIn(world, ...file));
  if (declared.length === 0) return;
  const names = new Set(declared.map(({ name }) => name));
  const automatic = own.filter((name) => /^terraform\.tfvars(\.json)?$|\.auto\.tfvars(\.json)?$/.test(name));
  const files = [...automatic, `env/${config.name}.tfvars`, ...config.varFiles].map(inDir);
  const given = (await texts([...new Set(files)])).flatMap(([path, text]) =>
    valuesIn(world, path, text, names),
  );
  for (const value of [...declared.flatMap(({ defaults }) => defaults), ...given])
    world.redactor.learn(value);
};

interface Declared {
  readonly name: string;
  readonly defaults: readonly string[];
}

const declaredIn = (
  { parseHcl }: Pick<World, "parseHcl">,
  path: string,
  text: string,
): readonly Declared[] => {
  if (!text.includes("sensitive")) return [];
  if (path.endsWith(".json")) return declaredInJson(tryJson(text));
  return parseHcl(path, text).body.blocks.flatMap((block) => {
    const [name] = block.labels;
    if (block.type !== "variable" || name === undefined || !saysSensitive(block)) return [];
    return [{ name, defaults: textsOf(block.body.attributes.filter((one) => one.name === "default")) }];
  });
};

const saysSensitive = ({ body }: Block): boolean =>
  body.attributes.some(
    ({ name, value }) => name === "sensitive" && value.kind === "literal" && value.value === true,
  );

const declaredInJson = (file: Json | undefined): readonly Declared[] => {
  const variables = isJsonObject(file) ? file["variable"] : undefined;
  return isJsonObject(variables)
    ? Object.entries(variables).flatMap(([name, one]) =>
        isJsonObject(one) && one["sensitive"] === true ? [{ name, defaults: jsonTexts(one["default"]) }] : [],
      )
    : [];
};

const valuesIn = (
  { parseHcl }: Pick<World, "parseHcl">,
  path: string,
  text: string,
  names: ReadonlySet<string>,
): readonly string[] => {
  if (!path.endsWith(".json"))
    return textsOf(parseHcl(path, text).body.attributes.filter(({ name }) => names.has(name)));
  const file = tryJson(text);
  return isJsonObject(file)
    ? Object.entries(file as JsonObject).flatMap(([name, one]) => (names.has(name) ? jsonTexts(one) : []))
    : [];
};

const textsOf = (attributes: readonly Attribute[]): readonly string[] =>
  attributes.flatMap(({ value }) => textsIn(value));

const textsIn = (value: Expression): readonly string[] => {
  if (value.kind === "literal") return value.value === null ? [] : [String(value.value)];
  if (value.kind === "template")
    return value.parts.every((part) => "text" in part)
      ? [value.parts.map((part) => ("text" in part ? part.text : "")).join("")]
      : [];
  if (value.kind === "tuple") return value.elements.flatMap(textsIn);
  if (value.kind === "object") return value.elements.flatMap((element) => textsIn(element.value));
  return [];
};

const jsonTexts = (value: Json | undefined): readonly string[] => {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(jsonTexts);
  return isJsonObject(value) ? Object.values(value).flatMap(jsonTexts) : [];
};
