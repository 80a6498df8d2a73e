import type { RehearsalGap } from "../model/rehearsal.ts";
import type { ChangesetFacts } from "./liquibase-changelog.ts";
import type { Changeset } from "./liquibase-sql.ts";

/** What of a changeset's work its SQL does not tell; null where it tells all. `facts`: null where nobody could read them. */
export const gapOf = (
  changeset: Pick<Changeset, "script" | "sql" | "changes">,
  facts: ChangesetFacts | null,
): RehearsalGap | null => {
  const { script, sql } = changeset;
  if (isUnseen(changeset))
    return { script, why: "runs more than SQL, which was not rehearsed", unseen: true };
  if (VOLATILE.test(sql))
    return {
      script,
      why: "loads what it finds when it runs: the rehearsal took what is there now",
      unseen: false,
    };
  if (facts === null)
    return { script, why: "may have preconditions: its place in the changelog was not found", unseen: false };
  if (!facts.asks) return null;
  return {
    script,
    why: "has preconditions, which only a run asks: it was rehearsed as though they hold",
    unseen: false,
  };
};

// Liquibase's own remark on each change whose SQL may be another one at the time of the run.
const WARNING = /^-- WARNING The following SQL may change each run\b.*$/gm;
const VOLATILE = new RegExp(WARNING.source, "m");
/** Longer lists of changes are cut by Liquibase. */
const WHOLE = 250;

/** Loaded rows are there as SQL; of a program, a class and the like nothing is. */
const isUnseen = ({ sql, changes }: Pick<Changeset, "sql" | "changes">): boolean => {
  if (/\b(customChange|executeCommand)\b/.test(changes)) return true;
  const [, ...behind] = sql.split(WARNING);
  if (behind.length === 0) return false;
  const known = changes !== "" && changes.length < WHOLE;
  return !known || behind.some((text) => !/^\s*(INSERT INTO|DO)\b/.test(text));
};
