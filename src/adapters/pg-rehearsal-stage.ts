import { quoted } from "../migration/history.ts";
import { schemaDiff } from "../migration/schema-diff.ts";
import type { SqlParser } from "../migration/script.ts";
import type { Backfill } from "../model/backfill.ts";
import type { RehearsedBackfill } from "../model/backfill-plan.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Rehearsal, RehearsalAgain, RehearsalFailure, RehearsalRun } from "../model/rehearsal.ts";
import { StatementFailed, type StatementWatch } from "./flyway-statements.ts";
import { rehearseBackfill } from "./pg-backfill-rehearsal.ts";
import { observerOf } from "./pg-observe.ts";
import type { RehearsedFolder, RehearsedScript } from "./pg-rehearsal-folder.ts";
import { copyRoles } from "./pg-replay.ts";
import { tolerating } from "./pg-server-objects.ts";
import type { Target } from "./pg-session.ts";
import { takeSnapshot } from "./pg-snapshot.ts";

export interface StageRequest {
  readonly folder: RehearsedFolder;
  readonly parse: SqlParser;
  /** No further statement begins after that time of `performance.now`. */
  readonly until: number;
  readonly backfills: readonly Backfill[];
}

/** A database that nobody else uses. */
export interface Stage extends StageRequest {
  readonly scratch: Target;
}

/** Roles of the target, the schema and the history table, so that files may be replayed. */
export const prepareStage = async ({ scratch, folder }: Stage, target: Target): Promise<void> => {
  await copyRoles(target, scratch);
  await scratch.run(`create schema if not exists ${quoted(folder.place.schema)}`);
  await folder.prepare(scratch);
};

export type Current = Pick<Rehearsal, "current" | "diff" | "again" | "backfills">;

/** Runs what is pending, says what it changed, and runs once more. */
export const rehearseCurrent = async (
  stage: Stage,
  pending: readonly RehearsedScript[],
): Promise<Current> => {
  const { place } = stage.folder;
  const before = await takeSnapshot(stage.scratch, place);
  const current = await rehearsePart(stage, pending);
  const after = await takeSnapshot(stage.scratch, place);
  const again = current.failure ? null : await rehearseAgain(stage);
  const told = { current, diff: schemaDiff(before, after), again };
  if (current.failure || stage.backfills.length === 0) return told;
  const backfills: RehearsedBackfill[] = [];
  for (const backfill of stage.backfills) backfills.push(await rehearseBackfill(stage.scratch, backfill));
  return { ...told, backfills };
};

const rehearseAgain = async (stage: Stage): Promise<RehearsalAgain> => {
  const { scratch, folder } = stage;
  const before = await takeSnapshot(scratch, folder.place);
  const { pending } = await folder.standing(scratch);
  const { failure } = await rehearsePart(stage, pending);
  const after = await takeSnapshot(scratch, folder.place);
  return { pending: pending.map(({ path }) => path), changes: schemaDiff(before, after), failure };
};

/** Runs migrations in their order, as a real run would, up to the first that fails. */
export const rehearsePart = async (
  { scratch, folder, until }: Stage,
  scripts: readonly RehearsedScript[],
): Promise<RehearsalRun> => {
  const observer = observerOf(scratch, folder.place);
  const watch: StatementWatch = (statement, at, run) => {
    if (performance.now() > until) return Promise.reject(new Error(TOO_LONG));
    return observer.watch(statement, at, () => tolerating(scratch, statement, at.transactional, run));
  };
  await scratch.run("reset search_path");
  const failure = await folder.run(scratch, scripts, watch).then(() => null, failureOf);
  const ran = scripts.filter(({ path }) => failure === null || observer.seen(path).statements.length > 0);
  return {
    migrations: ran.map(({ path, version, checksum }) => {
      const { statements, transactional } = observer.seen(path);
      const milliseconds = statements.reduce((sum, each) => sum + each.milliseconds, 0);
      return {
        ...{ script: path, version, checksum, transactional, statements },
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
