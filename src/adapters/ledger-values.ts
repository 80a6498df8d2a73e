import type { Kysely, Transaction } from "kysely";
import { sql } from "kysely";
import type { Json } from "../model/json.ts";
import { parseJson } from "../model/lossless-json.ts";
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

/** In the transaction at hand, or in one of its own. */
export const together = <T>(
  kysely: Kysely<Tables>,
  work: (transaction: Kysely<Tables>) => Promise<T>,
): Promise<T> =>
  kysely.isTransaction
    ? work(kysely as Transaction<Tables>)
    : kysely.transaction().execute((own) => work(own));

/** Whoever names the same thing waits here until the other's transaction has ended. */
export const oneAfterAnother = async (transaction: Kysely<Tables>, thing: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${thing}, 0))`.execute(transaction);
};
