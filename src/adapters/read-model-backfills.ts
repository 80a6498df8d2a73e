import { type Kysely, type Selectable, sql } from "kysely";
import { type BackfillView, secondsLeft } from "../model/backfill-run.ts";
import type { BackfillWish, ReadModel } from "../ports/read-model.ts";
import type { Tables } from "./database-tables.ts";
import { backfillOf } from "./ledger-backfills.ts";
import { allOf, isOneOf, isSame, isVisible } from "./read-model-parts.ts";

export type BackfillQueries = Pick<ReadModel, "backfills">;

const MOST = 500;

export const backfillQueries = (kysely: Kysely<Tables>): BackfillQueries => ({
  backfills: async (wish) => (await rowsFor(kysely, wish)).map(viewOf),
});

// A run may have planned it, or be the apply that it was approved with: both are of one pull request and workspace.
const rowsFor = async (
  kysely: Kysely<Tables>,
  { visible, workspace, run, states }: BackfillWish,
): Promise<readonly Selectable<Tables["backfills"]>[]> => {
  const where = allOf([
    isVisible(sql`backfills.workspace`, visible),
    isSame(sql`backfills.workspace`, workspace),
    isOneOf(sql`backfills.state`, states),
    run === undefined
      ? null
      : sql`exists (select 1 from runs where runs.id = ${run} and runs.workspace = backfills.workspace
          and (runs.id = backfills.run
            or (runs.pull_repo = backfills.pull_repo and runs.pull_number = backfills.pull_number)))`,
  ]);
  const { rows } = await sql<Selectable<Tables["backfills"]>>`select * from backfills where ${where}
    order by ended_at is not null, created_at desc, workspace, name limit ${MOST}`.execute(kysely);
  return rows;
};

const viewOf = (row: Selectable<Tables["backfills"]>): BackfillView => {
  const {
    commit: _commit,
    path: _path,
    token: _token,
    wish: _wish,
    updatedAt: _at,
    ...shown
  } = backfillOf(row);
  return { ...shown, secondsLeft: secondsLeft(shown) };
};
