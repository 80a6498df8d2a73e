import { canonical } from "./applied.ts";
import type { HistoryRow } from "./history.ts";
import { compareVersions } from "./names.ts";
import type { Migration, Resolved } from "./resolve.ts";
import type { Standing } from "./standing.ts";

/** What to replay so that a database is where the history says, and what to replay after that for the folder's end. */
export interface ReplayOrder {
  readonly recorded: readonly Migration[];
  readonly rest: readonly Migration[];
  /** A repeatable that ran before waits to run again in another text. */
  readonly changedRepeatable: boolean;
}

/** Applied files in the order in which they were installed; files below a baseline count as applied. */
export const replayOrder = (
  { migrations, baselines }: Resolved,
  history: readonly HistoryRow[],
  { pending }: Pick<Standing, "pending">,
): ReplayOrder => {
  const waits = new Set(pending.map(({ path }) => path));
  const ranks = new Map(history.map((row) => [keyOf(row.version, row.description), row.rank]));
  const begun = baselines.filter(({ name }) =>
    history.some(({ type, version }) => isBaseline(type, version, name.version)),
  );
  const base = begun.at(-1) ?? null;
  const covered = (version: string | null) =>
    base !== null && version !== null && compareVersions(version, base.name.version ?? "0") <= 0;
  const applied = migrations.filter(({ path, name }) => !waits.has(path) && !covered(name.version));
  const rank = ({ name }: Migration) => ranks.get(keyOf(name.version, name.description)) ?? 0;
  return {
    recorded: [
      ...(base ? [base] : []),
      ...applied.filter((each) => isRecorded(each, history)).toSorted((a, b) => rank(a) - rank(b)),
    ],
    rest: pending,
    changedRepeatable: pending.some(
      ({ name }) => name.version === null && ranks.has(keyOf(null, name.description)),
    ),
  };
};

const keyOf = (version: string | null, description: string): string =>
  version === null ? `R ${description}` : `V ${canonical(version)}`;

const isBaseline = (type: string, version: string | null, own: string | null): boolean =>
  type === "SQL_BASELINE" && version !== null && own !== null && compareVersions(version, own) === 0;

const isRecorded = ({ name }: Migration, history: readonly HistoryRow[]): boolean =>
  history.some(
    ({ version, description, type, success }) =>
      success &&
      (name.version === null
        ? version === null && description === name.description
        : version !== null &&
          (canonical(version) === canonical(name.version) ||
            (type === "BASELINE" && compareVersions(name.version, version) <= 0))),
  );
