import type { Kysely } from "kysely";
import { sql } from "kysely";

/** What several replicas share: who lives, how much may be asked of the forge, and what waits in a merge queue. */
const STATEMENTS: readonly string[] = [
  `create table replicas (
    id text primary key, roles text not null, version text not null,
    started_at timestamptz not null, seen_at timestamptz not null, told_at timestamptz)`,

  // Points that are left, as of a time; below zero where the forge told everybody to wait.
  "create table forge_budget (key text primary key, points double precision not null, at timestamptz not null)",

  `create table merge_groups (
    repo text not null, head text not null, base text not null, pulls text not null,
    added_at timestamptz not null, said text, primary key (repo, head))`,
];

export const up = async (database: Kysely<unknown>): Promise<void> => {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
};
