import type { Numbers } from "../model/numbers.ts";
import { type Metric, quantiles, type Sample, single, took } from "./metric.ts";
import { MIGRATION_METRICS } from "./metric-migrations.ts";

export const PREFIX = "plumbline_";

/** Owners with a label of their own; all others together are `other`. */
export const MOST_OWNERS = 30;

/** Everything of our own at `/metrics`; numbers of a span are of the last week. No label names a workspace, a pull request or a commit. */
export const METRICS: readonly Metric[] = [
  {
    ...{ name: "workspaces", help: "Workspaces by how they stand to Git.", labels: ["sync"] },
    samples: ({ workspaces }) =>
      Object.entries(workspaces).map(([sync, value]) => ({ labels: { sync }, value })),
  },
  {
    ...{ name: "findings_open", help: "Open findings by cause.", labels: ["cause"] },
    samples: ({ open }) => open.map(({ cause, count }) => ({ labels: { cause }, value: count })),
  },
  single(
    "drift_oldest_seconds",
    "Age of the oldest drift that is open; 0 where there is none.",
    ({ oldestDriftSeconds }) => oldestDriftSeconds ?? 0,
  ),
  single(
    "drift_found_7d",
    "Drift made by hand, found within a week.",
    ({ followedThrough }) => followedThrough.of,
  ),
  single(
    "drift_followed_7d",
    "Of it, formalized or reverted by now.",
    ({ followedThrough }) => followedThrough.are,
  ),
  single(
    "drift_follow_through_ratio",
    "The second of these by the first.",
    (one) => one.followedThrough.share,
  ),
  {
    ...{ name: "console_changes_7d", labels: ["owner"] },
    help: `The same by owner of the workspace; of several each counts, beyond ${MOST_OWNERS} owners as \`other\`, without one as \`nobody\`.`,
    samples: ({ owners }) => byOwner(owners),
  },
  took("drift_to_pull_seconds", "From found to held by a drift pull request.", ({ toPull }) => toPull),
  took("drift_pull_to_end_seconds", "From there to formalized or reverted.", ({ pullToEnd }) => pullToEnd),
  took("drift_to_end_seconds", "From found to formalized or reverted.", ({ toEnd }) => toEnd),
  single(
    "drift_caught_in_cycle_ratio",
    "Of the drift found in a week, the share that was found before a second look was due.",
    ({ caughtInCycle }) => caughtInCycle?.share ?? null,
  ),
  took(
    "cycle_lateness_seconds",
    "How long after its slot a look for drift begins.",
    ({ lateness }) => lateness,
  ),
  {
    ...{ name: "runs_7d", help: "Runs of a week.", labels: ["kind", "state"] },
    samples: ({ runs }) => runs.map(({ kind, state, count }) => ({ labels: { kind, state }, value: count })),
  },
  {
    ...{ name: "run_seconds", labels: ["kind", "state", "quantile"] },
    help: "How long runs of a week took, plans and applies among them.",
    samples: ({ runs }) => runs.flatMap(({ kind, state, took: one }) => quantiles(one, { kind, state })),
  },
  {
    ...{ name: "run_failure_ratio", labels: ["kind"] },
    help: "Of the runs of a week that came to an end of their own, those that failed or ended in doubt.",
    samples: ({ failures }) => failures.map(({ kind, share }) => ({ labels: { kind }, value: share })),
  },
  ...MIGRATION_METRICS,
  {
    ...{ name: "alert_channel_failing_seconds", labels: ["channel"] },
    help: "How long an alert channel has failed; 0 where it works.",
    samples: ({ channels }) =>
      channels.map(({ name, failingSeconds }) => ({ labels: { channel: name }, value: failingSeconds ?? 0 })),
  },
  {
    ...{ name: "backfills", help: "Backfills by state.", labels: ["state"] },
    samples: ({ backfills }) =>
      backfills.states.map(({ state, count }) => ({ labels: { state }, value: count })),
  },
  single(
    "backfill_dead_letters",
    "Keys that unfinished backfills left out.",
    ({ backfills }) => backfills.dead,
  ),
  single(
    "backfill_keys_done",
    "Keys that unfinished backfills passed, those that were left out included.",
    ({ backfills }) => backfills.done,
  ),
  single(
    "backfill_keys_expected",
    "Keys that unfinished backfills are about, by statistics.",
    ({ backfills }) => backfills.expected,
  ),
  single(
    "backfill_keys_per_second",
    "Keys a second of the backfills that run, lately.",
    ({ backfills }) => backfills.keysPerSecond,
  ),
  single(
    "backfill_replica_lag_seconds",
    "How far the slowest replica was behind at the last look of a backfill that runs; 0 where none asks.",
    ({ backfills }) => backfills.replicaLag,
  ),
  single(
    "backfill_error_ratio",
    "Of the unfinished backfill that fails most, the share of the passed keys that it left out.",
    ({ backfills }) => backfills.worstShare,
  ),
  single(
    "backfill_idle_seconds",
    "How long the one under way that waits longest had no batch; 0 where none is under way.",
    ({ backfills }) => backfills.idleSeconds ?? 0,
  ),
  {
    ...{ name: "jobs", help: "Jobs that wait or are being done.", labels: ["kind", "state"] },
    samples: ({ queue }) =>
      queue.flatMap(({ kind, waiting, running }) => [
        { labels: { kind, state: "waiting" }, value: waiting },
        { labels: { kind, state: "running" }, value: running },
      ]),
  },
];

const byOwner = (owners: Numbers["owners"]): readonly Sample[] => {
  const sample = (owner: string, value: number): Sample => ({ labels: { owner }, value });
  const found = owners.filter((one) => one.found > 0);
  const rest = found.slice(MOST_OWNERS).reduce((sum, one) => sum + one.found, 0);
  return [
    ...found.slice(0, MOST_OWNERS).map((one) => sample(one.owner ?? "nobody", one.found)),
    ...(rest > 0 ? [sample("other", rest)] : []),
  ];
};
