import { isApplied } from "../migration/backfill.ts";
import { quoted } from "../migration/history.ts";
import { leftOutKey } from "../migration/left-out.ts";
import type { SqlParser } from "../migration/script.ts";
import type { Backfill, BackfillLoad, BackfillWait } from "../model/backfill.ts";
import type { DeclaredBackfill } from "../model/backfill-plan.ts";
import type { DatabaseConfig } from "../model/database.ts";
import { PlumblineError } from "../model/errors.ts";
import type { BackfillCall, BackfillEnd, BackfillOrder, Backfills } from "../ports/backfills.ts";
import type { MigrationCall } from "../ports/migrations.ts";
import { readBackfills } from "./backfill-files.ts";
import { placeOf } from "./flyway-folder.ts";
import { type HistoryPlace, readHistory } from "./flyway-history.ts";
import { type BackfillOptions, runBackfill } from "./pg-backfill.ts";
import { keyTrouble } from "./pg-backfill-begin.ts";
import { retryDeadLetters } from "./pg-backfill-retry.ts";
import {
  deadTable,
  makeBackfillTables,
  mayWriteTables,
  pauseBackfill,
  readDeadLetters,
  readProgress,
  resumeBackfill,
  stateTable,
} from "./pg-backfill-state.ts";
import { NOT_ASKED } from "./pg-backfill-throttle.ts";
import { asBackfillTrouble } from "./pg-backfill-trouble.ts";
import { readSchemaContext } from "./pg-context.ts";
import type { Target } from "./pg-session.ts";
import { openTarget } from "./pg-target.ts";

/** Our own runner of backfills, behind the port of the service. */
export const pgBackfills = (parse: SqlParser): Backfills => ({
  declared: (call) => reading(call, (target) => declared(target, call, parse)),
  isReady: async (call, backfill) =>
    backfill.after === null ||
    answered(
      reading(call, async (target) =>
        isApplied(backfill, (await readHistory(target, await historyOf(target, call.database))) ?? []),
      ),
    ),
  run: (call, backfill, order) =>
    answered(
      opened(call, async (target, sampler) => {
        await lendTables(call, target);
        return run({ target, sampler }, call, backfill, order);
      }),
    ),
  hold: (call, { name }, why) =>
    answered(
      opened(call, async (target) => {
        await pauseBackfill(target, await historyOf(target, call.database), name, why);
      }),
    ),
});

/** An answer of the server that stays the same is told as such: nobody waits for a connection that is there. */
const answered = async <Result>(work: Promise<Result>): Promise<Result> => {
  try {
    return await work;
  } catch (thrown) {
    throw asBackfillTrouble(thrown);
  }
};

const historyOf = (target: Target, { schemas, historyTable }: DatabaseConfig): Promise<HistoryPlace> =>
  placeOf(target, { schemas, table: historyTable });

const reading = async <Result>(
  call: BackfillCall,
  work: (target: Target) => Promise<Result>,
): Promise<Result> => {
  const target = await openTarget(await call.url("read_only"));
  try {
    await target.run("set default_transaction_read_only = on");
    return await work(target);
  } finally {
    await target.close();
  }
};

const workerOf = ({ database }: BackfillCall): "backfill" | "migration" =>
  // Of a run that an older version began it is not known.
  (database.url.backfill ?? null) === null ? "migration" : "backfill";

/**
 * An identity that may only change rows makes no tables: whoever migrates makes them, and lets it write to them.
 * @throws `sql-failed` where it may do everything, and is not what it was set up for
 */
const lendTables = async (call: BackfillCall, target: Target): Promise<void> => {
  if (workerOf(call) === "migration") return;
  const [row] = await target.query(
    "select rolname as who, rolsuper as everything from pg_roles where rolname = current_user",
  );
  if (row?.["everything"] !== false)
    throw new PlumblineError("sql-failed", "The identity of backfills is a superuser.", {
      hint: "Give database.url.backfill a role that may change rows and no more, or leave it out.",
    });
  const place = await historyOf(target, call.database);
  if (await mayWriteTables(target, place)) return;
  const owner = await openTarget(await call.url("migration"));
  try {
    await makeBackfillTables(owner, place);
    const tables = `${stateTable(place)}, ${deadTable(place)}`;
    await owner.run(`grant select, insert, update, delete on ${tables} to ${quoted(String(row["who"]))}`);
  } finally {
    await owner.close();
  }
};

/** A session for each identity: one that is both, as an embedded database has, needs no second one. */
const opened = async <Result>(
  call: BackfillCall,
  work: (target: Target, sampler: Target) => Promise<Result>,
): Promise<Result> => {
  const url = await call.url(workerOf(call));
  const target = await openTarget(url);
  try {
    if (url.startsWith("pglite:") || url === (await call.url("read_only"))) return await work(target, target);
    return await reading(call, (sampler) => work(target, sampler));
  } finally {
    await target.close();
  }
};

const declared = async (
  target: Target,
  { dir, database }: MigrationCall,
  parse: SqlParser,
): Promise<readonly DeclaredBackfill[]> => {
  const place = await historyOf(target, database);
  const files = await readBackfills(dir, { schema: place.schema, parse });
  if (files.length === 0) return [];
  const { tables } = await readSchemaContext(target, new Date());
  const standing = await readProgress(
    target,
    place,
    files.map(({ backfill }) => backfill),
  );
  const told: DeclaredBackfill[] = [];
  for (const [index, { backfill, file }] of files.entries()) {
    const progress = standing[index];
    if (!progress) continue;
    const trouble =
      database.tool === "liquibase" && backfill.after !== null
        ? "`after` names a version, and Liquibase's changesets have none: leave it out"
        : await keyTrouble(target, backfill);
    const rows = tables[`${backfill.schema}.${backfill.table}`]?.rows ?? null;
    told.push({ backfill, file, progress, trouble, rows });
  }
  return told;
};

interface Sessions {
  readonly target: Target;
  readonly sampler: Target;
}

const run = async (
  { target, sampler }: Sessions,
  { database }: BackfillCall,
  backfill: Backfill,
  { clock, wish, border, stop }: BackfillOrder,
): Promise<BackfillEnd> => {
  const place = await historyOf(target, database);
  if (wish !== null) await resumeBackfill(target, place, backfill.name);
  const [before] = await readProgress(target, place, [backfill]);
  let held: { readonly wait: BackfillWait; readonly load: BackfillLoad } | null = null;
  let load: BackfillLoad = NOT_ASKED;
  const options: BackfillOptions = {
    ...{ place, clock, sampler, stop },
    border: (now, seen) => {
      load = seen;
      return border(now, seen);
    },
    waiting: async (wait, seen) => {
      held = { wait, load: seen };
      return false;
    },
  };
  const dead = before?.dead ?? 0;
  const tried = wish !== "retry" || dead === 0 || (await retryDeadLetters(target, backfill, options));
  const [left] = tried ? [] : await readProgress(target, place, [backfill]);
  const progress = left ?? (await runBackfill(target, backfill, options));
  // One more slice where something was mended in this one: each failing key is not tried for ever.
  const retries = !tried && (held !== null || stop.aborted || progress.dead < dead);
  const leftOut = (await readDeadLetters(target, place, backfill.name)).map(leftOutKey);
  return { progress, leftOut, wait: null, load, retries, ...(held ?? {}) };
};
