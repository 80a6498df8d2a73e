import type { Catalogue } from "../model/catalogue.ts";
import type { ResourceChange } from "../model/plan.ts";
import { isNoise, type LeafDiff, leafDiffs } from "../model/value-diff.ts";

/**
 * Where recorded differs from actual; one leaf with the path `""` for a resource that vanished. Left out is what only the
 * provider's way of writing "nothing" changed, such as `null` that became `[]` right after a first apply.
 */
export const driftLeaves = (drift: ResourceChange, catalogue: Catalogue): readonly LeafDiff[] => {
  if (drift.action === "delete") return [{ path: [], before: drift.before, after: null }];
  return leafDiffs(drift.before, drift.after, (path) => catalogue.isSet(drift.type, path)).filter(
    (leaf) => !isNoise(leaf.before, leaf.after, { watched: catalogue.watches(drift.type, leaf.path) }),
  );
};
