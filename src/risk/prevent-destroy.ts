import { isModuleFile, isOverride } from "../hcl/module.ts";
import type { Block, Expression, ParseHcl } from "../hcl/syntax.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { FileChange, FileFinding } from "../model/stateful-change.ts";

/**
 * Resources that `prevent_destroy` guarded before and does not any more. Plan JSON does not tell, so the code is read:
 * changed module files before against after, folder by folder. A block that moves to another file or folder, or under
 * another name by a `moved` block, and keeps its guard is not told.
 */
export const guardFindings = (changes: readonly FileChange[], parse: ParseHcl): readonly FileFinding[] => {
  const files = changes.filter(({ path }) => isModuleFile(path)).toSorted(overridesLast);
  const before = guardsOf(files, "before", parse);
  const after = guardsOf(files, "after", parse);
  const fresh = new Set(
    [...after.guards]
      .filter(([key, guard]) => guard.on && !before.guards.has(key))
      .map(([, { name }]) => name),
  );
  return [...before.guards].flatMap(([key, guard]) => {
    if (!guard.on || after.guards.get(key)?.on === true) return [];
    const there = after.guards.has(key);
    const moved = after.moves.get(key);
    if (!there && (fresh.has(guard.name) || (moved !== undefined && fresh.has(moved)))) return [];
    return [findingOf(guard, after.guards.get(key), there)];
  });
};

interface Guard {
  /** `TYPE.NAME`. */
  readonly name: string;
  readonly path: string;
  /** Line of the resource's block, from 1; undefined in JSON syntax. */
  readonly line: number | undefined;
  readonly on: boolean;
  /** Not written out, so that only the engine knows. */
  readonly unclear: boolean;
}

interface Guarded {
  /** Folder and name -> what its last file says. */
  readonly guards: Map<string, Guard>;
  /** Folder and old name -> new `TYPE.NAME`, wherever it is. */
  readonly moves: Map<string, string>;
}

const guardsOf = (files: readonly FileChange[], side: "before" | "after", parse: ParseHcl): Guarded => {
  const found: Guarded = { guards: new Map(), moves: new Map() };
  for (const file of files) {
    const text = file[side];
    if (text === null) continue;
    if (file.path.endsWith(".json")) readJson(file.path, text, found);
    else readNative(file.path, text, parse, found);
  }
  return found;
};

const readNative = (path: string, text: string, parse: ParseHcl, found: Guarded): void => {
  const folder = folderOf(path);
  for (const block of parse(path, text).body.blocks) {
    const [type, name] = block.labels;
    if (block.type === "moved") readMove(block, folder, found);
    if (block.type !== "resource" || type === undefined || name === undefined) continue;
    const line = text.slice(0, block.start).split("\n").length;
    keep(found, folder, { name: `${type}.${name}`, path, line, ...switchOf(guardIn(block)) });
  }
};

const guardIn = ({ body }: Block): Expression | undefined =>
  body.blocks
    .filter(({ type }) => type === "lifecycle")
    .flatMap((lifecycle) => lifecycle.body.attributes)
    .findLast(({ name }) => name === "prevent_destroy")?.value;

type Switch = Pick<Guard, "on" | "unclear"> | null;

const switchOf = (value: Expression | undefined): { readonly said: Switch } => {
  if (value === undefined) return { said: null };
  if (value.kind !== "literal") return { said: { on: true, unclear: true } };
  return { said: { on: String(value.value) === "true", unclear: false } };
};

/** An override file says only what it changes, so that its silence leaves what was said before it. */
const keep = (
  found: Guarded,
  folder: string,
  { said, ...block }: Omit<Guard, "on" | "unclear"> & { readonly said: Switch },
): void => {
  const key = `${folder}/${block.name}`;
  const earlier = found.guards.get(key);
  if (earlier) found.guards.set(key, { ...earlier, ...(said ?? {}) });
  else found.guards.set(key, { ...block, ...(said ?? { on: false, unclear: false }) });
};

const readMove = ({ body }: Block, folder: string, { moves }: Guarded): void => {
  const end = (name: string): string | undefined => {
    const value = body.attributes.find((attribute) => attribute.name === name)?.value;
    return value?.kind === "traversal" ? resourceName(value) : undefined;
  };
  const [from, to] = [end("from"), end("to")];
  if (from !== undefined && to !== undefined) moves.set(`${folder}/${from}`, to);
};

/** `TYPE.NAME` of `TYPE.NAME[0]` and of `module.m.TYPE.NAME`. */
const resourceName = ({ root, steps }: Extract<Expression, { kind: "traversal" }>): string | undefined => {
  const words = [root, ...steps.flatMap((step) => ("attribute" in step ? [step.attribute] : []))];
  const start = words[0] === "module" ? words.length - 2 : 0;
  const [type, name] = words.slice(start, start + 2);
  return type === undefined || name === undefined ? undefined : `${type}.${name}`;
};

const readJson = (path: string, text: string, found: Guarded): void => {
  for (const [type, byName] of members(member(parsed(text), "resource"))) {
    for (const [name, body] of members(byName)) {
      const value = member(member(body, "lifecycle"), "prevent_destroy");
      const said = value === undefined ? null : jsonSwitch(value);
      keep(found, folderOf(path), { name: `${type}.${name}`, path, line: undefined, said });
    }
  }
};

const jsonSwitch = (value: Json): Switch =>
  typeof value === "string" && value.includes("${")
    ? { on: true, unclear: true }
    : { on: String(value) === "true", unclear: false };

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
};

/** An object, or each of a list of objects: both stand for blocks. */
const objects = (value: Json | undefined): readonly { readonly [key: string]: Json | undefined }[] => {
  if (Array.isArray(value)) return value.flatMap((item: Json) => objects(item));
  return isJsonObject(value) ? [value] : [];
};
const member = (value: Json | undefined, key: string): Json | undefined =>
  objects(value).find((object) => Object.hasOwn(object, key))?.[key];
const members = (value: Json | undefined): readonly (readonly [string, Json | undefined])[] =>
  objects(value).flatMap((object) => Object.entries(object));

const findingOf = (guard: Guard, now: Guard | undefined, there: boolean): FileFinding => ({
  path: guard.path,
  subject: guard.name,
  rule: "prevent-destroy-removed",
  class: "R3",
  message: there
    ? `prevent_destroy of ${guard.name} is turned off: the next plan can destroy it.`
    : `${guard.name} leaves the code together with its prevent_destroy, which then guards nothing any more.`,
  wayOut: there
    ? "Leave the guard on, or turn it off in a pull request of its own right before an agreed removal."
    : "Keep the block, or take it into another state with `removed` and `import`, and say what becomes of its data.",
  ...(now?.line === undefined ? {} : { line: now.line }),
});

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
const overridesLast = (left: FileChange, right: FileChange): number =>
  Number(isOverride(left.path)) - Number(isOverride(right.path)) || left.path.localeCompare(right.path);
