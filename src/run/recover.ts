import { PlumblineError } from "../model/errors.ts";
import type { FollowUp, Outcome } from "../model/job.ts";
import { isSettled, type Run } from "../model/run.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Lease } from "../ports/ledger-leases.ts";
import { planAgain, publishSoon } from "./settle-run.ts";
import type { World } from "./world.ts";

/**
 * At start: what an earlier process of this instance left behind. It is dead, since one process holds the data
 * directory. Its plans are made again; its applies become `unknown`, are never repeated, and are looked at by `reconcile` (design,
 * decision 8).
 */
export const recover = async (world: World, deadHolder: string): Promise<void> => {
  await world.files.clearScratch();
  const leases = await world.ledger.leases.heldBy(deadHolder);
  for (const lease of leases) {
    await world.ledger.transaction(async (ledger) => {
      const run = await ledger.runs.get(lease.run);
      if (run) await settleDead(ledger, lease, run, { at: world.clock.now(), message: DIED });
      // A backfill's: its database knows how far it is.
      else await ledger.leases.release(lease);
    });
  }
  if (leases.length > 0) world.log.warn("runs of a dead process were settled", { count: leases.length });
  world.nudge();
};

export const DIED = "The process that ran this died.";

/** Whose process is gone: what may have applied becomes `unknown`, the rest is made again. Within a transaction. */
export const settleDead = async (
  ledger: Ledger,
  lease: Lease,
  run: Run,
  told: { readonly at: Date; readonly message: string },
): Promise<void> => {
  await ledger.outbox.add(await settled(ledger, lease, run, told), told.at);
};

const settled = async (
  ledger: Ledger,
  lease: Lease,
  run: Run,
  { at, message }: { readonly at: Date; readonly message: string },
): Promise<readonly FollowUp[]> => {
  const publish = run.pull ? [publishSoon(run.pull)] : [];
  // Died again before anybody had looked: the doubt stays, and so does the lease.
  if (run.state === "unknown") return [lookAtRun(run)];
  const dead = { code: "interrupted", message };
  const started = await ledger.runs.transition(run.id, {
    from: ["apply-started", "verifying"],
    to: "unknown",
    token: lease.token,
    at,
    error: dead,
  });
  if (started) {
    await ledger.audit.append({
      at,
      actor: "plumbline",
      action: "apply-unknown",
      subject: run.workspace,
      details: { run: run.id },
    });
    return [...publish, lookAtRun(run)];
  }
  await ledger.runs.transition(run.id, {
    from: ["running"],
    to: "interrupted",
    token: lease.token,
    at,
    error: dead,
  });
  await ledger.leases.release(lease);
  return [...publish, ...planAgain(run)];
};

/**
 * Before a run is begun: one that began already and whose worker fell silent is ended and made again, since its lease
 * has run out. An apply whose start is written waits for its replica, or for a person who says that it is dead.
 */
export const retaking =
  <J extends { readonly run: string }>(
    world: World,
    handle: (job: J, signal: AbortSignal) => Promise<Outcome>,
  ) =>
  async (job: J, signal: AbortSignal): Promise<Outcome> => {
    await retake(world, job.run);
    return handle(job, signal);
  };

const retake = async (world: World, id: string): Promise<void> => {
  const run = await world.ledger.runs.get(id);
  if (!run || run.state === "queued" || isSettled(run.state)) return;
  const { workspace, token } = run;
  const lease = await world.ledger.leases.get(workspace);
  const at = world.clock.now();
  if (lease?.run === id && (lease.expiresAt > at || !(await world.isSilent(lease))))
    throw new PlumblineError("workspace-busy", `The run ${id} goes on elsewhere.`, {
      detail: { holder: id },
    });
  if (run.state !== "running") {
    world.log.warn("the replica of an apply is silent: only it, or who confirms its death, may settle it", {
      run: id,
      replica: lease?.holder,
    });
    return;
  }
  const held = { workspace, run: id, token, holder: lease?.holder ?? "", expiresAt: at };
  await world.ledger.transaction((ledger) => settleDead(ledger, held, run, { at, message: DIED }));
  world.nudge();
};

/** Reads state and plans, to say what an apply in doubt has done. */
export const lookAtRun = ({ id, workspace }: Pick<Run, "id" | "workspace">): FollowUp => ({
  job: { kind: "reconcile", run: id, workspace },
  dedupeKey: `reconcile:${id}`,
});
