import type { Kysely, Selectable } from "kysely";
import type { MetaRows, PullRow, PullRows } from "../ports/ledger.ts";
import type { Tables } from "./database-tables.ts";
import { fromText, toText } from "./ledger-values.ts";

export const pullRows = (kysely: Kysely<Tables>): PullRows => ({
  get: async ({ repo, number }) => {
    const row = await kysely
      .selectFrom("pulls")
      .selectAll()
      .where("repo", "=", repo)
      .where("number", "=", number)
      .executeTakeFirst();
    return row ? pullRowOf(row) : null;
  },
  put: async (row) => {
    const { repo, number } = row.pull;
    const values = {
      head: row.head,
      state: row.state,
      deploy_branch: row.deployBranch,
      drift_of: row.driftOf,
      comment_ids: toText(row.commentIds),
      published_hash: row.publishedHash,
      notes: toText(row.notes),
      updated_at: row.updatedAt,
    };
    await kysely
      .insertInto("pulls")
      .values({ repo, number, ...values })
      .onConflict((conflict) => conflict.columns(["repo", "number"]).doUpdateSet(values))
      .execute();
  },
  list: async (filter) => {
    let query = kysely.selectFrom("pulls").selectAll().orderBy("repo").orderBy("number");
    if (filter.repo !== undefined) query = query.where("repo", "=", filter.repo);
    if (filter.state !== undefined) query = query.where("state", "=", filter.state);
    if (filter.driftOf !== undefined) query = query.where("drift_of", "=", filter.driftOf);
    return (await query.execute()).map(pullRowOf);
  },
});

const pullRowOf = (row: Selectable<Tables["pulls"]>): PullRow => ({
  pull: { repo: row.repo, number: row.number },
  head: row.head,
  state: row.state as PullRow["state"],
  deployBranch: row.deploy_branch,
  driftOf: row.drift_of,
  commentIds: fromText<PullRow["commentIds"]>(row.comment_ids),
  publishedHash: row.published_hash,
  notes: fromText<PullRow["notes"]>(row.notes),
  updatedAt: row.updated_at,
});

export const metaRows = (kysely: Kysely<Tables>): MetaRows => ({
  get: async (key) => {
    const query = kysely.selectFrom("meta").select("value").where("key", "=", key);
    const row = await query.executeTakeFirst();
    return row ? fromText(row.value) : undefined;
  },
  set: async (key, json) => {
    const value = toText(json);
    await kysely
      .insertInto("meta")
      .values({ key, value })
      .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
      .execute();
  },
  swap: async (key, from, json) => {
    const value = toText(json);
    const added = kysely
      .insertInto("meta")
      .values({ key, value })
      .onConflict((conflict) => conflict.column("key").doNothing())
      .returning("key");
    if (from === undefined) return (await added.execute()).length > 0;
    const changed = kysely.updateTable("meta").set({ value }).where("key", "=", key).returning("key");
    return (await changed.where("value", "=", toText(from)).execute()).length > 0;
  },
});
