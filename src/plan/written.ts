import { isJsonObject, type Json } from "../model/json.ts";
import { type Path, renderPath } from "../model/path.ts";
import type { OutputChange, Plan, ResourceChange } from "../model/plan.ts";
import { isMarkedAt, type LeafDiff, leafDiffs, valueAt } from "../model/value-diff.ts";
import { fillUnknown } from "./placeholder.ts";

/** One thing that a plan does, with the name of its digest part. */
export interface DigestEntry {
  readonly name: string;
  readonly value: Json;
  readonly place?: { readonly address: string; readonly type: string; readonly path: Path };
}

/** Everything that applying the plan would do: each change itself, and each path that it writes. */
export const writtenEntries = (plan: Plan): readonly DigestEntry[] => [
  ...plan.changes
    .filter((change) => !UNTOUCHED.includes(change.action))
    .flatMap((change) => changeEntries(change, plan.timestamp ?? "")),
  ...plan.outputs
    .filter((output) => output.actions[0] !== "no-op")
    .map((output) => outputEntry(output, plan.timestamp ?? "")),
];

const UNTOUCHED = ["no-op", "read"];

const changeEntries = (change: ResourceChange, time: string): readonly DigestEntry[] => [
  entryAt(change, [], headOf(change)),
  ...writtenPaths(change, time),
];

const entryAt = (change: ResourceChange, path: Path, value: Json): DigestEntry => ({
  name: partName(change.address, path, change.deposed),
  value,
  place: { address: change.address, type: change.type, path },
});

/** The name of the part for one path of one resource; see `PlanDigest`. */
const partName = (address: string, path: Path, deposed: string | null): string =>
  JSON.stringify([address, renderPath(path), ...(deposed === null ? [] : [deposed])]);

const headOf = (change: ResourceChange): Json => ({
  type: change.type,
  provider: change.provider,
  deposed: change.deposed,
  actions: [...change.actions],
  previous: change.previousAddress,
  importing: change.importing,
  replacing: change.replacePaths.map(renderPath).sort(),
  // What is destroyed or let go is one certain object, not whatever now has the address.
  id: destroys(change) && isJsonObject(change.before) ? (change.before["id"] ?? null) : null,
});

const destroys = (change: ResourceChange): boolean =>
  change.actions.some((action) => action === "delete" || action === "forget") || change.action === "unknown";

const writtenPaths = (change: ResourceChange, time: string): readonly DigestEntry[] => {
  switch (change.action) {
    case "create":
      return pathEntries(change, null, time);
    case "update":
      return pathEntries(change, change.before, time);
    case "replace":
    case "unknown":
      return replacedEntries(change, time);
    default:
      return [];
  }
};

/** Each leaf where `from` and the value after differ; what comes at apply counts by its place only. */
const pathEntries = (change: ResourceChange, from: Json, time: string): readonly DigestEntry[] =>
  leafDiffs(from, fillUnknown(change.after, change.afterUnknown, UNKNOWN))
    .filter((leaf) => leaf.path.length > 0)
    .map((leaf) => entryAt(change, leaf.path, writtenValue(change, leaf, time)));

// No text that a value can hold: plan JSON has no NUL.
const UNKNOWN = "\u0000unknown";

const writtenValue = (change: ResourceChange, leaf: LeafDiff, time: string): Json =>
  isMarkedAt(change.afterUnknown, leaf.path)
    ? { unknown: true }
    : { before: leaf.before, after: withoutTime(leaf.after, time) };

/** `plantimestamp()` returns the very text that the engine writes as the plan's time: the same in every plan. */
const withoutTime = (value: Json, time: string): Json => {
  if (time === "") return value;
  if (typeof value === "string") return value.replaceAll(time, "(plan time)");
  if (Array.isArray(value)) return value.map((item) => withoutTime(item, time));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutTime(item, time)]));
};

/** A new object gets every value; the old one counts where the reviewer saw it change. */
const replacedEntries = (change: ResourceChange, time: string): readonly DigestEntry[] =>
  pathEntries(change, null, time).map((entry) => {
    const path = entry.place?.path ?? [];
    if (isMarkedAt(change.afterUnknown, path)) return entry;
    return { ...entry, value: [entry.value, valueAt(change.before, path) ?? null] };
  });

// The value before is only what the state remembers of it.
const outputEntry = (output: OutputChange, time: string): DigestEntry => ({
  name: `output:${output.name}`,
  value: [[...output.actions], withoutTime(fillUnknown(output.after, output.afterUnknown, UNKNOWN), time)],
});
