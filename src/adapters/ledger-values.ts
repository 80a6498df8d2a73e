import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Json } from "../model/json.ts";
import { parseJson } from "../model/lossless-json.ts";
import { isConflict } from "./database-errors.ts";
import type { Tables } from "./database-tables.ts";

/** What a JSON column holds. Dates become ISO text, members without a value are left out. */
export const toText = (value: unknown): string => JSON.stringify(value ?? null);
export const fromText = <T = Json>(text: string): T => parseJson(text) as T;
export const textOrNull = (value: object | null): string | null => (value === null ? null : toText(value));
export const valueOrNull = <T>(text: string | null): T | null => (text === null ? null : fromText<T>(text));

export const pullOf = (row: {
  readonly pull_repo: string | null;
  readonly pull_number: number | null;
}): { repo: string; number: number } | null =>
  row.pull_repo === null || row.pull_number === null
    ? null
    : { repo: row.pull_repo, number: row.pull_number };

const ATTEMPTS = 5;

/** In the transaction at hand, or in one of its own, which begins again where it and another stood in each other's way. */
export const together = async <T>(
  kysely: Kysely<Tables>,
  work: (transaction: Kysely<Tables>) => Promise<T>,
): Promise<T> => {
  if (kysely.isTransaction) return work(kysely);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await kysely.transaction().execute(work);
    } catch (thrown) {
      if (!isConflict(thrown) || attempt === ATTEMPTS) throw thrown;
    }
  }
};

/** Whoever names the same thing waits here until the other's transaction has ended. */
export const oneAfterAnother = async (transaction: Kysely<Tables>, thing: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${thing}, 0))`.execute(transaction);
};
