import { compensationOf, compensationPath } from "../migration/compensation.ts";
import { schemaDiff } from "../migration/schema-diff.ts";
import type { Script, SqlParser, Statement } from "../migration/script.ts";
import { transactionAfter } from "../migration/transactional.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { RehearsalFailure, RehearsedCompensation, SchemaDifference } from "../model/rehearsal.ts";
import { settle } from "./flyway-run.ts";
import { runScript, StatementFailed, type StatementWatch } from "./flyway-statements.ts";
import { failureOf } from "./pg-rehearsal-failure.ts";
import type { RehearsedFolder, RehearsedScript } from "./pg-rehearsal-folder.ts";
import { tolerating } from "./pg-server-objects.ts";
import { type Target, wordsFor } from "./pg-session.ts";
import { takeSnapshot } from "./pg-snapshot.ts";

/** Tries, while files are rehearsed, whether what takes each of them back does so. */
export interface WayBack {
  /** Stands around another watch of the files' statements. */
  readonly around: (watch: StatementWatch) => StatementWatch;
  /** Told of each file that is done and committed. */
  readonly applied: (script: string) => Promise<void>;
  readonly told: () => readonly RehearsedCompensation[];
}

/** Where files are rehearsed. */
interface Ground {
  readonly scratch: Target;
  readonly folder: Pick<RehearsedFolder, "place">;
  readonly parse: SqlParser;
  /** A time of `performance.now`, behind which nothing more is tried. */
  readonly until: number;
}

/**
 * A file without a transaction may stop behind each of its statements, so it is tried from there too; every try is in a
 * transaction that is taken back itself, and the files go on as if nothing had been.
 */
export const wayBack = (
  ground: Ground,
  migrations: readonly RehearsedScript[],
  now: SchemaSnapshot,
): WayBack => {
  const tries = new Map(migrations.flatMap((one) => readied(ground, one)));
  let before = now;
  return {
    around: (watch) => async (statement, at, run) => {
      const one = tries.get(at.path);
      if (!one?.script) return watch(statement, at, run);
      if (!at.transactional && one.done === 0) await tryBack(ground, one, before);
      const result = await watch(statement, at, run);
      step(one, statement);
      if (!at.transactional && !one.open) await tryBack(ground, one, before);
      return result;
    },
    applied: async (script) => {
      const one = tries.get(script);
      if (one && one.tried === 0) await tryBack(ground, one, before);
      // Not within a file: it would find another search path.
      if (tries.size > 0) before = await takeSnapshot(ground.scratch, ground.folder.place);
    },
    told: () => [...tries.values()].flatMap(toldOf),
  };
};

interface Try {
  readonly path: string;
  /** Null where it cannot run at all. */
  readonly script: Script | null;
  /** Statements of the file so far, and whether it has a transaction of its own open. */
  done: number;
  open: boolean;
  tried: number;
  /** Behind so many statements it went wrong, or left most. */
  after: number | null;
  failure: RehearsalFailure | null;
  left: readonly SchemaDifference[];
}

const readied = (
  { parse, scratch }: Ground,
  { path: migration, compensation = null }: RehearsedScript,
): readonly (readonly [string, Try])[] => {
  if (compensation === null) return [];
  const path = compensationPath(migration);
  const { script, refused } = compensationOf(compensation, parse, scratch.version);
  const failure = refused && {
    ...{ script: path, line: refused.line, column: refused.column },
    ...{ message: refused.why, state: null },
  };
  const nothing = { done: 0, open: false, tried: 0, after: null, left: [] };
  return [[migration, { path, script, failure, ...nothing }]];
};

const step = (one: Try, { nodes }: Statement): void => {
  one.done += 1;
  one.open = nodes.reduce(transactionAfter, one.open);
};

/** Files of hundreds of statements are tried from the first states alone. */
const MOST = 20;

/** @param before is the schema as the migration found it. */
const tryBack = async (ground: Ground, one: Try, before: SchemaSnapshot): Promise<void> => {
  const { scratch, folder, until } = ground;
  const { place } = folder;
  if (!one.script || one.failure || one.tried === MOST || performance.now() > until) return;
  one.tried += 1;
  await scratch.run("begin");
  try {
    await settle(scratch, { place, lockTimeout: "5s", statementTimeout: "0" });
    await runScript(scratch, one.path, one.script, {
      transactional: true,
      watch: (statement, _at, run) => tolerating(scratch, statement, true, run),
    });
    await checkDeferred(ground, one);
    const left = schemaDiff(before, await takeSnapshot(scratch, place));
    if (left.length > one.left.length) Object.assign(one, { left, after: one.done });
  } catch (thrown) {
    Object.assign(one, { failure: failureOf(thrown), after: one.done });
  } finally {
    await scratch.run("rollback");
  }
};

/** What its commit would check. */
const checkDeferred = ({ scratch }: Ground, { path }: Try): Promise<unknown> =>
  scratch.run("set constraints all immediate").catch((thrown: unknown) => {
    const { message, code } = wordsFor(scratch, thrown);
    throw new StatementFailed({ path, line: 1, column: 1 }, `at its commit: ${message}`, 0, code);
  });

const toldOf = ({ path, tried, after, failure, left }: Try): readonly RehearsedCompensation[] => {
  if (failure) return [{ script: path, goesBack: "no", tried, after, failure, left: [] }];
  if (tried === 0) return [];
  return [
    { script: path, goesBack: left.length === 0 ? "yes" : "partly", tried, after, failure: null, left },
  ];
};
