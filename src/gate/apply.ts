import { ALLOWED, type Decision, deny, type GateReason } from "../model/decision.ts";
import { placeText } from "../model/finding.ts";
import { waysOutText } from "../model/half-way.ts";
import { HALF_WAY } from "../model/migration.ts";
import type { ApplyFacts } from "./apply-facts.ts";
import { hasApprovedFresh, shortDigest, triggerOf } from "./apply-facts.ts";
import { freezeGate } from "./freeze.ts";
import { openDenials } from "./policies.ts";
import { requirementGates } from "./requirements.ts";
import { silentRevert } from "./silent-revert.ts";
import { statefulGates } from "./stateful.ts";

/**
 * May this plan be applied now? Every rule is asked and each one that denies gives its reason and the way out, so
 * that a person mends all of it at once. In `comment` mode only the rules that keep the apply sound are asked.
 */
export const applyGate = (facts: ApplyFacts): Decision => {
  const rules = facts.mode === "comment" ? SOUND : [...SOUND, ...JUDGED];
  const reasons = rules.flatMap((rule) => rule(facts));
  return reasons.length === 0 ? ALLOWED : deny(...reasons);
};

type Rule = (facts: ApplyFacts) => readonly GateReason[];

const observe: Rule = ({ mode }) =>
  mode === "observe"
    ? [
        {
          gate: "mode-observe",
          message: "This server only observes: it applies nothing.",
          wayOut: "Apply as you do today, or ask an operator to set `mode: enforce`.",
        },
      ]
    : [];

const frozen: Rule = (facts) =>
  facts.frozen
    ? [
        {
          gate: "frozen",
          message: `The workspace is frozen: ${facts.frozen.why}.`,
          wayOut: wayOutOf(facts.frozen.why, triggerOf(facts)),
        },
      ]
    : [];

const wayOutOf = (why: string, trigger: string): string => {
  if (why === "state-unsaved")
    return `Comment \`${trigger} state push\`: it writes the state that the last apply could not save. It says what to do where another state overtook it.`;
  if (why === HALF_WAY) return `A migration failed half-way. ${waysOutText(trigger)}`;
  return "Ask an operator to look at the last apply of this workspace and to unfreeze it.";
};

const locked: Rule = (facts) => {
  const holder = facts.lockHolder;
  if (!holder) return [];
  return [
    {
      gate: "locked",
      message: `Pull request #${holder.number} holds the lock of this workspace.`,
      wayOut: `Merge or close #${holder.number}, or comment \`${triggerOf(facts)} unlock\` there.`,
    },
  ];
};

const errored: Rule = (facts) =>
  facts.errored
    ? [
        {
          gate: "errored",
          message: "The engine could not finish this plan, so it shows only a part of what would happen.",
          wayOut: `Mend the error that the plan shows, then comment \`${triggerOf(facts)} plan\`.`,
        },
      ]
    : [];

const wrongBranch: Rule = (facts) =>
  facts.baseBranchAllowed !== false
    ? []
    : [
        {
          gate: "wrong-branch",
          message: "Only merges into the deploy branch are applied; this pull request has another base.",
          wayOut: "Open a pull request into the deploy branch.",
        },
      ];

/** What is applied is what was reviewed. A revert is asked for by name and has no plan that was reviewed before. */
const planChanged: Rule = (facts) => {
  if (facts.intent === "revert" || hasApprovedFresh(facts)) return [];
  if (facts.reviewed?.digest === facts.fresh.digest) return [];
  const [trigger, digest] = [triggerOf(facts), shortDigest(facts.fresh.digest)];
  return [
    {
      gate: "plan-changed",
      message: facts.reviewed
        ? "The plan is not the one that was reviewed any more."
        : "Nobody has seen this plan yet: there is no reviewed plan to compare it with.",
      wayOut: `Look at the new plan; then comment \`${trigger} approve ${digest}\` and \`${trigger} apply\`.`,
      ...(facts.changedPaths.length > 0 ? { details: facts.changedPaths } : {}),
    },
  ];
};

/** Code that waits on the deploy branch was not asked for by whoever asks for a revert. */
const beyond: Rule = (facts) => {
  const places = facts.beyondDrift ?? [];
  if (facts.intent !== "revert" || places.length === 0 || hasApprovedFresh(facts)) return [];
  const [trigger, digest] = [triggerOf(facts), shortDigest(facts.fresh.digest)];
  return [
    {
      gate: "beyond-drift",
      message:
        "This would apply more than the drift that it reverts: the code holds changes that wait to be applied.",
      wayOut: `Name what to revert: \`${trigger} revert ADDRESS\`; or somebody other than the author comments \`${trigger} approve ${digest}\`, then \`${trigger} revert\` again.`,
      details: places.map(placeText),
    },
  ];
};

const destructive: Rule = (facts) => {
  const irreversible = facts.class === "R4" || facts.class === "R5";
  if ((facts.destructive.length === 0 && !irreversible) || hasApprovedFresh(facts)) return [];
  const unknown = facts.destructive.some((change) => change.action === "unknown");
  const [trigger, digest] = [triggerOf(facts), shortDigest(facts.fresh.digest)];
  return [
    {
      gate: "destructive",
      message: unknown
        ? "The plan holds an action that Plumbline does not know, and treats it as destructive."
        : `The plan destroys or weakens durable state (class ${facts.class}).`,
      wayOut: `Somebody other than the author comments \`${trigger} approve ${digest}\`; then \`${trigger} apply\`.`,
      ...(facts.destructive.length > 0 ? { details: facts.destructive.map(destroyed) } : {}),
    },
  ];
};

const destroyed = ({ action, address, deposed }: ApplyFacts["destructive"][number]): string =>
  `${action} ${address}${deposed ? ` (deposed ${deposed})` : ""}`;

const policies: Rule = (facts) => {
  const denied = openDenials(facts.policyDenied ?? [], facts.approvals, facts.fresh.digest);
  if (denied.length === 0) return [];
  return [
    {
      gate: "policy",
      message: "Policies deny this plan.",
      wayOut: `Mend what they name, or let a policy owner comment \`${triggerOf(facts)} approve_policies\`.`,
      details: denied.map(({ policy, message }) => `${policy}: ${message}`),
    },
  ];
};

const frozenNow: Rule = ({ freeze }) => (freeze ? freezeGate(freeze) : []);
const durableState: Rule = ({ stateful }) => (stateful ? statefulGates(stateful) : []);

/** Without these an apply would not be sound in any mode. */
const SOUND: readonly Rule[] = [
  observe,
  frozen,
  frozenNow,
  locked,
  errored,
  wrongBranch,
  planChanged,
  beyond,
];
/** These are judgements that `mode: comment` leaves to people. */
const JUDGED: readonly Rule[] = [silentRevert, destructive, durableState, policies, requirementGates];
