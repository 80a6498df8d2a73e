import { type Kysely, type Selectable, sql } from "kysely";
import type { Page, RunDetail, RunView } from "../model/reading.ts";
import type { ReadModel, RunWish } from "../ports/read-model.ts";
import type { Tables } from "./database-tables.ts";
import { runSummaryOf } from "./ledger-shapes.ts";
import { fromText } from "./ledger-values.ts";
import type { BackfillQueries } from "./read-model-backfills.ts";
import { allOf, isOneOf, isSame, isVisible, pageOf, readCursor } from "./read-model-parts.ts";

type Queries = Pick<ReadModel, "runs" | "run">;
type Row = Omit<Selectable<Tables["runs"]>, "result" | "log_artifact" | "token"> & {
  readonly class: string | null;
  readonly has_log: boolean;
};

export const runQueries = (kysely: Kysely<Tables>, { backfills }: BackfillQueries): Queries => ({
  runs: (wish) => runs(kysely, wish),
  run: async (id) => {
    const found = await run(kysely, id);
    return found && { ...found, backfills: await backfills({ visible: ["*"], run: id }) };
  },
});

const COLUMNS = sql`runs.id, runs.workspace, runs.kind, runs.state, runs.pull_repo, runs.pull_number, runs.head,
  runs.base, runs.commit, runs.trigger, runs.requested_by, runs.error, runs.created_at, runs.started_at,
  runs.ended_at, runs.request, (runs.log_artifact is not null or exists (select 1 from run_log_parts where run = runs.id)) as has_log, plans.class`;

const runs = async (kysely: Kysely<Tables>, wish: RunWish): Promise<Page<RunView>> => {
  const after = wish.cursor === undefined ? null : readCursor(wish.cursor, ["time", "text"]);
  const where = allOf([
    isVisible(sql`runs.workspace`, wish.visible),
    isSame(sql`runs.workspace`, wish.workspace),
    isSame(sql`runs.kind`, wish.kind),
    isOneOf(sql`runs.state`, wish.states),
    isSame(sql`runs.pull_repo`, wish.pull?.repo),
    isSame(sql`runs.pull_number`, wish.pull?.number),
    after && sql`(runs.created_at, runs.id) < (${after[0]}, ${after[1]})`,
  ]);
  const { rows } = await sql<Row>`select ${COLUMNS} from runs left join plans on plans.run = runs.id
    where ${where} order by runs.created_at desc, runs.id desc limit ${wish.limit + 1}`.execute(kysely);
  return pageOf(rows, wish.limit, viewOf, (row) => [row.created_at, row.id]);
};

const run = async (kysely: Kysely<Tables>, id: string): Promise<Omit<RunDetail, "backfills"> | null> => {
  type Whole = Row & {
    result: string;
    digest: string | null;
    summary: string | null;
    discarded_at: Date | null;
  };
  const { rows } = await sql<Whole>`
    select ${COLUMNS}, runs.result, plans.digest, plans.summary, plans.discarded_at
    from runs left join plans on plans.run = runs.id where runs.id = ${id}`.execute(kysely);
  const [row] = rows;
  if (!row) return null;
  const steps = await kysely
    .selectFrom("run_steps")
    .selectAll()
    .where("run", "=", id)
    .orderBy("sequence")
    .execute();
  return {
    ...viewOf(row),
    steps: steps.map(({ name, started_at, ended_at, ok }) => {
      return { name, startedAt: started_at, endedAt: ended_at, ok };
    }),
    plan:
      row.digest === null || row.summary === null
        ? null
        : { digest: row.digest, summary: fromText(row.summary), discardedAt: row.discarded_at },
    result: fromText(row.result),
  };
};

const viewOf = (row: Row): RunView => ({
  ...runSummaryOf(row),
  class: row.class,
  hasLog: row.has_log,
});
