import type { Attribute, Block, Expression, SourceFile } from "../hcl/syntax.ts";
import type { PlanCheck } from "../model/plan-gate.ts";
import type { SurfaceItem } from "./surface-item.ts";
import { isOpen, membersOf, plainText, textsIn, written } from "./surface-text.ts";

/** What one block brings by itself; its nested blocks are asked on their own. */
export const surfaceOfBlock = (block: Block, file: SourceFile): readonly SurfaceItem[] => {
  const item = itemIn(block, file);
  switch (block.type) {
    case "data":
    case "ephemeral":
      return dataSource(block, file, item);
    case "provisioner":
      return [item("provisioners", `the provisioner ${block.labels[0] ?? ""}`)];
    case "action":
      return /command|exec|shell|script/.test(block.labels[0] ?? "")
        ? [item("provisioners", `the action ${block.labels[0]}`)]
        : [];
    case "backend":
      return [backend(block, file, item, block.labels[0] ?? "")];
    case "cloud":
      return [backend(block, file, item, "cloud")];
    case "encryption":
      return [item("backend", "encryption of state and plan, which can run commands")];
    case "provider_meta":
      return [item("backend", `provider_meta ${block.labels[0] ?? ""}`)];
    case "module":
      return moduleCall(block, file, item);
    case "provider":
      return providerSettings(block, file);
    default:
      return [];
  }
};

type MakeItem = (
  check: PlanCheck,
  what: string,
  more?: Partial<Pick<SurfaceItem, "key" | "runs" | "source" | "state">>,
) => SurfaceItem;

const itemIn =
  (block: Block, file: SourceFile): MakeItem =>
  (check, what, more = {}) => ({
    check,
    key: `${check}:${block.type}:${block.labels.join(".")}:${written(file, block)}`,
    path: file.path,
    start: block.start,
    what,
    ...more,
  });

/** Data sources that start programs. `shell_script` is the best known one of the community. */
const RUNS_PROGRAMS = new Set(["external", "shell_script"]);

const dataSource = (block: Block, file: SourceFile, item: MakeItem): readonly SurfaceItem[] => {
  const [type = "", name = ""] = block.labels;
  const address = `data.${type}.${name}`;
  if (RUNS_PROGRAMS.has(type)) {
    const values = block.body.attributes.filter((one) => one.name !== "query").map(({ value }) => value);
    const runs = { words: values.flatMap(textsIn), open: values.some(isOpen) };
    return [item("external", `${address} runs a program`, { runs })];
  }
  if (type === "http") return [item("http", `${address} sends a request`)];
  if (type !== "terraform_remote_state") return [];
  const state = stateOf(plainText(attribute(block, "backend")) ?? "?", configOf(block), file);
  return [item("remote_state", `${address} reads another state`, { key: state.family, state })];
};

const attribute = ({ body }: Block, name: string): Expression | undefined =>
  body.attributes.findLast((one) => one.name === name)?.value;

const configOf = (block: Block): readonly (readonly [string, Expression])[] => {
  const config = attribute(block, "config");
  return config?.kind === "object" ? membersOf(config) : config ? [["config", config]] : [];
};

const backend = (block: Block, file: SourceFile, item: MakeItem, type: string): SurfaceItem => {
  const settings = block.body.attributes.map(({ name, value }) => [name, value] as const);
  const state = stateOf(type, settings, file);
  return item("backend", `the backend ${type}`, { state });
};

/** What tells one state from the next within the same store. */
const NAMES = new Set(["key", "prefix", "path", "name", "workspace_key_prefix", "workspaces", "schema_name"]);

/**
 * `family`: the store, equal for all states in it; `place`: all of it. Addresses over HTTP are told apart by their
 * origin. A setting that is computed counts by its text.
 */
const stateOf = (
  type: string,
  settings: readonly (readonly [string, Expression])[],
  file: SourceFile,
): NonNullable<SurfaceItem["state"]> => {
  const entries = settings.map(([name, value]) => [name, plainText(value) ?? written(file, value)] as const);
  const line = (parts: readonly (readonly [string, string])[]): string =>
    [`state:${type}`, ...parts.map(([name, value]) => `${name}=${value}`).toSorted()].join("|");
  const family = entries
    .filter(([name]) => !NAMES.has(name))
    .map(([name, value]) => [name, originOf(value)] as const);
  // A local state has no store: each file counts for itself.
  return { family: line(type === "local" ? entries : family), place: line(entries) };
};

const originOf = (value: string): string =>
  /^https?:\/\//.test(value) && URL.canParse(value) ? new URL(value).origin : value;

const moduleCall = (block: Block, file: SourceFile, item: MakeItem): readonly SurfaceItem[] => {
  const value = attribute(block, "source");
  const name = block.labels[0] ?? "";
  if (!value) return [];
  const source = plainText(value);
  if (source === undefined) {
    if (leadsFrom(value)) return [];
    const runs = { words: [], open: true };
    return [item("modules", `the module ${name}, whose source is computed`, { runs })];
  }
  if (/^\.\.?(\/|$)/.test(source)) return [];
  const version = attribute(block, "version");
  const from = item("modules", `the module ${name} from ${source}`, { key: `module:${source}`, source });
  if (!version) return [from];
  const what = `version ${plainText(version) ?? "(computed)"} of the module ${source}`;
  return [from, item("versions", what, { key: `module:${source}@${written(file, version)}`, source })];
};

/** `"${path.module}/x"` is a folder beside the caller. */
const leadsFrom = (value: Expression): boolean => {
  if (value.kind !== "template" || isOpen(value)) return false;
  const [first] = value.parts;
  return first !== undefined && "expression" in first && first.expression.kind === "traversal";
};

/** Settings of a provider that make it run something, or send its credentials to somebody else. */
const TELLING =
  /^(exec|(.*_)?endpoints?|(.*_)?url|(.*_)?host|hostname|address|(.*_)?config_(file|path)s?|(.*_)?config_files|shared_.*|(.*_)?credentials(_.*)?|(.*_)?(command|program|executable|proxy)|insecure|skip_.*(verify|verification))$/;

const providerSettings = (block: Block, file: SourceFile): readonly SurfaceItem[] => {
  const [name = ""] = block.labels;
  return settingsIn(block)
    .filter(({ name: setting }) => TELLING.test(setting))
    .map(({ name: setting, start, end }) => ({
      check: "provider_settings",
      key: `provider-setting:${name}:${setting}:${written(file, { start, end })}`,
      path: file.path,
      start,
      what: `the setting ${setting} of the provider ${name}`,
    }));
};

const settingsIn = ({ body }: Block): readonly Pick<Attribute, "name" | "start" | "end">[] => [
  ...body.attributes.flatMap((one) => [one, ...inObject(one.value)]),
  ...body.blocks.flatMap((block) => [
    { name: block.type, start: block.start, end: block.end },
    ...settingsIn(block),
  ]),
];

/** `kubernetes = { exec = {...} }`, and every nested block in JSON. */
const inObject = (value: Expression): readonly Pick<Attribute, "name" | "start" | "end">[] => {
  if (value.kind === "tuple") return value.elements.flatMap(inObject);
  return membersOf(value).flatMap(([name, inner]) => [
    { name, start: inner.start, end: inner.end },
    ...inObject(inner),
  ]);
};
