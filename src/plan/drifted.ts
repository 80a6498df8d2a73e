import type { Catalogue } from "../model/catalogue.ts";
import { renderPath } from "../model/path.ts";
import type { Plan, ResourceChange, RevertedPath } from "../model/plan.ts";
import { isMarkedWithin, isNoise, type LeafDiff, valueAt } from "../model/value-diff.ts";
import { driftLeaves } from "./noise.ts";

/**
 * The drift that applying this plan would take away: each drifted leaf path whose actual value the plan changes,
 * and `""` for a vanished resource that it creates again. `exact` where the recorded value is written back.
 */
export const revertedPaths = (
  plan: Pick<Plan, "changes" | "drift">,
  catalogue: Catalogue,
): readonly RevertedPath[] => {
  if (plan.drift.length === 0) return [];
  const touched = plan.changes.filter((change) => !UNTOUCHED.includes(change.action));
  const changes = Map.groupBy(touched, keyOf);
  const moved = Map.groupBy(touched.filter(isMoved), (change) => change.previousAddress);
  return plan.drift.flatMap((drift) => {
    const touching = [...(changes.get(keyOf(drift)) ?? []), ...(moved.get(drift.address) ?? [])];
    if (drift.action === "delete") return createdAgain(drift, touching);
    return driftLeaves(drift, catalogue).flatMap((leaf) => reverted(drift, leaf, touching, catalogue));
  });
};

// A forgotten object stays as it is; only the state loses it.
const UNTOUCHED = ["no-op", "read", "move", "import", "forget"];

const keyOf = (change: ResourceChange): string => `${change.deposed ?? ""} ${change.address}`;

const isMoved = (change: ResourceChange): boolean =>
  change.previousAddress !== null && change.previousAddress !== change.address;

const createdAgain = (drift: ResourceChange, touching: readonly ResourceChange[]): readonly RevertedPath[] =>
  touching.some((change) => change.actions.includes("create")) ? [{ address: drift.address, path: "" }] : [];

const reverted = (
  drift: ResourceChange,
  leaf: LeafDiff,
  touching: readonly ResourceChange[],
  catalogue: Catalogue,
): readonly RevertedPath[] => {
  const changing = touching.filter((change) => changesLeaf(change, leaf, catalogue));
  if (changing.length === 0) return [];
  const place = { address: drift.address, path: renderPath(leaf.path) };
  return [changing.every((change) => writesBack(change, leaf)) ? { ...place, exact: true } : place];
};

const changesLeaf = (change: ResourceChange, leaf: LeafDiff, catalogue: Catalogue): boolean => {
  if (!KNOWN.includes(change.action)) return true;
  if (isMarkedWithin(change.afterUnknown, leaf.path)) return true;
  const watched = catalogue.watches(change.type, leaf.path);
  return !isNoise(leaf.after, valueAt(change.after, leaf.path), { watched });
};

// A delete takes every path away, and what an unknown action does nobody knows.
const KNOWN = ["create", "update", "replace"];

const writesBack = (change: ResourceChange, leaf: LeafDiff): boolean =>
  KNOWN.includes(change.action) &&
  !isMarkedWithin(change.afterUnknown, leaf.path) &&
  isNoise(leaf.before, valueAt(change.after, leaf.path));
