import type { Catalogue } from "../model/catalogue.ts";
import { worstClass } from "../model/change-class.ts";
import { renderPath } from "../model/path.ts";
import type { InspectedChange, Inspection, Plan, ResourceChange } from "../model/plan.ts";
import { configuredExpressions } from "./configured.ts";
import { revertedPaths } from "./drifted.ts";
import { driftLeaves } from "./noise.ts";
import { readPlans } from "./read.ts";

/**
 * Reads and judges the text of `show -json`. Several plans in one text (Terragrunt) are inspected one by one and
 * told together, so that nothing in the file stays unseen. Throws as `readPlan` does.
 */
export const inspectPlanText = (text: string, catalogue: Catalogue): Inspection => {
  const inspections = readPlans(text).map((plan) => inspectPlan(plan, catalogue));
  return inspections.length === 1 ? inspections[0]! : together(inspections);
};

/** Judges a plan: counts, class, each change with its reasons, drift, and the drift that it would take back. */
export const inspectPlan = (plan: Plan, catalogue: Catalogue): Inspection => {
  const judged = startJudging(catalogue);
  for (const change of plan.changes) judged.add(change);
  return judged.end(plan);
};

/** What is told of a plan beside its changes; `changes` may lack those that touch nothing that drifted. */
export type Judged = Pick<Plan, "formatVersion" | "errored" | "drift" | "changes" | "configuration">;

/** Judges one change after another and keeps only what is told of each. */
export const startJudging = (catalogue: Catalogue) => {
  const changes: InspectedChange[] = [];
  const counts: Counted = { ...NO_COUNTS };
  const waiting = new Map<number, ResourceChange>();
  return {
    add: (change: ResourceChange): void => {
      count(change, counts);
      if (catalogue.asksCode(change)) waiting.set(changes.length, change);
      changes.push(inspectChange(change, catalogue));
    },
    /** Whether `end` must be given the plan's configuration. */
    asksCode: (): boolean => waiting.size > 0,
    end: (plan: Judged): Inspection => {
      const expressionsOf = configuredExpressions(waiting.size > 0 ? plan.configuration : null);
      for (const [index, change] of waiting) {
        const written = expressionsOf(change.address);
        if (written) changes[index] = inspectChange({ ...change, written }, catalogue);
      }
      return toldOf(plan, changes, counts, catalogue);
    },
  };
};

const toldOf = (
  plan: Judged,
  changes: readonly InspectedChange[],
  counts: Counts,
  catalogue: Catalogue,
): Inspection => ({
  formatVersion: plan.formatVersion,
  errored: plan.errored,
  counts: { ...counts, drift: plan.drift.length },
  class: worstClass(changes.map((change) => change.class)),
  changes,
  drift: plan.drift.map((entry) => ({
    address: entry.address,
    ...(entry.deposed === null ? {} : { deposed: entry.deposed }),
    type: entry.type,
    action: entry.action,
    paths: driftLeaves(entry, catalogue).map((leaf) => renderPath(leaf.path)),
  })),
  revertsDrift: revertedPaths(plan, catalogue),
});

const inspectChange = (change: ResourceChange, catalogue: Catalogue): InspectedChange => ({
  address: change.address,
  ...(change.deposed === null ? {} : { deposed: change.deposed }),
  type: change.type,
  provider: change.provider,
  actions: change.actions,
  action: change.action,
  ...catalogue.classify(change),
});

type Counts = Inspection["counts"];
type Counted = { -readonly [name in keyof Counts]: Counts[name] };

const count = (change: ResourceChange, counts: Counted): void => {
  if (change.mode === "data") counts.read += 1;
  if (change.mode !== "managed") return;
  if (change.previousAddress !== null) counts.move += 1;
  if (change.importing !== null) counts.import += 1;
  const name = COUNTED[change.action];
  if (name !== undefined) counts[name] += 1;
};

const NO_COUNTS: Counts = {
  create: 0,
  update: 0,
  delete: 0,
  replace: 0,
  forget: 0,
  read: 0,
  noop: 0,
  move: 0,
  import: 0,
  drift: 0,
};

// A move and an import are counted by what they carry, whatever else happens to the resource.
const COUNTED: { readonly [action: string]: keyof Counts } = {
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  forget: "forget",
  "no-op": "noop",
};

const together = (inspections: readonly Inspection[]): Inspection => ({
  formatVersion: inspections[0]!.formatVersion,
  documents: inspections.length,
  errored: inspections.some((one) => one.errored),
  counts: inspections.map((one) => one.counts).reduce(sum),
  class: worstClass(inspections.map((one) => one.class)),
  changes: inspections.flatMap((one) => one.changes),
  drift: inspections.flatMap((one) => one.drift),
  revertsDrift: inspections.flatMap((one) => one.revertsDrift),
});

const sum = (left: Counts, right: Counts): Counts =>
  Object.fromEntries(
    (Object.keys(NO_COUNTS) as (keyof Counts)[]).map((name) => [name, left[name] + right[name]]),
  ) as Counts;
