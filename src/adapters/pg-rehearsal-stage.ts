import { quoted } from "../migration/history.ts";
import { schemaDiff } from "../migration/schema-diff.ts";
import type { SqlParser } from "../migration/script.ts";
import type { Backfill } from "../model/backfill.ts";
import type { RehearsedBackfill } from "../model/backfill-plan.ts";
import type { Rehearsal, RehearsalAgain, RehearsalRun } from "../model/rehearsal.ts";
import type { StatementWatch } from "./flyway-statements.ts";
import { rehearseBackfill } from "./pg-backfill-rehearsal.ts";
import { observerOf } from "./pg-observe.ts";
import { runnerOf } from "./pg-owners.ts";
import { type WayBack, wayBack } from "./pg-rehearsal-back.ts";
import { failureOf } from "./pg-rehearsal-failure.ts";
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
  await copyRoles(target, scratch, await runnerOf(target, folder.place));
  await scratch.run(`create schema if not exists ${quoted(folder.place.schema)}`);
  await folder.prepare(scratch);
};

export type Current = Pick<Rehearsal, "current" | "diff" | "again" | "compensations" | "backfills">;

/** Runs what is pending, says what it changed and whether it can be taken back, and runs once more. */
export const rehearseCurrent = async (
  stage: Stage,
  pending: readonly RehearsedScript[],
): Promise<Current> => {
  const { place } = stage.folder;
  const before = await takeSnapshot(stage.scratch, place);
  const back = wayBack(stage, pending, before);
  const current = await rehearsePart(stage, pending, back);
  const after = await takeSnapshot(stage.scratch, place);
  const again = current.failure ? null : await rehearseAgain(stage);
  const compensations = back.told();
  const told = {
    ...{ current, diff: schemaDiff(before, after), again },
    ...(compensations.length > 0 ? { compensations } : {}),
  };
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
  back: WayBack | null = null,
): Promise<RehearsalRun> => {
  const observer = observerOf(scratch, folder.place);
  const watch: StatementWatch = (statement, at, run) => {
    if (performance.now() > until) return Promise.reject(new Error(TOO_LONG));
    return observer.watch(statement, at, () => tolerating(scratch, statement, at.transactional, run));
  };
  await scratch.run("reset search_path");
  const around = back?.around(watch) ?? watch;
  const failure = await folder.run(scratch, scripts, around, back?.applied).then(() => null, failureOf);
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
