import { quoted } from "../migration/history.ts";
import { parseScript } from "../migration/parse-script.ts";
import type { SqlParser, Statement } from "../migration/script.ts";
import { controlsTransaction, refusesTransaction } from "../migration/transactional.ts";
import { PlumblineError } from "../model/errors.ts";
import { runScript, StatementFailed } from "./flyway-statements.ts";
import { isOfServer } from "./pg-server-objects.ts";
import type { Target } from "./pg-session.ts";

/** What is replayed of a migration. */
export interface ReplayScript {
  readonly path: string;
  readonly text: string;
}

/** Reads files. One that is asked for ahead is read at once, while a server works; what is wrong with it is told when it is taken. */
export interface ScriptReader {
  ahead(script: ReplayScript | undefined): void;
  take(script: ReplayScript): readonly Statement[];
}

/** A reader that holds the statements of a file until they are taken. */
export const scriptReader = (parse: SqlParser): ScriptReader => {
  const held = new Map<ReplayScript, () => readonly Statement[]>();
  const read = ({ text }: ReplayScript): (() => readonly Statement[]) => {
    try {
      const { statements } = parseScript(text, parse);
      return () => statements;
    } catch (thrown) {
      return () => {
        throw thrown;
      };
    }
  };
  return {
    ahead: (script) => {
      if (script && !held.has(script)) held.set(script, read(script));
    },
    take: (script) => {
      const statements = held.get(script) ?? read(script);
      held.delete(script);
      return statements();
    },
  };
};

/** Runs migrations on an empty database that nobody uses, to see what they make. @throws `sql-failed` */
export const replay = async (
  scratch: Target,
  migrations: readonly ReplayScript[],
  schema: string,
  parse: SqlParser,
  reader: ScriptReader = scriptReader(parse),
): Promise<void> => {
  for (const [index, script] of migrations.entries()) {
    await scratch.run("reset role");
    await scratch.query("select set_config('search_path', quote_ident($1) || ', public', false)", [schema]);
    const running = runScriptOf(scratch, script, reader.take(script));
    reader.ahead(migrations[index + 1]);
    await running;
  }
};

const runScriptOf = async (
  scratch: Target,
  { path, text }: ReplayScript,
  statements: readonly Statement[],
): Promise<void> => {
  if (await runWhole(scratch, text, statements)) return;
  for (const statement of statements) await runOne(scratch, path, statement);
};

// Thousands of statements in one go take half the time; whatever speaks against it, the server takes all of it back.
const runWhole = async (
  scratch: Target,
  text: string,
  statements: readonly Statement[],
): Promise<boolean> => {
  const single = statements.some(
    ({ copyData, nodes }) =>
      copyData !== null ||
      nodes.some((node) => controlsTransaction(node) || refusesTransaction(node, scratch.version) !== null),
  );
  if (single || statements.length < 20) return false;
  return scratch.run(text.replace(/^\uFEFF/, "")).then(
    () => true,
    () => false,
  );
};

const runOne = async (scratch: Target, path: string, statement: Statement): Promise<void> => {
  try {
    await runScript(scratch, path, { statements: [statement], psql: [], loose: [] });
  } catch (thrown) {
    if (!(thrown instanceof StatementFailed)) throw thrown;
    if (isOfServer(statement, thrown.state)) return;
    throw new PlumblineError("sql-failed", `The folder cannot be replayed: ${thrown.message}`, {
      hint: "Give --rehearsal-url, a server of the target's version with the same extensions, where a database may be made.",
      detail: { file: path, ...thrown.place, words: thrown.words, state: thrown.state },
    });
  }
};

/**
 * Makes the roles that the target has, so that grants to them can be replayed. In memory `runner`, who runs migrations
 * there, is who replays them too: it owns what it makes, and its default privileges count.
 */
export const copyRoles = async (
  target: Target,
  scratch: Target,
  runner: string | null = null,
): Promise<void> => {
  if (runner !== null && scratch.place.startsWith("pglite:")) await becomeRunner(scratch, runner);
  const names = "select rolname::text as name from pg_roles where rolname !~ '^pg_'";
  const there = new Set((await scratch.query(names)).map(({ name }) => name));
  for (const { name } of await target.query(names))
    if (!there.has(name)) await scratch.run(`create role "${String(name).replaceAll('"', '""')}"`);
};

// Nobody can rename who they came as.
const becomeRunner = async (scratch: Target, runner: string): Promise<void> => {
  const [user] = await scratch.query("select current_user::text as name, session_user::text as came");
  // Names that begin so belong to the server.
  if (user?.["name"] === runner || user?.["name"] !== user?.["came"] || runner.startsWith("pg_")) return;
  await scratch.run("create role plumbline_aside superuser; set session authorization plumbline_aside");
  await scratch.run(`alter role ${quoted(String(user?.["name"]))} rename to ${quoted(runner)}`);
  await scratch.run(`set session authorization ${quoted(runner)}`);
  await scratch.run("drop role plumbline_aside");
};
