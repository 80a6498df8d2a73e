import type { Evidence } from "../config/evidence-schema.ts";
import { isUntold } from "../config/stateful-change.ts";
import type { StatefulClaim } from "../model/stateful-change.ts";

/** What the author says can be restored; null where nothing was said. */
export const backupOf = (claim: StatefulClaim | null): Evidence["backup"] => {
  if (!claim || Object.values(claim.backup).every((value) => value === null || isUntold(value))) return null;
  const { takenAt, restoreTest, rtoMs: _rto, rpoMs: _rpo, ...rest } = claim.backup;
  return {
    ...rest,
    takenAt: takenAt?.toISOString() ?? null,
    restoreTest: { ...restoreTest, at: restoreTest.at?.toISOString() ?? null },
  };
};

/** Which way back there is, and whether the point of no return is behind. */
export const recoveryOf = (
  claim: StatefulClaim | null,
  now: Date,
  codeBefore: string | null,
): Evidence["recovery"] => {
  const until = claim?.compatibility.rollbackSafeUntil ?? null;
  const oldWorks = claim?.compatibility.oldReadsNew ?? null;
  const crossed = oldWorks === false ? true : until ? now > until : oldWorks === true ? false : null;
  return {
    rollbackBoundary: claim?.rollbackBoundary ?? null,
    rollbackSafeUntil: until?.toISOString() ?? null,
    crossed,
    ...wayBack(claim, crossed),
    codeBefore,
  };
};

const wayBack = (
  claim: StatefulClaim | null,
  crossed: boolean | null,
): Pick<Evidence["recovery"], "path" | "by"> => {
  if (claim?.recovery) return { by: "author", path: claim.recovery };
  const { id, restoreRealistic } = claim?.backup ?? { id: null, restoreRealistic: null };
  if (id !== null && restoreRealistic !== false)
    return { by: "backup", path: `Restore of the backup ${id}.` };
  if (crossed === false)
    return {
      by: "compatibility",
      path: "The version before works with what was applied: roll back, and apply the code before.",
    };
  return {
    by: "nobody",
    path: "Nobody named one: apply the code before, which brings no data back.",
  };
};
