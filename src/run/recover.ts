import type { FollowUp } from "../model/job.ts";
import type { Run } from "../model/run.ts";
import type { Lease, Ledger } from "../ports/ledger.ts";
import { planAgain, publishSoon } from "./frame.ts";
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
    });
  }
  if (leases.length > 0) world.log.warn("runs of a dead process were settled", { count: leases.length });
  world.nudge();
};

const DIED = "The process that ran this died.";

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
    return [...publish, { job: { kind: "reconcile", run: run.id, workspace: run.workspace } }];
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
