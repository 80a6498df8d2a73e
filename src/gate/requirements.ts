import type { GateReason } from "../model/decision.ts";
import { type ApplyFacts, hasApprovedFresh, shortDigest, triggerOf } from "./apply-facts.ts";

/**
 * What the configuration requires of a pull request. After the merge there is nothing left to merge or rebase, so
 * only the approval counts then; a revert is nobody's pull request.
 */
export const requirementGates = (facts: ApplyFacts): readonly GateReason[] => {
  if (facts.intent === "revert") return [];
  const asked = new Set(facts.requirements);
  const reasons: GateReason[] = [];
  if (asked.has("approved") && !facts.approved && !hasApprovedFresh(facts)) reasons.push(notApproved(facts));
  if (facts.intent === "merge") return reasons;
  if (asked.has("mergeable") && facts.mergeable !== true) reasons.push(notMergeable(facts));
  if (asked.has("undiverged") && !facts.undiverged) reasons.push(diverged);
  return reasons;
};

const notApproved = (facts: ApplyFacts): GateReason => ({
  gate: "not-approved",
  message: "Nobody who may has approved this head yet.",
  wayOut: `Ask for a review, or let somebody comment \`${triggerOf(facts)} approve ${shortDigest(facts.fresh.digest)}\`.`,
});

const notMergeable = (facts: ApplyFacts): GateReason => ({
  gate: "not-mergeable",
  message:
    facts.mergeable === null
      ? "The forge has not said yet whether this pull request can be merged."
      : "The pull request cannot be merged: conflicts, or a required check that has not passed.",
  wayOut: `Mend that on the pull request, then comment \`${triggerOf(facts)} apply\` again.`,
});

const diverged: GateReason = {
  gate: "diverged",
  message: "The base branch has moved on since this head was made.",
  wayOut: "Merge or rebase the base branch into this pull request; it is planned again by itself.",
};
