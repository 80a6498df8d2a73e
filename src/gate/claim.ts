import { type ChangeClass, worstClass } from "../model/change-class.ts";
import type { GateReason } from "../model/decision.ts";
import type { StatefulClaim } from "../model/stateful-change.ts";
import { missingProof } from "./backup-proof.ts";
import { claimExample } from "./claim-example.ts";
import type { StatefulFacts } from "./stateful-facts.ts";

/**
 * What the author says, held against what was found: a text that cannot be read, a lower class than found, and fields
 * that the class requires. Each reason carries a block to paste.
 */
export const claimGate = (facts: StatefulFacts): readonly GateReason[] => {
  const { claim, problems } = facts.claims;
  const level = demandedClass(facts);
  const rules = facts.governance.classes[level];
  const example = claimExample(facts, level);
  const reasons: GateReason[] = [];
  if (problems.length > 0)
    reasons.push({
      gate: "stateful-change-unreadable",
      message: "The pull request's word on durable state cannot be read.",
      wayOut: "Mend what is named below; this is how a block looks:",
      details: problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)),
      example,
    });
  if (claim?.class && claim.class < facts.pullClass) reasons.push(tooLow(facts, claim.class));
  if (!rules.claim) return reasons;
  if (!claim) return problems.length > 0 ? reasons : [...reasons, missing(level, example)];
  const gaps = [
    ...missingFields(claim, level),
    ...(rules.backupProof ? missingProof(facts, claim, level) : []),
  ];
  return gaps.length === 0 ? reasons : [...reasons, incomplete(level, gaps, example)];
};

/** An author may know of more than can be seen: then their word counts. */
export const demandedClass = ({ pullClass, claims }: StatefulFacts): ChangeClass =>
  worstClass([pullClass, claims.claim?.class ?? "R0"]);

const tooLow = ({ pullClass, changes }: StatefulFacts, claimed: string): GateReason => ({
  gate: "stateful-change-too-low",
  message: `The author says ${claimed}, and ${pullClass} was found.`,
  wayOut: `Say \`class: ${pullClass}\`, or take out what makes it so.`,
  details: changes
    .filter((one) => one.class > claimed)
    .map(({ class: level, place, message }) => `${level} ${place}: ${message}`),
});

const missing = (level: ChangeClass, example: string): GateReason => ({
  gate: "stateful-change-missing",
  message: `Class ${level} changes durable state, and the pull request does not say how.`,
  wayOut: "Fill in this block and put it into the pull request's description or a `migration-metadata.yaml`:",
  example,
});

const incomplete = (level: ChangeClass, gaps: readonly string[], example: string): GateReason => ({
  gate: "stateful-change-incomplete",
  message: `Class ${level} requires more than the \`stateful_change\` block says.`,
  wayOut: "Add what is named; the whole block looks like this:",
  details: gaps,
  example,
});

/** What every class that takes a claim must say; keys as they are written. */
const missingFields = (claim: StatefulClaim, level: ChangeClass): readonly string[] => {
  const gaps: string[] = [];
  if (claim.class === null) gaps.push("class");
  if (claim.durableSystems.length === 0) gaps.push("durable_systems");
  if (claim.phases.length === 0) gaps.push("phase");
  if (claim.compatibility.oldReadsNew === null) gaps.push("compatibility.old_app_reads_new_schema");
  if (claim.compatibility.newReadsOld === null && claim.sources.includes("pull request"))
    gaps.push("compatibility.new_app_reads_old_schema");
  if (claim.rollbackBoundary === null && claim.compatibility.rollbackSafeUntil === null)
    gaps.push("rollback_boundary or compatibility.rollback_safe_until");
  if (level === "R5" && claim.migration.plan === null) gaps.push("migration.plan");
  return gaps;
};
