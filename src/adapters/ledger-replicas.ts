import type { Kysely, Selectable } from "kysely";
import { sql } from "kysely";
import type {
  ForgeBudgetRows,
  MergeGroup,
  MergeGroupRows,
  Replica,
  ReplicaRows,
} from "../ports/ledger-shared.ts";
import type { Tables } from "./database-tables.ts";
import { fromText, toText } from "./ledger-values.ts";

export const replicaRows = (kysely: Kysely<Tables>): ReplicaRows => ({
  beat: async ({ id, roles, version, keyIds = null }, now) => {
    const key_ids = keyIds === null ? null : toText(keyIds);
    const seen = { roles: toText(roles), version, key_ids, seen_at: now };
    await kysely
      .insertInto("replicas")
      .values({ id, ...seen, started_at: now, told_at: null })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(seen))
      .execute();
  },
  list: async () => {
    const rows = await kysely.selectFrom("replicas").selectAll().orderBy("id").execute();
    return rows.map(replicaOf);
  },
  told: async (id, at) => {
    const changed = await kysely
      .updateTable("replicas")
      .set({ told_at: at })
      .where("id", "=", id)
      .where("told_at", at === null ? "is not" : "is", null)
      .returning("id")
      .execute();
    return changed.length > 0;
  },
  forget: async (id) => {
    await kysely.deleteFrom("replicas").where("id", "=", id).execute();
  },
});

const replicaOf = (row: Selectable<Tables["replicas"]>): Replica => ({
  id: row.id,
  roles: fromText<readonly string[]>(row.roles),
  version: row.version,
  startedAt: row.started_at,
  seenAt: row.seen_at,
  toldAt: row.told_at,
  keyIds: row.key_ids === null ? null : fromText<readonly string[]>(row.key_ids),
});

export const forgeBudgetRows = (kysely: Kysely<Tables>): ForgeBudgetRows => ({
  take: async (key, { points, perMinute, burst, keep }, now) => {
    await kysely
      .insertInto("forge_budget")
      .values({ key, points: burst, at: now })
      .onConflict((conflict) => conflict.column("key").doNothing())
      .execute();
    // One statement, so that of many replicas each sees what the others have taken.
    const { rows } = await sql<{ filled: number; taken: boolean }>`
      with filled as (
        select key, least(${burst}::float8,
          points + greatest(0, extract(epoch from ${now}::timestamptz - at)) * ${perMinute / 60}::float8) as points
        from forge_budget where key = ${key} for update),
      taken as (
        update forge_budget set points = filled.points - ${points}::float8, at = greatest(at, ${now}::timestamptz)
        from filled where forge_budget.key = filled.key and filled.points - ${points}::float8 >= ${keep}::float8
        returning 1)
      select points as filled, exists (select 1 from taken) as taken from filled`.execute(kysely);
    const [row] = rows;
    if (!row || row.taken) return 0;
    return Math.ceil(((points + keep - row.filled) * 60_000) / perMinute);
  },
  pause: async (key, ms, perMinute, now) => {
    const points = -(ms * perMinute) / 60_000;
    await kysely
      .insertInto("forge_budget")
      .values({ key, points, at: now })
      .onConflict((conflict) =>
        conflict.column("key").doUpdateSet({
          points: sql<number>`least(forge_budget.points, ${points}::float8)`,
          at: now,
        }),
      )
      .execute();
  },
});

export const mergeGroupRows = (kysely: Kysely<Tables>): MergeGroupRows => ({
  add: async ({ repo, head, base, pulls }, now) => {
    await kysely
      .insertInto("merge_groups")
      .values({ repo, head, base, pulls: toText(pulls), added_at: now, said: null })
      .onConflict((conflict) => conflict.columns(["repo", "head"]).doNothing())
      .execute();
  },
  of: async (repo) => {
    const rows = await kysely
      .selectFrom("merge_groups")
      .selectAll()
      .where("repo", "=", repo)
      .orderBy("added_at")
      .execute();
    return rows.map(groupOf);
  },
  said: async (repo, head, said) => {
    await kysely
      .updateTable("merge_groups")
      .set({ said })
      .where("repo", "=", repo)
      .where("head", "=", head)
      .execute();
  },
  forget: async (before) => {
    await kysely.deleteFrom("merge_groups").where("added_at", "<", before).execute();
  },
});

const groupOf = (row: Selectable<Tables["merge_groups"]>): MergeGroup => ({
  repo: row.repo,
  head: row.head,
  base: row.base,
  pulls: fromText<readonly number[]>(row.pulls),
  said: row.said,
});
