import { quoted } from "../migration/history.ts";
import type { Migration, Resolved } from "../migration/resolve.ts";
import { schemaDiff } from "../migration/schema-diff.ts";
import type { SqlParser } from "../migration/script.ts";
import { standingOf } from "../migration/standing.ts";
import type { Backfill } from "../model/backfill.ts";
import type { RehearsedBackfill } from "../model/backfill-plan.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Rehearsal, RehearsalAgain, RehearsalFailure, RehearsalRun } from "../model/rehearsal.ts";
import { type HistoryPlace, makeHistory, readHistory } from "./flyway-history.ts";
import { runMigrations } from "./flyway-run.ts";
import { StatementFailed, type StatementWatch } from "./flyway-statements.ts";
import { rehearseBackfill } from "./pg-backfill-rehearsal.ts";
import { observerOf } from "./pg-observe.ts";
import { copyRoles } from "./pg-replay.ts";
import { tolerating } from "./pg-server-objects.ts";
import type { Target } from "./pg-session.ts";
import { takeSnapshot } from "./pg-snapshot.ts";

export interface StageRequest {
  /** Where the history is kept. */
  readonly place: HistoryPlace;
  readonly resolved: Resolved;
  readonly parse: SqlParser;
  /** A file may run without a transaction when only some of its statements refuse one. */
  readonly mixed: boolean;
  /** No further statement begins after that time of `performance.now`. */
  readonly until: number;
  readonly backfills: readonly Backfill[];
}

/** A database that nobody else uses. */
export interface Stage extends StageRequest {
  readonly scratch: Target;
}

/** Roles of the target, the schema and the history table, so that files may be replayed. */
export const prepareStage = async ({ scratch, place }: Stage, target: Target): Promise<void> => {
  await copyRoles(target, scratch);
  await scratch.run(`create schema if not exists ${quoted(place.schema)}`);
  await makeHistory(scratch, place, []);
};

export type Current = Pick<Rehearsal, "current" | "diff" | "again" | "backfills">;

/** Runs what is pending, says what it changed, and runs once more. */
export const rehearseCurrent = async (stage: Stage, pending: readonly Migration[]): Promise<Current> => {
  const before = await takeSnapshot(stage.scratch, stage.place);
  const current = await rehearsePart(stage, pending);
  const after = await takeSnapshot(stage.scratch, stage.place);
  const again = current.failure ? null : await rehearseAgain(stage);
  const told = { current, diff: schemaDiff(before, after), again };
  if (current.failure || stage.backfills.length === 0) return told;
  const backfills: RehearsedBackfill[] = [];
  for (const backfill of stage.backfills) backfills.push(await rehearseBackfill(stage.scratch, backfill));
  return { ...told, backfills };
};

const rehearseAgain = async (stage: Stage): Promise<RehearsalAgain> => {
  const { scratch, place, resolved } = stage;
  const before = await takeSnapshot(scratch, place);
  const history = (await readHistory(scratch, place)) ?? [];
  const { pending } = standingOf(resolved, history, { outOfOrder: true });
  const { failure } = await rehearsePart(stage, pending);
  const after = await takeSnapshot(scratch, place);
  return { pending: pending.map(({ path }) => path), changes: schemaDiff(before, after), failure };
};

/** Runs migrations in their order, as a real run would, up to the first that fails. */
export const rehearsePart = async (stage: Stage, migrations: readonly Migration[]): Promise<RehearsalRun> => {
  const { scratch, place, resolved, parse, mixed, until } = stage;
  const observer = observerOf(scratch, place);
  const watch: StatementWatch = (statement, at, run) => {
    if (performance.now() > until) return Promise.reject(new Error(TOO_LONG));
    return observer.watch(statement, at, () => tolerating(scratch, statement, at.transactional, run));
  };
  await scratch.run("reset search_path");
  const failure = await runMigrations(scratch, resolved, migrations, {
    ...{ place, parse, mixed, watch },
    ...{ lockTimeout: "5s", statementTimeout: "0", retryAfter: 0, progress: () => {} },
  }).then(() => null, failureOf);
  const ran = migrations.filter(({ path }) => failure === null || observer.seen(path).statements.length > 0);
  return {
    migrations: ran.map(({ path, name, checksum }) => {
      const { statements, transactional } = observer.seen(path);
      const milliseconds = statements.reduce((sum, each) => sum + each.milliseconds, 0);
      return {
        ...{ script: path, version: name.version, checksum, transactional, statements },
        milliseconds: Math.round(milliseconds * 10) / 10,
      };
    }),
    failure,
  };
};

const TOO_LONG = "the rehearsal takes longer than it may; rehearsal.timeout_seconds says how long that is";

/** A refused statement or file as data. @throws whatever else was thrown */
export const failureOf = (thrown: unknown): RehearsalFailure => {
  if (thrown instanceof StatementFailed) {
    const { place, words, state } = thrown;
    return { script: place.path, line: place.line, column: place.column, message: words, state };
  }
  const { file, line, column, words, state } =
    thrown instanceof PlumblineError ? thrown.detail : ({} as PlumblineError["detail"]);
  if (typeof file !== "string" || typeof words !== "string") throw thrown;
  return {
    script: file,
    line: Number(line),
    column: Number(column),
    message: words,
    state: typeof state === "string" ? state : null,
  };
};
