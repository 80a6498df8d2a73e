import type { Job, JobKind, Outcome } from "../model/job.ts";
import { answerComment } from "./answer.ts";
import { applyRun } from "./apply-run.ts";
import { assessPull } from "./assess.ts";
import { backfillJob } from "./backfill-job.ts";
import { byKind } from "./by-kind.ts";
import { closePull } from "./close.ts";
import { handleComment } from "./command.ts";
import { keepDriftPull } from "./drift-pull.ts";
import { driftJob, driftRun } from "./drift-run.ts";
import { routeEvent } from "./events.ts";
import { applyMerged } from "./merge.ts";
import { migrationApply } from "./migration-apply.ts";
import { migrationDrift } from "./migration-drift.ts";
import { migrationPlan } from "./migration-plan.ts";
import { migrationReconcile } from "./migration-reconcile.ts";
import { migrationRepair } from "./migration-repair.ts";
import { planRun } from "./plan-run.ts";
import { pollRepository } from "./poll.ts";
import { publish } from "./publish.ts";
import { reconcile } from "./reconcile.ts";
import { retaking } from "./recover.ts";
import { stateRun } from "./state-run.ts";
import { sweep } from "./sweep.ts";
import { takeAlert } from "./take-alert.ts";
import { tellChannel } from "./tell-channel.ts";
import type { World } from "./world.ts";

const SQL = "postgres-migrations";

type Handle = (job: Job, signal: AbortSignal) => Promise<Outcome>;
type Handlers = {
  readonly [kind in JobKind]: (
    job: Extract<Job, { readonly kind: kind }>,
    signal: AbortSignal,
  ) => Promise<Outcome>;
};

/** The table of contents of this folder: what each kind of job does. */
export const handlersOf = (world: World): Handle => {
  const handlers: Handlers = {
    event: routeEvent(world),
    assess: assessPull(world),
    plan: retaking(world, byKind(world, { terraform: planRun(world), [SQL]: migrationPlan(world) })),
    apply: retaking(world, byKind(world, { terraform: applyRun(world), [SQL]: migrationApply(world) })),
    state: retaking(world, byKind(world, { terraform: stateRun(world), [SQL]: migrationRepair(world) })),
    reconcile: byKind(world, { terraform: reconcile(world), [SQL]: migrationReconcile(world) }),
    merge: applyMerged(world),
    close: closePull(world),
    command: handleComment(world),
    publish: publish(world),
    reply: answerComment(world),
    drift: driftJob(world, { terraform: driftRun, [SQL]: migrationDrift }),
    "drift-pull": keepDriftPull(world),
    backfill: backfillJob(world),
    alert: takeAlert(world),
    "alert-channel": tellChannel(world),
    poll: pollRepository(world),
    sweep: sweep(world),
  };
  return (job, signal) => (handlers[job.kind] as Handle)(job, signal);
};
