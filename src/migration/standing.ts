import type { StandingProblem } from "../model/migration.ts";
import type { HistoryRow } from "./history.ts";
import { compareVersions } from "./names.ts";
import type { Migration, Resolved } from "./resolve.ts";

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
}

/** Where a database stands: what is pending, and what Flyway's validation would refuse. `history` in rank order. */
export const standingOf = (
  resolved: Resolved,
  history: readonly HistoryRow[],
  options: StandingOptions,
): Standing => {
  const applied = appliedVersions(history);
  const baseline = baselineOf(resolved, history);
  const highest = [...applied.keys()].toSorted(compareVersions).at(-1) ?? baseline?.version ?? null;
  const unapplied = resolved.migrations.filter(
    ({ name }) =>
      name.version !== null &&
      !applied.has(canonical(name.version)) &&
      (baseline === null || compareVersions(name.version, baseline.version) > 0),
  );
  const isLate = ({ name }: Migration) =>
    name.version !== null && highest !== null && compareVersions(name.version, highest) < 0;
  const pending = [
    ...(baseline?.migration ? [baseline.migration] : []),
    ...unapplied.filter((migration) => options.outOfOrder || !isLate(migration)),
    ...resolved.migrations.filter((migration) => isDue(migration, history)),
  ];
  const late = options.outOfOrder ? [] : unapplied.filter(isLate);
  return {
    pending,
    problems: [
      ...twinProblems(resolved),
      ...failedProblems(history),
      ...appliedProblems(resolved, history, applied, baseline?.version ?? null),
      ...late.map(lateProblem),
      ...pending.flatMap(placeholderProblems),
    ],
    version: highest,
  };
};

/** `1.0` and `01` are `1`. */
export const canonical = (version: string): string => {
  const parts = version.split(".").map((part) => String(BigInt(part || 0)));
  while (parts.length > 1 && parts.at(-1) === "0") parts.pop();
  return parts.join(".");
};

const BASELINES: readonly string[] = ["BASELINE", "SQL_BASELINE"];
// Rows that stand for no file: a schema made by Flyway, a migration whose file was given up by its repair.
const FILELESS: readonly string[] = [...BASELINES, "SCHEMA", "DELETE"];

/** Canonical version -> its row; what was undone is not applied. */
const appliedVersions = (history: readonly HistoryRow[]): ReadonlyMap<string, HistoryRow> => {
  const applied = new Map<string, HistoryRow>();
  for (const row of history) {
    if (row.version === null || row.type === "SCHEMA" || !row.success) continue;
    if (row.type.startsWith("UNDO")) applied.delete(canonical(row.version));
    else applied.set(canonical(row.version), row);
  }
  return applied;
};

// A B file counts in an empty database only; there it stands for every version up to its own.
const baselineOf = (
  { baselines }: Resolved,
  history: readonly HistoryRow[],
): { readonly version: string; readonly migration: Migration | null } | null => {
  const recorded = history.filter(({ type, version }) => BASELINES.includes(type) && version !== null).at(-1);
  if (recorded) return { version: recorded.version ?? "0", migration: null };
  const newest = baselines.at(-1);
  const begun = history.some(({ type }) => type !== "SCHEMA");
  return begun || !newest ? null : { version: newest.name.version ?? "0", migration: newest };
};

const isDue = (migration: Migration, history: readonly HistoryRow[]): boolean => {
  if (migration.name.kind !== "repeatable") return false;
  const last = history
    .filter(
      ({ version, description, type }) =>
        version === null && type !== "DELETE" && description === migration.name.description,
    )
    .at(-1);
  return (
    !last?.success || ![migration.checksum, migration.plainChecksum].includes(last.checksum ?? Number.NaN)
  );
};

const twinProblems = ({ twins }: Resolved): readonly StandingProblem[] =>
  twins.map(([a, b]) => ({
    problem: "same-version",
    migration: a.name.version ?? a.name.description,
    message:
      a.name.version === null
        ? `Two repeatable migrations are called ${a.name.description}: ${a.path} and ${b.path}.`
        : `Two files have version ${a.name.version}: ${a.path} and ${b.path}.`,
    fix: "Give the one that was not applied anywhere the next free version.",
  }));

const failedProblems = (history: readonly HistoryRow[]): readonly StandingProblem[] =>
  history
    .filter((row) => !row.success)
    .map((row) => ({
      problem: "failed",
      migration: row.version ?? row.description,
      message: `The history holds a failed run of ${row.script}, so some of its statements may have been done.`,
      fix: "Compare with `plumbline sql drift`, put the database right by hand, then delete that row (Flyway: repair).",
    }));

const appliedProblems = (
  resolved: Resolved,
  history: readonly HistoryRow[],
  applied: ReadonlyMap<string, HistoryRow>,
  baseline: string | null,
): readonly StandingProblem[] => {
  const byVersion = new Map(
    [...resolved.migrations].flatMap((each) =>
      each.name.version === null ? [] : [[canonical(each.name.version), each] as const],
    ),
  );
  const newest = [...byVersion.keys()].toSorted(compareVersions).at(-1);
  return [...applied]
    .flatMap(([version, row]) => {
      if (FILELESS.includes(row.type)) return [];
      if (baseline !== null && compareVersions(version, baseline) <= 0) return [];
      const file = byVersion.get(version);
      if (file) return changedProblems(file, row);
      const future = newest === undefined || compareVersions(version, newest) > 0;
      return future ? [] : [missingProblem(row)];
    })
    .concat(missingRepeatables(resolved, history));
};

const changedProblems = (file: Migration, row: HistoryRow): readonly StandingProblem[] => {
  const migration = row.version ?? "";
  const fix = `Put ${file.path} back as it was when it was applied (git log shows it), and make the change in a new version.`;
  if (row.checksum !== null && row.checksum !== file.checksum && row.type === "SQL")
    return [
      {
        problem: "checksum-changed",
        migration,
        message: `${file.path} changed after it was applied: its checksum is ${file.checksum}, the history has ${row.checksum}.`,
        fix,
      },
    ];
  if (row.description !== "" && row.description !== file.name.description)
    return [
      {
        problem: "description-changed",
        migration,
        message: `${file.path} was applied under the description ${JSON.stringify(row.description)}.`,
        fix,
      },
    ];
  return [];
};

const missingProblem = (row: HistoryRow): StandingProblem => ({
  problem: "missing",
  migration: row.version ?? row.description,
  message: `${row.script} was applied, but is no longer in the folder.`,
  fix: "Bring the file back (git log shows it); the history cannot be explained without it.",
});

const missingRepeatables = (
  { migrations }: Resolved,
  history: readonly HistoryRow[],
): readonly StandingProblem[] => {
  const known = new Set(
    migrations.filter(({ name }) => name.version === null).map(({ name }) => name.description),
  );
  const rows = new Map(
    history.filter(({ version }) => version === null).map((row) => [row.description, row]),
  );
  return [...rows.values()]
    .filter(
      ({ description, type, success }) => success && !FILELESS.includes(type) && !known.has(description),
    )
    .map(missingProblem);
};

const lateProblem = ({ name, path }: Migration): StandingProblem => ({
  problem: "out-of-order",
  migration: name.version ?? "",
  message: `${path} is older than what was applied already, and was never run.`,
  fix: "Give it a version above the newest, or run with --out-of-order where its place does not matter.",
});

const placeholderProblems = ({ path, name, missingPlaceholders }: Migration): readonly StandingProblem[] =>
  missingPlaceholders.map((missing) => ({
    problem: "no-placeholder",
    migration: name.version ?? name.description,
    message: `${path} uses \${${missing}}, for which there is no value.`,
    fix: `Give it with --placeholder ${missing}=VALUE.`,
  }));
