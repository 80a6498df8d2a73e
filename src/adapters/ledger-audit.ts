import { createHash } from "node:crypto";
import type { Kysely, Selectable } from "kysely";
import { canonicalJson } from "../model/json.ts";
import type { AuditEntry, AuditRows } from "../ports/ledger.ts";
import type { Tables } from "./database-tables.ts";
import { fromText, oneAfterAnother, together, toText } from "./ledger-values.ts";

type Unsealed = Omit<AuditEntry, "hash">;

/** What the first entry is chained to. */
const START = "0".repeat(64);
const PAGE = 1000;

export const auditRows = (kysely: Kysely<Tables>): AuditRows => ({
  append: ({ at, actor, action, subject, details }) =>
    together(kysely, async (transaction) => {
      await oneAfterAnother(transaction, "audit");
      const last = await lastOf(transaction);
      const text = toText(details);
      const entry = { sequence: last.sequence + 1, at, actor, action, subject, details: fromText(text) };
      const hash = hashOf(last.hash, entry);
      await transaction
        .insertInto("audit")
        .values({ ...entry, details: text, hash })
        .execute();
      return { ...entry, hash };
    }),
  list: async ({ subject, limit, after }) => {
    let query = kysely.selectFrom("audit").selectAll().orderBy("sequence");
    if (subject !== undefined) query = query.where("subject", "=", subject);
    if (after !== undefined) query = query.where("sequence", ">", after);
    if (limit !== undefined) query = query.limit(limit);
    return (await query.execute()).map(entryOf);
  },
  verify: () => verify(kysely),
});

const lastOf = async (transaction: Kysely<Tables>): Promise<{ sequence: number; hash: string }> => {
  const query = transaction.selectFrom("audit").select(["sequence", "hash"]).orderBy("sequence", "desc");
  return (await query.limit(1).executeTakeFirst()) ?? { sequence: 0, hash: START };
};

const hashOf = (previous: string, { sequence, at, actor, action, subject, details }: Unsealed): string =>
  createHash("sha256")
    .update(previous)
    .update(canonicalJson({ sequence, at: at.toISOString(), actor, action, subject, details }))
    .digest("hex");

const verify = async (kysely: Kysely<Tables>): Promise<number | null> => {
  let last = { sequence: 0, hash: START };
  for (;;) {
    const query = kysely.selectFrom("audit").selectAll().where("sequence", ">", last.sequence);
    const rows = await query.orderBy("sequence").limit(PAGE).execute();
    for (const entry of rows.map(entryOf)) {
      const expected = last.sequence + 1;
      if (entry.sequence !== expected) return expected;
      if (entry.hash !== hashOf(last.hash, entry)) return expected;
      last = entry;
    }
    if (rows.length < PAGE) return null;
  }
};

const entryOf = (row: Selectable<Tables["audit"]>): AuditEntry => ({
  ...row,
  details: fromText(row.details),
});
