import type { Insertable, Kysely, Selectable, Updateable } from "kysely";
import type { BackfillRun, BackfillRunState } from "../model/backfill-run.ts";
import type { ChangeClass } from "../model/change-class.ts";
import type { BackfillRow, BackfillRows } from "../ports/ledger-backfills.ts";
import type { Tables } from "./database-tables.ts";
import { fromText, pullOf, toText } from "./ledger-values.ts";

type Row = Tables["backfills"];

export const backfillRows = (kysely: Kysely<Tables>): BackfillRows => ({
  get: async (workspace, name) => {
    const row = await kysely
      .selectFrom("backfills")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("name", "=", name)
      .executeTakeFirst();
    return row ? backfillOf(row) : null;
  },
  list: async ({ workspace, pull, states }) => {
    let query = kysely.selectFrom("backfills").selectAll().orderBy("workspace").orderBy("created_at");
    if (workspace !== undefined) query = query.where("workspace", "=", workspace);
    if (pull) query = query.where("pull_repo", "=", pull.repo).where("pull_number", "=", pull.number);
    if (states) query = query.where("state", "in", [...states]);
    return (await query.orderBy("name").execute()).map(backfillOf);
  },
  approve: async (row) => {
    const { workspace, name, ...rest } = row;
    const values = columnsOf(rest) as Omit<Insertable<Row>, "workspace" | "name">;
    const changed = await kysely
      .insertInto("backfills")
      .values({ workspace, name, ...values })
      .onConflict((conflict) =>
        conflict
          .columns(["workspace", "name"])
          .doUpdateSet(values)
          .where("backfills.state", "in", ["waiting", "cancelled", "done"]),
      )
      .returning("name")
      .execute();
    return changed.length > 0;
  },
  change: async (workspace, name, { from, token, set }) => {
    let query = kysely
      .updateTable("backfills")
      .set(columnsOf(set))
      .where("workspace", "=", workspace)
      .where("name", "=", name)
      .where("state", "in", [...from]);
    if (token !== undefined) query = query.where("token", "=", token);
    return (await query.returning("name").execute()).length > 0;
  },
});

/** Only what is given: a column that is left out keeps its value. */
const columnsOf = (set: Partial<Omit<BackfillRow, "workspace" | "name">>): Updateable<Row> => {
  const {
    pull,
    leftOut,
    freezeOverride,
    verification,
    requestedBy,
    createdAt,
    progressedAt,
    updatedAt,
    endedAt,
    ...same
  } = set;
  return {
    ...same,
    ...(pull === undefined ? {} : { pull_repo: pull?.repo ?? null, pull_number: pull?.number ?? null }),
    ...(leftOut === undefined ? {} : { left_out: toText(leftOut) }),
    ...(freezeOverride === undefined ? {} : { freeze_override: freezeOverride && toText(freezeOverride) }),
    ...(verification === undefined ? {} : { verification: verification && toText(verification) }),
    ...(requestedBy === undefined ? {} : { requested_by: requestedBy }),
    ...(createdAt === undefined ? {} : { created_at: createdAt }),
    ...(progressedAt === undefined ? {} : { progressed_at: progressedAt }),
    ...(updatedAt === undefined ? {} : { updated_at: updatedAt }),
    ...(endedAt === undefined ? {} : { ended_at: endedAt }),
  };
};

/** A row of the table, for the read model too. */
export const backfillOf = (row: Selectable<Row>): BackfillRow => ({
  ...{ workspace: row.workspace, name: row.name, run: row.run, pull: pullOf(row) },
  ...{ commit: row.commit, path: row.path, checksum: row.checksum, table: row.table },
  class: row.class as ChangeClass,
  state: row.state as BackfillRunState,
  wish: row.wish as BackfillRow["wish"],
  ...{ token: row.token, reason: row.reason, throttle: row.throttle, lag: row.lag, active: row.active },
  ...{ done: Number(row.done), changed: Number(row.changed), dead: row.dead, rate: row.rate },
  total: row.total === null ? null : Number(row.total),
  leftOut: fromText<readonly Kept<BackfillRun["leftOut"][number]>[]>(row.left_out).map(dated),
  freezeOverride: keptOrNull(row.freeze_override),
  verification: keptOrNull(row.verification),
  requestedBy: row.requested_by,
  createdAt: row.created_at,
  progressedAt: row.progressed_at,
  updatedAt: row.updated_at,
  endedAt: row.ended_at,
});

/** With its time as text. */
type Kept<Value extends { readonly at: Date }> = Omit<Value, "at"> & { readonly at: string };

const dated = <Value extends { readonly at: Date }>(kept: Kept<Value>): Value =>
  ({ ...kept, at: new Date(kept.at) }) as unknown as Value;

const keptOrNull = <Value extends { readonly at: Date }>(text: string | null): Value | null =>
  text === null ? null : dated<Value>(fromText<Kept<Value>>(text));
