import type { Catalogue } from "../model/catalogue.ts";
import type { Plan, ResourceChange } from "../model/plan.ts";
import { isNoise, type LeafDiff, leafDiffs } from "../model/value-diff.ts";

/**
 * The drift entries that say something: `resource_drift` also lists what only the provider's way of writing
 * "nothing" changed, such as `null` that became `[]` right after a first apply.
 */
export const realDrift = (plan: Plan, catalogue: Catalogue): readonly ResourceChange[] =>
  plan.drift.filter((entry) => entry.previousAddress !== null || driftLeaves(entry, catalogue).length > 0);

/** Where recorded differs from actual, noise removed; one leaf with the path `""` for a resource that vanished. */
export const driftLeaves = (drift: ResourceChange, catalogue: Catalogue): readonly LeafDiff[] => {
  if (drift.action === "delete") return [{ path: [], before: drift.before, after: null }];
  return leafDiffs(drift.before, drift.after, (path) => catalogue.isSet(drift.type, path)).filter(
    (leaf) => !isNoise(leaf.before, leaf.after, { watched: catalogue.watches(drift.type, leaf.path) }),
  );
};
