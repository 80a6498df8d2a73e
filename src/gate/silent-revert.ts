import type { GateReason } from "../model/decision.ts";
import { isByHand, type OpenFinding, placeText } from "../model/finding.ts";
import { jsonEqual } from "../model/json.ts";
import { type Path, parsePath, pathsOverlap, renderPath } from "../model/path.ts";
import type { Plan, ResourceChange, RevertedPath } from "../model/plan.ts";
import { isMarkedWithin, isNoise, leafDiffs, valueAt } from "../model/value-diff.ts";
import { type ApplyFacts, type Place, triggerOf } from "./apply-facts.ts";

/**
 * The places of open findings that applying this plan would undo: it writes at or around the path, whatever value,
 * or deletes, replaces or creates the resource. Only what somebody's hand made counts: merged code that waits to be
 * applied is meant to be written. `exact` where the recorded value comes back.
 */
export const revertedBy = (plan: Plan, open: readonly OpenFinding[]): readonly RevertedPath[] => {
  const writing = plan.changes.filter(
    (change) => change.mode === "managed" && change.deposed === null && !UNTOUCHED.has(change.action),
  );
  return open.filter(isByHand).flatMap((finding) => {
    const touching = writing.filter(
      (change) => change.address === finding.address || change.previousAddress === finding.address,
    );
    const path = parsePath(finding.path) ?? [];
    const undoing = touching.filter((change) => undoes(change, path));
    if (undoing.length === 0) return [];
    const place = { address: finding.address, path: finding.path };
    return [undoing.every((change) => writesBack(change, path, finding)) ? { ...place, exact: true } : place];
  });
};

// A forgotten object stays as it is; only the state loses it.
const UNTOUCHED: ReadonlySet<string> = new Set(["no-op", "read", "move", "import", "forget"]);

const undoes = (change: ResourceChange, path: Path): boolean => {
  if (change.action !== "update" || path.length === 0) return true;
  if (isMarkedWithin(change.afterUnknown, path)) return true;
  return leafDiffs(change.before, change.after).some(
    (leaf) => pathsOverlap(leaf.path, path) && !isNoise(leaf.before, leaf.after),
  );
};

/**
 * What applying this plan would write beyond these findings: code that waits to be applied, or the world around it.
 * A revert undoes what somebody's hand made and nothing else.
 */
export const beyondDrift = (plan: Plan, open: readonly OpenFinding[]): readonly Place[] =>
  plan.changes
    .filter((change) => change.mode === "managed" && !UNTOUCHED.has(change.action))
    .flatMap((change) => {
      const found = open.filter((finding) => finding.address === change.address && isByHand(finding));
      const paths = found.map((finding) => parsePath(finding.path) ?? []);
      return writtenBy(change)
        .filter((path) => !paths.some((known) => pathsOverlap(known, path)))
        .map((path) => ({ address: change.address, path: renderPath(path) }));
    });

const writtenBy = (change: ResourceChange): readonly Path[] => {
  if (change.action !== "update" && change.action !== "replace") return [[]];
  return leafDiffs(change.before, change.after)
    .filter((leaf) => !isNoise(leaf.before, leaf.after) && !isMarkedWithin(change.afterUnknown, leaf.path))
    .map((leaf) => leaf.path);
};

const writesBack = (change: ResourceChange, path: Path, finding: OpenFinding): boolean =>
  change.action === "update" &&
  !finding.sensitive &&
  !isMarkedWithin(change.afterUnknown, path) &&
  jsonEqual(valueAt(change.after, path) ?? null, finding.recorded);

/** Decision 4: nobody's live change is undone unless a person says so, for these very paths of this very plan. */
export const silentRevert = (facts: ApplyFacts): readonly GateReason[] => {
  const left = facts.overriddenDrift.filter((place) => !isPermitted(facts, place));
  if (left.length === 0) return [];
  const what = left.length === 1 ? "a live change" : `${left.length} live changes`;
  return [
    {
      gate: "silent-revert",
      message: `Applying this would undo ${what} that somebody made outside of Git.`,
      wayOut: `Merge the drift pull request to keep it, or comment \`${triggerOf(facts)} apply --revert-drift\` to undo it.`,
      details: left.map(placeText),
    },
  ];
};

const isPermitted = (facts: ApplyFacts, place: Place): boolean => {
  if (facts.intent === "revert") {
    const allowed = facts.revertDriftAllowed ?? "all";
    return allowed === "all" || allowed.some((one) => coversPlace(one, place));
  }
  return facts.approvals.some(
    (approval) =>
      approval.kind === "revert-drift" &&
      approval.digest === facts.fresh.digest &&
      approval.paths.some((one) => coversPlace(one, place)),
  );
};

const coversPlace = (given: Place, asked: Place): boolean =>
  given.address === asked.address && (given.path === asked.path || (given.path === "" && asked.path !== ""));
