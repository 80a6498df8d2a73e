import type { Evidence } from "../config/evidence-schema.ts";
import { demandedClass } from "../gate/claim.ts";
import type { PolicyVerdict, SetMessage } from "../model/policy.ts";
import type { Run } from "../model/run.ts";
import type { StatefulClaim } from "../model/stateful-change.ts";
import { contextOfChanges } from "../risk/context-judgement.ts";
import type { ApplyOutcome, StateVersion } from "./apply-outcome.ts";
import { approvalsOf } from "./evidence-approvals.ts";
import { databaseOf, migrationsOf } from "./evidence-migrations.ts";
import { backupOf, recoveryOf } from "./evidence-recovery.ts";
import type { Scratch } from "./frame.ts";
import type { SavedPlan } from "./plan-step.ts";
import type { CheckedOut } from "./prepare.ts";
import { keptPullFiles, type PullFiles } from "./pull-files.ts";
import { sha256 } from "./sha256.ts";
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
  const { run } = scratch;
  const { stateful } = before;
  const summary = saved.summary.migration;
  const claim = stateful?.claims.claim ?? null;
  const pull = run.pull ? `${run.pull.repo}#${run.pull.number}` : null;
  const files = run.pull && run.head ? await keptPullFiles(world, run.pull, run.head) : null;
  const now = world.clock.now();
  return {
    version: 5,
    changeId: claim?.changeId ?? pull ?? run.id,
    run: run.id,
    workspace: run.workspace,
    pull,
    outcome: applied.failed ? "failed" : applied.skipped ? "nothing-to-do" : "applied",
    commits: { head: run.head, base: run.base, applied: prepared.tree.commit },
    plan: planOf(saved),
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
    database: summary ? databaseOf(summary, applied) : null,
    migrations: summary ? [...(await migrationsOf(world, run, summary, applied.migrated))] : null,
    compatibility: claim && {
      oldReadsNew: claim.compatibility.oldReadsNew,
      newReadsOld: claim.compatibility.newReadsOld,
    },
    backup: backupOf(claim),
    recovery: recoveryOf(claim, now, (await world.ledger.workspaces.accepted(run.workspace))?.commit ?? null),
    executor: await executorOf(world, scratch, prepared),
    times: await timesOf(world, scratch, now),
    verification: verificationOf(verified, health),
  };
};

const planOf = ({ digest, json, inputTree, lockFileHash }: SavedPlan): Evidence["plan"] => ({
  digest: digest.digest,
  sha256: sha256(json),
  inputs: inputTree,
  lockFile: lockFileHash,
});

const executorOf = async (
  world: World,
  { run, lease }: Pick<Scratch, "run" | "lease">,
  { engine }: CheckedOut,
): Promise<Evidence["executor"]> => ({
  requestedBy: run.requestedBy,
  identity: await world.forge.identity(),
  instance: lease.holder,
  fencingToken: lease.token,
  plumbline: world.version,
  engine: `${engine.version.distribution} ${engine.version.version}`,
});

const verificationOf = (
  verified: ApplyOutcome["verified"],
  health: Evidence["verification"]["health"],
): Evidence["verification"] => ({
  planned: verified.saved !== null,
  clean: verified.clean,
  schemaCheck: verified.schemaCheck ?? null,
  schemaDigest: verified.schemaDigest ?? null,
  remaining: [...verified.remaining],
  health,
});

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
