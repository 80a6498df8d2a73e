import { CANCELLED, isInDoubt } from "../model/run.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Held, Lease, LeaseRoom } from "../ports/ledger-leases.ts";
import type { Log } from "../ports/log.ts";

export interface LeaseParts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  /** Names this instance, the same after a restart, so that it finds the leases of its dead self. */
  readonly holder: string;
  /** Milliseconds after which a silent holder has lost the workspace. */
  readonly ttlMs?: number;
  /** Cloud accounts with a limit. */
  readonly rooms?: readonly LeaseRoom[];
}

type LeaseOutcome<T> = { readonly busy: Lease; readonly account?: string } | { readonly value: T };
type WithLease = <T>(
  workspace: string,
  run: string,
  work: (lease: Lease, signal: AbortSignal) => Promise<T>,
) => Promise<LeaseOutcome<T>>;

const DEFAULT_TTL_MS = 30_000;
/** So often a lease is prolonged within its time. */
const BEATS = 3;

/**
 * Runs work while this instance holds the workspace. The work's signal aborts when the lease is lost, and as `CANCELLED`
 * when the run was ended by another replica, which is noticed at the next beat. Where a run ends
 * in a state in which the cloud may have been touched, the lease stays: time and processes come and go, the doubt stays.
 */
export const createWithLease =
  (parts: LeaseParts): WithLease =>
  async (workspace, run, work) => {
    const ttlMs = parts.ttlMs ?? DEFAULT_TTL_MS;
    const { leases } = parts.ledger;
    const before = await leases.get(workspace);
    if (before && (await isOver(parts, before)) && !(await isSilent(parts, before))) return { busy: before };
    const lease = await leases.acquire(workspace, run, parts.holder, parts.clock.now(), ttlMs, parts.rooms);
    if ("heldBy" in lease) return busy(lease);
    const [lost, ended] = [new AbortController(), new AbortController()];
    const heart = beat(parts, lease, ttlMs, lost, ended.signal);
    try {
      return { value: await work(lease, lost.signal) };
    } finally {
      ended.abort();
      await heart;
      await letGo(parts, lease);
    }
  };

const isOver = async ({ ledger, clock }: LeaseParts, lease: Lease): Promise<boolean> => {
  if (lease.expiresAt > clock.now()) return false;
  const run = await ledger.runs.get(lease.run);
  return !run || !isInDoubt(run.state);
};

/**
 * Whether a lease whose time is over is not prolonged any more: watched for longer than a holder is silent between two
 * beats. Clocks of two machines differ, and one may jump by hours; how long it takes does not.
 */
export const isSilent = async (
  { ledger, clock, ttlMs = DEFAULT_TTL_MS }: Pick<LeaseParts, "ledger" | "clock" | "ttlMs">,
  lease: Lease,
): Promise<boolean> => {
  await clock.wait(ttlMs / 2);
  const now = await ledger.leases.get(lease.workspace);
  return now === null || (now.token === lease.token && +now.expiresAt === +lease.expiresAt);
};

const busy = ({ heldBy, account }: Held): { readonly busy: Lease; readonly account?: string } =>
  account === undefined ? { busy: heldBy } : { busy: heldBy, account };

const beat = async (
  { ledger, clock, log }: LeaseParts,
  lease: Lease,
  ttlMs: number,
  lost: AbortController,
  ended: AbortSignal,
): Promise<void> => {
  // Counted, not read from a clock: one that jumps would end what runs well.
  let missed = 0;
  for (;;) {
    await clock.wait(ttlMs / BEATS, ended);
    if (ended.aborted) return;
    try {
      if (!(await ledger.leases.heartbeat(lease, clock.now(), ttlMs))) break;
      missed = 0;
      if (await wasEnded(ledger, lease)) lost.abort(CANCELLED);
    } catch (error) {
      log.warn("a lease could not be prolonged", { workspace: lease.workspace, run: lease.run, error });
      missed += 1;
      if (missed === BEATS) break;
    }
  }
  log.warn("a lease was lost", { workspace: lease.workspace, run: lease.run, token: lease.token });
  lost.abort(new Error("the lease of the workspace was lost"));
};

/** A person or a newer head of the pull request has ended it; what cannot be asked now is asked at the next beat. */
const wasEnded = async ({ runs }: Ledger, { run }: Lease): Promise<boolean> => {
  const state = (await runs.get(run).catch(() => null))?.state;
  return state === "cancelled" || state === "superseded";
};

const letGo = async ({ ledger, log }: LeaseParts, lease: Lease): Promise<void> => {
  try {
    const run = await ledger.runs.get(lease.run);
    if (run && run.token === lease.token && isInDoubt(run.state)) {
      log.warn("a workspace stays taken by a run in doubt", { workspace: lease.workspace, run: lease.run });
      return;
    }
    await ledger.leases.release(lease);
  } catch (error) {
    // It runs out by time.
    log.warn("a lease could not be released", { workspace: lease.workspace, run: lease.run, error });
  }
};
