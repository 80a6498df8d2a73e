import { isJsonObject, type Json, jsonEqual } from "../model/json.ts";
import { type Path, pathsOverlap, renderPath } from "../model/path.ts";
import type {
  DiffRow,
  InspectedChange,
  Inspection,
  OutputChange,
  Plan,
  PlanSummary,
  ResourceChange,
} from "../model/plan.ts";
import {
  isMarkedAt,
  isMarkedWithin,
  isNoise,
  jsonText,
  type LeafDiff,
  leafDiffs,
} from "../model/value-diff.ts";
import { type Configured, configuredAttributes } from "./configured.ts";
import { fillUnknown, UNKNOWN } from "./placeholder.ts";
import { shortPair } from "./short-value.ts";

/**
 * What people read of a plan: every resource that it touches with its diff, and the outputs that change. Takes the
 * plan as `redactPlan` returns it and the inspection of the same plan; no-ops and reads have no row.
 */
export const summarize = (redactedPlan: Plan, inspection: Inspection): PlanSummary => {
  const configured = configuredAttributes(redactedPlan.configuration);
  return {
    inspection,
    resources: redactedPlan.changes.flatMap((change, index) => {
      const inspected = inspection.changes[index];
      if (inspected === undefined || UNTOUCHED.includes(change.action)) return [];
      return [resourceOf(change, inspected, configured)];
    }),
    outputs: redactedPlan.outputs.filter(isChanged).map((output) => ({
      name: output.name,
      action: output.actions.length === 1 ? output.actions[0]! : "replace",
      diff: outputRow(output),
    })),
  };
};

const UNTOUCHED = ["no-op", "read"];

const resourceOf = (
  change: ResourceChange,
  inspected: InspectedChange,
  configured: Configured,
): PlanSummary["resources"][number] => ({
  ...inspected,
  diff: diffRows(change, configured),
  ...(change.previousAddress === null ? {} : { previousAddress: change.previousAddress }),
});

const diffRows = (change: ResourceChange, configured: Configured): readonly DiffRow[] => {
  if (WITHOUT_DIFF.includes(change.action)) return [];
  const after = fillUnknown(change.after, change.afterUnknown, UNKNOWN);
  const leaves = leafDiffs(change.before, after)
    .filter((leaf) => !saysNothing(leaf, change) && !isRepeatedTag(leaf, change, after))
    .filter((leaf) => !isMerelyComputed(leaf, change, configured));
  return leaves.flatMap((leaf) => splitLeaf(leaf)).map((leaf) => rowOf(leaf, change));
};

// A move, an import and a forget change no value of the object.
const WITHOUT_DIFF: readonly string[] = ["move", "import", "forget"];

// Unset on one side: `false` and 0 are values worth a row where the object is new or goes, and noise where it stays.
const saysNothing = (leaf: LeafDiff, change: ResourceChange): boolean => {
  const [before, after] = [leaf.before ?? leaf.after, leaf.after ?? leaf.before];
  const isFlag = before === after && (before === false || before === 0);
  return isNoise(leaf.before, leaf.after) && !(isFlag && change.action !== "update");
};

// Providers repeat the tags of a resource with their default tags added: one row for both is enough.
const isRepeatedTag = (leaf: LeafDiff, change: ResourceChange, after: Json): boolean => {
  const origin = REPEATED.get(String(leaf.path[0]));
  if (origin === undefined || leaf.path.length < 2) return false;
  const steps = [origin, ...leaf.path.slice(1)];
  return jsonEqual(at(change.before, steps), leaf.before) && jsonEqual(at(after, steps), leaf.after);
};

const REPEATED = new Map([
  ["tags_all", "tags"],
  ["terraform_labels", "labels"],
  ["effective_labels", "labels"],
]);

const at = (value: Json, path: Path): Json =>
  path.reduce<Json>((here, step) => (isJsonObject(here) ? (here[step] ?? null) : null), value);

/** A new object's ids and addresses are always unknown; only what the code sets is worth a row. */
const isMerelyComputed = (leaf: LeafDiff, change: ResourceChange, configured: Configured): boolean => {
  if (change.action !== "create" && change.action !== "replace") return false;
  if (!isMarkedAt(change.afterUnknown, leaf.path) || forcesReplace(leaf.path, change)) return false;
  const known = configured(change.address);
  return known !== undefined && !known.has(String(leaf.path[0]));
};

const forcesReplace = (path: Path, change: ResourceChange): boolean =>
  change.replacePaths.some((forced) => forced.length > 0 && pathsOverlap(forced, path));

/** A JSON text differs inside, a set or a list of another length by its elements. */
const splitLeaf = (leaf: LeafDiff): readonly LeafDiff[] => {
  const inside = [jsonText(leaf.before), jsonText(leaf.after)];
  if (inside[0] !== undefined && inside[1] !== undefined) {
    return leafDiffs(inside[0], inside[1])
      .map((inner) => ({ ...inner, path: [...leaf.path, ...inner.path] }))
      .flatMap(splitLeaf);
  }
  if (isListOrNull(leaf.before) && isListOrNull(leaf.after)) return byElement(leaf);
  return [leaf];
};

const isListOrNull = (value: Json): boolean => value === null || Array.isArray(value);

const byElement = (leaf: LeafDiff): readonly LeafDiff[] => {
  const [before, after] = [itemsOf(leaf.before), itemsOf(leaf.after)];
  const removed = without(before, after).map((item) => ({ path: leaf.path, before: item, after: null }));
  const added = without(after, before).map((item) => ({ path: leaf.path, before: null, after: item }));
  if (removed.length === 1 && added.length === 1) return [{ ...added[0]!, before: removed[0]!.before }];
  // The same elements in another order: only the whole tells.
  return removed.length + added.length > 0 ? [...removed, ...added] : [leaf];
};

const itemsOf = (value: Json): readonly Json[] => (Array.isArray(value) ? value : []);

/** Elements of `items` that `others` lacks, each as often as it is missing. */
const without = (items: readonly Json[], others: readonly Json[]): readonly Json[] => {
  const left = [...others];
  return items.filter((item) => {
    const index = left.findIndex((other) => jsonEqual(item, other));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
};

const rowOf = (leaf: LeafDiff, change: ResourceChange): DiffRow => ({
  path: renderPath(leaf.path),
  ...shortPair(leaf.before, leaf.after),
  sensitive:
    isMarkedWithin(change.beforeSensitive, leaf.path) || isMarkedWithin(change.afterSensitive, leaf.path),
  unknown: isMarkedAt(change.afterUnknown, leaf.path) || leaf.after === UNKNOWN,
  forcesReplace: forcesReplace(leaf.path, change),
});

const isChanged = (output: OutputChange): boolean => output.actions[0] !== "no-op";

const outputRow = (output: OutputChange): DiffRow => ({
  path: "",
  ...shortPair(output.before, fillUnknown(output.after, output.afterUnknown, UNKNOWN)),
  sensitive: isMarkedWithin(output.beforeSensitive, []) || isMarkedWithin(output.afterSensitive, []),
  unknown: isMarkedWithin(output.afterUnknown, []),
  forcesReplace: false,
});
