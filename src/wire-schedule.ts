import { tick } from "./entry/schedule.ts";
import { allowsRepo } from "./entry/webhook-allowlist.ts";
import { tellSoon } from "./run/alerts.ts";
import { keepFreezeFiles } from "./run/freeze-switch.ts";
import { watchReplicas } from "./run/replica-watch.ts";
import type { World } from "./run/world.ts";

export interface Schedule {
  /** Enqueues looks for drift that are due. Returns how many. */
  tick(): Promise<number>;
  /** Polls and sweeps that are due, and nothing else. */
  housekeeping(): Promise<void>;
}

/** What is done by the clock. */
export const scheduleOf = (world: World): Schedule => {
  const { ledger, log, clock, server, nudge } = world;
  const { schedule, jitterSeconds } = server.drift;
  const now = () => clock.now();
  const audits = (server.policies?.sets ?? []).length > 0;
  return {
    tick: () => tick({ ledger, log, now, defaultSchedule: schedule, jitterSeconds, audits, nudge }),
    housekeeping: () => housekeeping(world),
  };
};

/** Polls and sweeps by the clock; of many replicas one does it, since a slot is remembered by the first. */
const housekeeping = async (world: World): Promise<void> => {
  const { server, ledger, clock } = world;
  const now = clock.now();
  const seconds = server.polling.enabled
    ? server.polling.intervalSeconds
    : Math.max(server.polling.intervalSeconds, SLOW_POLL);
  const due = async (what: string, everySeconds: number): Promise<boolean> =>
    ledger.deliveries.remember(`${what}:${Math.floor(now.getTime() / 1000 / everySeconds)}`, now);
  if (server.databaseUrl !== null) await watchReplicas(world);
  await keepFreezeFiles(world);
  if (await due("sweep", SWEEP))
    await ledger.outbox.add([{ job: { kind: "sweep" }, dedupeKey: "sweep" }], now);
  if (await due("poll", seconds)) {
    const named = server.repoAllowlist.filter((repo) => !repo.includes("*"));
    const known = (await ledger.workspaces.list({ removed: false })).map((row) => row.repo);
    const repos = [...new Set([...named, ...known.filter((repo) => allowsRepo(server.repoAllowlist, repo))])];
    await ledger.outbox.add(
      repos.map((repo) => ({ job: { kind: "poll", repo }, dedupeKey: `poll:${repo}` }) as const),
      now,
    );
  }
  if (await due("alerts", ALERTS)) await ledger.outbox.add(tellSoon(world), now);
  world.nudge();
};

const SWEEP = 300;
/** What waits for its time (quiet hours, reminders, digests) and what a channel missed. */
const ALERTS = 60;
/** Beside webhooks the poll only finds what they missed. */
const SLOW_POLL = 300;
