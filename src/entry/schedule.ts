import { slotOf } from "../config/cron.ts";
import type { Ledger, WorkspaceRow } from "../ports/ledger.ts";

export interface ScheduleWorld {
  readonly ledger: Ledger;
  readonly now: () => Date;
  readonly defaultSchedule: string;
  readonly jitterSeconds: number;
  readonly nudge: () => void;
}

/**
 * One tick of the minute hand: workspaces whose slot begins now are queued for drift. A slot is remembered in the
 * transaction that queues it, so that of many replicas that tick at once one job is kept. Returns how many are due.
 */
export const tick = async (world: ScheduleWorld): Promise<number> => {
  const rows = await world.ledger.workspaces.list({ removed: false });
  let queued = 0;
  for (const row of rows) if (await queueWhenDue(world, row)) queued += 1;
  if (queued > 0) world.nudge();
  return queued;
};

const queueWhenDue = async (world: ScheduleWorld, row: WorkspaceRow): Promise<boolean> => {
  const now = world.now();
  const schedule = (row.config as { schedule?: string | null } | null)?.schedule ?? world.defaultSchedule;
  const slot = schedule === "off" ? null : slotOf(row.key, schedule, now, world.jitterSeconds);
  if (slot === null) return false;
  return world.ledger.transaction(async (ledger) => {
    const first = await ledger.deliveries.remember(`drift:${row.key}:${slot}`, now);
    const look = { job: { kind: "drift", workspace: row.key, slot }, dedupeKey: `drift:${row.key}` } as const;
    if (first) await ledger.outbox.add([look], now);
    return first;
  });
};
