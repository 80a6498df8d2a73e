import type { StandingProblem } from "../model/migration.ts";
import { appliedRepeatables, appliedVersions, baselineOf, canonical, newestOf } from "./applied.ts";
import { type HistoryRow, shortened } from "./history.ts";
import { IGNORED_BY_DEFAULT, type IgnorePattern, isIgnored } from "./ignore.ts";
import { compareVersions } from "./names.ts";
import type { Migration, Resolved } from "./resolve.ts";
import {
  failedProblems,
  fileProblems,
  lateProblem,
  placeholderProblems,
  twinProblems,
} from "./standing-problems.ts";

export interface Standing {
  /** What a run would do, in order. */
  readonly pending: readonly Migration[];
  readonly problems: readonly StandingProblem[];
  /** The highest version applied; null where none is. */
  readonly version: string | null;
}

export interface StandingOptions {
  /** Older versions than the newest applied one may still run. */
  readonly outOfOrder: boolean;
  /** Flyway's `ignoreMigrationPatterns`; its default where left out. */
  readonly ignore?: readonly IgnorePattern[];
}

/** Where a database stands: what is pending, and what Flyway's validation would refuse. `history` in rank order. */
export const standingOf = (
  resolved: Resolved,
  history: readonly HistoryRow[],
  { outOfOrder, ignore = IGNORED_BY_DEFAULT }: StandingOptions,
): Standing => {
  const applied = appliedVersions(history);
  const baseline = baselineOf(resolved, history);
  const newest = newestOf(applied.keys()) ?? baseline?.version ?? null;
  const unapplied = resolved.migrations.filter(
    ({ name: { version } }) =>
      version !== null &&
      !isTaken(applied.get(canonical(version))) &&
      (baseline === null || compareVersions(version, baseline.version) > 0),
  );
  const isLate = ({ name: { version } }: Migration) =>
    !outOfOrder &&
    version !== null &&
    newest !== null &&
    applied.get(canonical(version))?.success !== false &&
    compareVersions(version, newest) < 0;
  const repeatables = appliedRepeatables(history);
  const pending = [
    ...(baseline?.migration ? [baseline.migration] : []),
    ...unapplied.filter((migration) => !isLate(migration)),
    ...resolved.migrations.filter((migration) => isDue(migration, repeatables)),
  ];
  const done = [...applied].flatMap(([version, row]) => (row.success ? [version] : []));
  return {
    pending,
    problems: [
      ...twinProblems(resolved),
      ...failedProblems(history),
      ...fileProblems(resolved, [...applied.values(), ...repeatables.values()], ignore),
      ...unapplied
        .filter((migration) => isLate(migration) && !isIgnored(ignore, migration.name.version, "ignored"))
        .map(lateProblem),
      ...pending.flatMap(placeholderProblems),
    ],
    version: newestOf(done) ?? baseline?.version ?? null,
  };
};

// A migration of Java's with the version of a file is another migration; one that failed is to run again.
const isTaken = (row: HistoryRow | undefined): boolean =>
  row?.success === true && ["SQL", "SQL_BASELINE", "BASELINE"].includes(row.type);

const isDue = (
  { name, checksum, plainChecksum }: Migration,
  applied: ReadonlyMap<string, HistoryRow>,
): boolean => {
  if (name.kind !== "repeatable") return false;
  const last = applied.get(shortened(name.description, 200, "start"));
  return !last?.success || ![checksum, plainChecksum].includes(last.checksum ?? Number.NaN);
};
