import type { Numbers } from "../model/numbers.ts";
import { type Metric, single, took } from "./metric.ts";

const of = ({ migrations }: Numbers) => migrations;

/** What `/metrics` tells of SQL migrations. */
export const MIGRATION_METRICS: readonly Metric[] = [
  {
    ...{ name: "migrations_7d", labels: ["state"] },
    help: "SQL migrations of runs of a week by the state that they are in.",
    samples: (numbers) => of(numbers).states.map(({ state, count }) => ({ labels: { state }, value: count })),
  },
  took("migration_seconds", "How long migrations of a week that are done took.", (one) => of(one).took),
  single(
    "migration_slower_ratio",
    "The worst of a week: time of a migration by that of its rehearsal, of those that took over a second.",
    (one) => of(one).slower,
  ),
  single(
    "migration_lock_retries_7d",
    "Tries of a week that were taken back since a lock was not given in time.",
    (one) => of(one).retries,
  ),
  single(
    "migration_lock_wait_seconds",
    "How long one of a week waited for locks, at most.",
    (one) => of(one).lockWait,
  ),
  single("migration_rows_7d", "Rows that migrations of a week changed.", (one) => of(one).rows),
  single(
    "migration_replication_lag_seconds",
    "How far a replica was behind while one of a week ran, at most.",
    (one) => of(one).lag,
  ),
  single(
    "migration_running_seconds",
    "How long the migration under way has run, of several the longest; 0 where none runs.",
    (one) => of(one).runningSeconds ?? 0,
  ),
  single(
    "migrations_half_way",
    "Workspaces that are stopped since a migration failed half-way.",
    (one) => of(one).halfWay,
  ),
  single(
    "migration_half_way_seconds",
    "How long the first of them has been stopped; 0 where none is.",
    (one) => of(one).halfWaySeconds ?? 0,
  ),
  single(
    "migration_last_done_seconds",
    "Time since a migration was last done.",
    (one) => of(one).lastDoneSeconds,
  ),
  {
    ...{ name: "schema_drift_open", labels: ["cause"] },
    help: "Open findings by cause, in workspaces of SQL migrations alone.",
    samples: (numbers) =>
      of(numbers).schemaDrift.map(({ cause, count }) => ({ labels: { cause }, value: count })),
  },
];
