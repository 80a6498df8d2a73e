import { createHash } from "node:crypto";
import type { Evidence } from "../config/evidence-schema.ts";
import { countedApprovals, requiredRoles } from "../gate/approvals.ts";
import { demandedClass } from "../gate/claim.ts";
import type { StatefulFacts } from "../gate/stateful-facts.ts";
import { placeText } from "../model/finding.ts";
import { isJsonObject } from "../model/json.ts";
import type { PolicyVerdict, SetMessage } from "../model/policy.ts";
import type { Run } from "../model/run.ts";
import type { StatefulClaim } from "../model/stateful-change.ts";
import type { ApprovalRow } from "../ports/ledger.ts";
import { contextOfChanges } from "../risk/context-judgement.ts";
import type { ApplyOutcome, StateVersion } from "./apply-outcome.ts";
import type { Scratch } from "./frame.ts";
import type { SavedPlan } from "./plan-step.ts";
import type { CheckedOut } from "./prepare.ts";
import { keptPullFiles, type PullFiles } from "./pull-files.ts";
import type { World } from "./world.ts";

/**
 * The bundle that answers later who approved, what changed, when, by which identity, what it was before and after, what
 * the verification proved, and which way back there was. It holds no value of any resource.
 */
export const buildEvidence = async (
  world: World,
  scratch: Pick<Scratch, "run" | "lease">,
  prepared: CheckedOut,
  saved: SavedPlan,
  { before, applied, verified, health = null }: ApplyOutcome,
): Promise<Evidence> => {
  const { run, lease } = scratch;
  const { stateful } = before;
  const claim = stateful?.claims.claim ?? null;
  const pull = run.pull ? `${run.pull.repo}#${run.pull.number}` : null;
  const files = run.pull && run.head ? await keptPullFiles(world, run.pull, run.head) : null;
  const now = world.clock.now();
  return {
    version: 4,
    changeId: claim?.changeId ?? pull ?? run.id,
    run: run.id,
    workspace: run.workspace,
    pull,
    outcome: applied.failed ? "failed" : applied.skipped ? "nothing-to-do" : "applied",
    commits: { head: run.head, base: run.base, applied: prepared.tree.commit },
    plan: {
      digest: saved.digest.digest,
      sha256: sha256(saved.json),
      inputs: saved.inputTree,
      lockFile: saved.lockFileHash,
    },
    files: [
      ...(files?.metadata ?? []).map(({ path, text }) => ({ path, sha256: sha256(text) })),
      ...(files?.checksums ?? []),
    ],
    class: {
      found: saved.inspection.class,
      claimed: claim?.class ?? null,
      counted: stateful ? demandedClass(stateful) : saved.inspection.class,
    },
    changes: changesOf(saved),
    findings: (stateful?.changes ?? [])
      .filter((one) => one.system === undefined)
      .map(({ place, class: level, rule, message }) => ({ place, class: level, rule, message })),
    stateBefore: versioned(before.state),
    stateAfter: versioned(applied.skipped ? before.state : verified.state),
    approvals: await approvalsOf(world, scratch, stateful),
    policies: policiesOf(before.policies),
    systems: [...(claim?.durableSystems ?? [])],
    context: JSON.parse(
      JSON.stringify(contextOfChanges(saved.context, saved.inspection)),
    ) as Evidence["context"],
    migration: migrationOf(claim, files),
    compatibility: claim && {
      oldReadsNew: claim.compatibility.oldReadsNew,
      newReadsOld: claim.compatibility.newReadsOld,
    },
    backup: backupOf(claim),
    recovery: recoveryOf(claim, now, (await world.ledger.workspaces.accepted(run.workspace))?.commit ?? null),
    executor: {
      requestedBy: run.requestedBy,
      identity: await world.forge.identity(),
      instance: lease.holder,
      fencingToken: lease.token,
      plumbline: world.version,
      engine: `${prepared.engine.version.distribution} ${prepared.engine.version.version}`,
    },
    times: await timesOf(world, scratch, now),
    verification: {
      planned: verified.saved !== null,
      clean: verified.clean,
      remaining: [...verified.remaining],
      health,
    },
  };
};

/** What the author says of the migrations that come with it. */
const migrationOf = (claim: StatefulClaim | null, files: PullFiles | null): Evidence["migration"] => {
  const said = claim?.migration ?? null;
  const versions = (files?.checksums ?? []).map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
  const isSilent = said === null || Object.values(said).every((value) => value === null);
  if (versions.length === 0 && isSilent) return null;
  return {
    tool: said?.tool ?? null,
    toolVersion: said?.toolVersion ?? null,
    versions,
    plan: said?.plan ?? null,
    estimatedRuntime: said?.estimatedRuntime ?? null,
    lockRisk: said?.lockRisk ?? null,
    backfillStrategy: said?.backfillStrategy ?? null,
  };
};

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const policiesOf = (verdict: PolicyVerdict | null): Evidence["policies"] => {
  if (verdict === null) return null;
  const plain = ({ set, policy, message }: SetMessage) => ({ set, policy, message });
  return {
    sets: verdict.sets ? [...verdict.sets] : null,
    denied: verdict.denied.map(plain),
    warned: verdict.warned.map(plain),
    dryRun: verdict.dryRun.map(plain),
    excepted: verdict.excepted.map((one) => ({
      ...plain(one),
      owner: one.owner,
      reason: one.reason,
      until: one.until,
    })),
  };
};

export const versioned = (state: StateVersion): Evidence["stateBefore"] =>
  state && {
    lineage: state.lineage,
    serial: state.serial,
    format: state.format,
    schemaVersion: state.schemaVersion ?? null,
  };

const changesOf = ({ inspection }: SavedPlan): Evidence["changes"] =>
  inspection.changes
    .filter((change) => change.action !== "no-op" && change.action !== "read")
    .map(({ address, action, class: level, reasons }) => ({
      address,
      action,
      class: level,
      reasons: reasons.map(({ rule }) => rule),
    }));

/** Approvals as they were judged, and whatever else people said of this plan: overrides of drift, policies, freezes. */
const approvalsOf = async (
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

const backupOf = (claim: StatefulClaim | null): Evidence["backup"] => {
  if (!claim || Object.values(claim.backup).every((value) => value === null || isEmptyTest(value)))
    return null;
  const { takenAt, restoreTest, rtoMs: _rto, rpoMs: _rpo, ...rest } = claim.backup;
  return {
    ...rest,
    takenAt: takenAt?.toISOString() ?? null,
    restoreTest: { ...restoreTest, at: restoreTest.at?.toISOString() ?? null },
  };
};
const isEmptyTest = (value: unknown): boolean =>
  typeof value === "object" &&
  !(value instanceof Date) &&
  Object.values(value ?? {}).every((one) => one === null);

const recoveryOf = (
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

const timesOf = async (
  world: World,
  { run }: Pick<Scratch, "run">,
  now: Date,
): Promise<Evidence["times"]> => {
  const fresh = await world.ledger.runs.get(run.id);
  return {
    asked: run.createdAt.toISOString(),
    started: fresh?.startedAt?.toISOString() ?? null,
    ended: now.toISOString(),
    steps: await stepTimes(world, run),
  };
};

/** When each step of a run began and ended, as the ledger holds it. */
export const stepTimes = async (
  world: Pick<World, "ledger">,
  run: Pick<Run, "id">,
): Promise<Evidence["times"]["steps"]> => {
  const steps = await world.ledger.runs.steps(run.id);
  return steps.map(({ name, startedAt, endedAt, ok }) => ({
    name,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    ok,
  }));
};
