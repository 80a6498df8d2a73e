import type { Kysely, Selectable } from "kysely";
import { sql } from "kysely";
import type { EndedFinding, Finding, FindingEnd, OpenFinding } from "../model/finding.ts";
import type { FindingRows } from "../ports/ledger.ts";
import type { Tables } from "./database-tables.ts";
import { findingOf } from "./ledger-shapes.ts";
import { together, toText } from "./ledger-values.ts";

type Known = Finding & { readonly fingerprint: string };
type Row = Selectable<Tables["findings"]>;

export const findingRows = (kysely: Kysely<Tables>): FindingRows => ({
  open: async (workspace) => {
    const rows = await kysely
      .selectFrom("findings")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("ended_at", "is", null)
      .orderBy("address")
      .orderBy("path")
      .orderBy("sequence")
      .execute();
    return rows.map(openOf);
  },
  record: (workspace, findings, now) =>
    together(kysely, async (transaction) => {
      const fresh: OpenFinding[] = [];
      for (const batch of batches(uniqueOf(findings))) {
        fresh.push(...(await record(transaction, workspace, batch, now)));
      }
      return fresh;
    }),
  end: async (workspace, fingerprints, why, now) => {
    if (fingerprints.length === 0) return [];
    const rows = await kysely
      .updateTable("findings")
      .set({ ended_at: now, why })
      .where("workspace", "=", workspace)
      .where("ended_at", "is", null)
      .where(sql<boolean>`fingerprint = any(${[...fingerprints]}::text[])`)
      .returningAll()
      .execute();
    return rows.sort((left, right) => left.sequence - right.sequence).map(endedOf);
  },
  history: async (workspace, limit) => {
    const rows = await kysely
      .selectFrom("findings")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("ended_at", "is not", null)
      .orderBy("ended_at", "desc")
      .orderBy("sequence", "desc")
      .limit(limit)
      .execute();
    return rows.map(endedOf);
  },
  proposed: async (workspace, fingerprints, at) => {
    if (fingerprints.length === 0) return;
    await kysely
      .updateTable("findings")
      .set({ proposed_at: at })
      .where("workspace", "=", workspace)
      .where("ended_at", "is", null)
      .where("proposed_at", "is", null)
      .where(sql<boolean>`fingerprint = any(${[...fingerprints]}::text[])`)
      .execute();
  },
  acknowledge: (id, { by, at, note }) => mark(kysely, id, { acked_by: by, acked_at: at, ack_note: note }),
  snooze: (id, { by, until, reason }) =>
    mark(kysely, id, { snoozed_by: by, snoozed_until: until, snooze_reason: reason }),
});

const mark = async (
  kysely: Kysely<Tables>,
  id: number,
  values: Partial<Omit<Row, "sequence">>,
): Promise<boolean> => {
  const rows = await kysely
    .updateTable("findings")
    .set(values)
    .where("sequence", "=", id)
    .where("ended_at", "is", null)
    .returning("sequence")
    .execute();
  return rows.length > 0;
};

/** One statement may touch a row once only; of several with one fingerprint the last counts. */
const uniqueOf = (findings: readonly Known[]): readonly Known[] => [
  ...new Map(findings.map((finding) => [finding.fingerprint, finding])).values(),
];

// A statement takes at most 65,535 parameters.
const BATCH = 1000;
const batches = <T>(items: readonly T[]): readonly T[][] =>
  Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );

const record = async (
  transaction: Kysely<Tables>,
  workspace: string,
  findings: readonly Known[],
  now: Date,
): Promise<readonly OpenFinding[]> => {
  const rows = await transaction
    .insertInto("findings")
    .values(
      findings.map((finding) => ({ ...valuesOf(finding), workspace, opened_at: now, last_seen_at: now })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(["workspace", "fingerprint"])
        .where("ended_at", "is", null)
        .doUpdateSet((row) => ({
          last_seen_at: row.ref("excluded.last_seen_at"),
          cause: row.ref("excluded.cause"),
          recorded: row.ref("excluded.recorded"),
          actual: row.ref("excluded.actual"),
          desired: row.ref("excluded.desired"),
          sensitive: row.ref("excluded.sensitive"),
        })),
    )
    // A row that this statement inserted has no earlier version.
    .returningAll()
    .returning(sql<boolean>`xmax = 0`.as("fresh"))
    .execute();
  return rows.filter(({ fresh }) => fresh).map(openOf);
};

const valuesOf = ({ fingerprint, address, path, cause, recorded, actual, desired, sensitive }: Known) => ({
  ...{ fingerprint, address, path, cause, sensitive },
  recorded: toText(recorded),
  actual: toText(actual),
  desired: toText(desired),
});

const openOf = (row: Row): OpenFinding => ({ ...findingOf(row), fingerprint: row.fingerprint });

const endedOf = (row: Row): EndedFinding => ({
  ...openOf(row),
  endedAt: row.ended_at ?? row.last_seen_at,
  why: row.why as FindingEnd,
});
