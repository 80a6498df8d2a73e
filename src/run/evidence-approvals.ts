import type { Evidence } from "../config/evidence-schema.ts";
import { countedApprovals, requiredRoles } from "../gate/approvals.ts";
import type { StatefulFacts } from "../gate/stateful-facts.ts";
import { placeText } from "../model/finding.ts";
import { isJsonObject } from "../model/json.ts";
import type { ApprovalRow } from "../ports/ledger.ts";
import type { Scratch } from "./frame.ts";
import type { World } from "./world.ts";

/** Approvals as they were judged, and whatever else people said of this plan: overrides of drift, policies, freezes. */
export const approvalsOf = async (
  world: World,
  { run }: Pick<Scratch, "run">,
  stateful: StatefulFacts | null,
): Promise<Evidence["approvals"]> => {
  const rows = run.pull ? await world.ledger.approvals.list(run.pull) : [];
  const mine = rows.filter((row) => row.workspace === null || row.workspace === run.workspace);
  const reasonOf = await overrideReasons(world, run.workspace, mine);
  const said = mine.map((row) => ({ ...saidOf(row), reason: reasonOf(row) }));
  if (!stateful || stateful.approvers.given.length === 0) return said;
  const { counted, ignored } = countedApprovals(stateful.approvers);
  const judged = [
    ...counted.map((approval) => ({ approval, why: null })),
    ...ignored.map(({ approval, why }) => ({ approval, why })),
  ];
  return [
    ...judged.map(({ approval: { by, how, at, head, digest }, why }) => ({
      by,
      kind: "approve",
      how,
      at: at.toISOString(),
      head,
      digest,
      counted: why === null,
      why,
      roles: why === null ? rolesOf(by, stateful) : [],
      reason: null,
      places: null,
    })),
    ...said.filter(({ kind }) => kind !== "approve"),
  ];
};

/** The row says who set a freeze aside, the audit why. */
const overrideReasons = async (
  { ledger }: World,
  workspace: string,
  rows: readonly ApprovalRow[],
): Promise<(row: ApprovalRow) => string | null> => {
  const isOverride = ({ kind }: ApprovalRow): boolean => kind === "override-freeze";
  const trail = rows.some(isOverride) ? await ledger.audit.list({ subject: workspace }) : [];
  return (row) => {
    const entry = trail.find(
      ({ action, actor, at }) =>
        isOverride(row) && action === row.kind && actor === row.by && at.getTime() === row.at.getTime(),
    );
    const reason = isJsonObject(entry?.details) ? entry.details["reason"] : null;
    return typeof reason === "string" ? reason : null;
  };
};

const saidOf = ({
  by,
  kind,
  at,
  head,
  digest,
  voidedAt,
  paths,
}: ApprovalRow): Omit<Evidence["approvals"][number], "reason"> => ({
  by,
  kind,
  how: "comment",
  at: at.toISOString(),
  head,
  digest,
  counted: voidedAt === null,
  why: voidedAt === null ? null : "voided by a later head or plan",
  roles: [],
  places: kind === "revert-drift" ? paths.map(placeText) : null,
});

const rolesOf = (by: string, stateful: StatefulFacts): string[] =>
  requiredRoles(stateful).filter((role) => {
    const members = stateful.approvers.members[role] ?? { kind: "anybody" };
    return members.kind === "anybody" || members.logins.has(by.toLowerCase());
  });
