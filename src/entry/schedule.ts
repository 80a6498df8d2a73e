import { slotOf } from "../config/cron.ts";
import type { Ledger, WorkspaceRow } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";

export interface ScheduleWorld {
  readonly ledger: Ledger;
  readonly log: Log;
  readonly now: () => Date;
  readonly defaultSchedule: string;
  readonly jitterSeconds: number;
  /** Whether there are policy sets, which judge workspaces with `schedule: off` too. */
  readonly audits: boolean;
  readonly nudge: () => void;
}

/**
 * One tick of the minute hand: workspaces whose slot begins now are queued for drift. A slot is remembered in the
 * transaction that queues it, so that of many replicas that tick at once one job is kept. A workspace that a run holds
 * is skipped and said so: a person's plan shows the drift anyway. Where drift is off, policies are still asked about what
 * is recorded, at the server's own schedule. Returns how many are queued.
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
  const isOff = schedule === "off";
  if (isOff && !world.audits) return false;
  const slot = slotOf(row.key, isOff ? auditSchedule(world) : schedule, now, world.jitterSeconds);
  if (slot === null) return false;
  return world.ledger.transaction(async (ledger) => {
    const first = await ledger.deliveries.remember(`drift:${row.key}:${slot}`, now);
    if (!first) return false;
    const held = await ledger.leases.get(row.key);
    if (held) {
      const { run: holder, workspace } = held;
      world.log.info("drift was not looked for: a run holds the workspace", { workspace, slot, holder });
      return false;
    }
    const only = isOff ? ({ only: "policies" } as const) : {};
    const job = { kind: "drift", workspace: row.key, slot, ...only } as const;
    await ledger.outbox.add([{ job, dedupeKey: `drift:${row.key}` }], now);
    return true;
  });
};

/** Once a day where the server looks for no drift either. */
const auditSchedule = ({ defaultSchedule }: ScheduleWorld): string =>
  defaultSchedule === "off" ? "1d" : defaultSchedule;
