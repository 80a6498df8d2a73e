import type { GateReason } from "../model/decision.ts";
import type { ApproverFacts, GivenApproval, RoleMembers, StatefulFacts } from "./stateful-facts.ts";

export interface CountedApprovals {
  readonly counted: readonly GivenApproval[];
  readonly ignored: readonly { readonly approval: GivenApproval; readonly why: string }[];
}

/**
 * Which approvals count: bound to this head and plan, given when plan and evidence were there as they are now, by
 * somebody who may and did not push, and not taken back by a later "changes requested" of anybody who may approve.
 */
export const countedApprovals = (facts: ApproverFacts): CountedApprovals => {
  const counted: GivenApproval[] = [];
  const ignored: { approval: GivenApproval; why: string }[] = [];
  for (const approval of facts.given) {
    const why = whyNot(approval, facts);
    if (why === null) counted.push(approval);
    else ignored.push({ approval, why });
  }
  return { counted, ignored };
};

const whyNot = (approval: GivenApproval, facts: ApproverFacts): string | null => {
  const by = approval.by.toLowerCase();
  if ([...facts.excluded].some((login) => login.toLowerCase() === by)) return "wrote or pushed it";
  if (!isIn(facts.permitted, approval.by)) return "may not approve here";
  if (approval.head !== facts.head) return "given for another head";
  if (approval.digest !== null && approval.digest !== facts.digest) return "given for another plan";
  if (latest(approval) < facts.since) return "given before this plan and this evidence were there";
  const later = facts.objections.find(
    (one) => endOfSecond(one.at) > approval.at && isIn(facts.permitted, one.by),
  );
  return later ? `@${later.by} asked for changes after it` : null;
};

/** Forges tell whole seconds: what happened within one may have happened at its end. */
const endOfSecond = (at: Date): Date => new Date(Math.floor(at.getTime() / 1000) * 1000 + 999);
const latest = ({ how, at }: GivenApproval): Date => (how === "review" ? endOfSecond(at) : at);

const isIn = (set: ReadonlySet<string>, login: string): boolean =>
  [...set].some((one) => one.toLowerCase() === login.toLowerCase());

/** One reason for all roles that nobody has approved for yet. */
export const approvalGate = (facts: StatefulFacts): readonly GateReason[] => {
  const { counted, ignored } = countedApprovals(facts.approvers);
  const open = requiredRoles(facts).filter((role) => approverOf(role, facts, counted) === null);
  if (open.length === 0) return [];
  return [
    {
      gate: "approvals-missing",
      message: `Class ${facts.class} takes an approval by ${open.join(", ")}.`,
      wayOut: `Ask them for a review of this head, or let them comment \`${facts.trigger} approve ${shortOf(facts)}\`${forPlace(facts, "`")}.`,
      details: [
        ...open.map((role) => `${role}: ${whoIs(facts, facts.approvers.members[role])}`),
        ...ignored.map(({ approval, why }) => `does not count: ${approval.by}, ${why}`),
      ],
    },
  ];
};

/** One pull request may have several plans, each with an approval of its own. */
const forPlace = ({ workspace: { dir, name } }: StatefulFacts, quote = ""): string =>
  dir === "" ? "" : ` for ${quote}${name === "default" ? dir : `${dir}#${name}`}${quote}`;

const shortOf = ({ approvers }: StatefulFacts): string =>
  approvers.digest === null ? "DIGEST" : approvers.digest.replace(/^pd1:/, "").slice(0, 12);

/** Who stands for each role that the class, its rules and the author ask for; null where nobody has approved yet. */
export const approvalsByRole = (
  facts: StatefulFacts,
): readonly { readonly role: string; readonly by: string | null }[] => {
  const { counted } = countedApprovals(facts.approvers);
  return requiredRoles(facts).map((role) => ({ role, by: approverOf(role, facts, counted)?.by ?? null }));
};

const approverOf = (
  role: string,
  { approvers }: StatefulFacts,
  counted: readonly GivenApproval[],
): GivenApproval | null => {
  const members = approvers.members[role] ?? { kind: "anybody" };
  if (members.kind === "anybody") return counted[0] ?? null;
  return counted.find(({ by }) => members.logins.has(by.toLowerCase())) ?? null;
};

const whoIs = (facts: StatefulFacts, members: RoleMembers | undefined): string => {
  if (!members || members.kind === "anybody") return "anybody who may approve (nobody is named for the role)";
  const unread =
    members.unread.length > 0 ? `; members of ${members.unread.join(", ")} could not be read` : "";
  return `${members.names.join(", ")}${forPlace(facts)}${unread}`;
};

/** Roles of the class, roles that a rule calls for from R3 on, and those that the author asks for and that exist. */
export const requiredRoles = ({
  class: level,
  changes,
  governance,
  claims,
}: StatefulFacts): readonly string[] => {
  const byClass = governance.classes[level].approvals;
  if (byClass.length === 0) return [];
  const byRule = changes
    .filter((one) => one.class >= "R3")
    .flatMap(({ rule }) =>
      RULE_ROLES.filter(([pattern]) => pattern.test(rule)).flatMap(([, roles]) => roles),
    );
  const asked = (claims.claim?.approvals ?? []).filter((role) => Object.hasOwn(governance.roles, role));
  return [...new Set([...byClass, ...byRule, ...asked])];
};

/** Who must look at what, whatever its class: retention is the data owner's, keys and openings are security's. */
const RULE_ROLES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/retention|expiry|versioning|cleanup-policy|object-lock|audit/, ["data-owner", "security"]],
  [/key|kms|encrypt/, ["security", "platform"]],
  [/public|opened|world|trust|admin-granted|all-allowed|protection-removed/, ["security"]],
  [/partitions|replication|min-insync/, ["service-owner", "platform"]],
  [/^sql-(drop|truncate|delete)|^migration-(drop|delete)|^manifest-deleted/, ["data-owner"]],
];
