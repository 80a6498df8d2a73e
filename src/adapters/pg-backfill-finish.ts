import type { Backfill, BackfillProgress, BackfillVerify } from "../model/backfill.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import { progressOf, stateTable } from "./pg-backfill-state.ts";
import { asBackfillTrouble, failureWords, PASSING, stateOf, TOO_LONG } from "./pg-backfill-trouble.ts";
import type { Row, Target } from "./pg-session.ts";
import { useSchemaHere } from "./search-path.ts";

/**
 * Where all keys are passed: done, or stopped where keys were left out or rows are left. What is left is counted by the
 * session that looks, in a transaction that can change nothing. A pause meanwhile stands.
 */
export const finishBackfill = async (
  { target, sampler }: { readonly target: Target; readonly sampler: Target },
  { name, home }: Pick<Backfill, "name" | "home">,
  place: HistoryPlace,
  { verify, dead }: { readonly verify: BackfillVerify; readonly dead: number },
): Promise<BackfillProgress> => {
  const counted = dead > 0 ? null : await countLeft(sampler, verify, home);
  const reason =
    counted === null ? `${dead} keys were left out: mend their rows and retry` : whyNotDone(counted);
  await target.query(
    `update ${stateTable(place)} set state = $2, reason = $3, left_rows = $4, left_problem = $5,
      counted_at = case when $6::boolean then now() end, updated_at = now() where name = $1 and state = 'running'`,
    [
      ...[name, reason === null ? "done" : "stopped", reason],
      ...[counted?.left ?? null, counted?.problem ?? null, counted !== null],
    ],
  );
  const [row] = await target.query(`select * from ${stateTable(place)} where name = $1`, [name]);
  return progressOf(row ?? {});
};

interface Counted {
  readonly left: number | null;
  readonly problem: string | null;
}

const whyNotDone = ({ left, problem }: Counted): string | null => {
  if (left === null) return `all keys are passed, but what is left could not be counted: ${problem}`;
  return left === 0 ? null : `all keys are passed, but verify counts ${left} rows that are left`;
};

/**
 * Rows that are left, or why nobody knows. Never changes anything and never waits for longer than it may.
 * @throws `database-unavailable` where something passing stood in the way, and what a lost connection threw
 */
export const countLeft = async (
  session: Target,
  { query, timeout }: BackfillVerify,
  home: string,
): Promise<Counted> => {
  await session.run("begin transaction read only");
  try {
    await session.query("select set_config('statement_timeout', $1, true)", [timeout]);
    await useSchemaHere(session, home);
    return answerOf(await session.query(query));
  } catch (thrown) {
    const code = stateOf(thrown);
    if (code === null || PASSING.includes(code)) throw asBackfillTrouble(thrown);
    return {
      left: null,
      problem: code === TOO_LONG ? `it took longer than ${timeout}` : failureWords(thrown),
    };
  } finally {
    await session.run("rollback").catch(() => {});
  }
};

const answerOf = (rows: readonly Row[]): Counted => {
  const [row] = rows;
  const left = rows.length === 1 && row ? Number(Object.values(row)[0]) : Number.NaN;
  return Number.isSafeInteger(left) && left >= 0
    ? { left, problem: null }
    : { left: null, problem: "the answer is no number of rows" };
};
