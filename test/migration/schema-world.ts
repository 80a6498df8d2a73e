import { runScript } from "../../src/adapters/flyway-statements.ts";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import type { Target } from "../../src/adapters/pg-session.ts";
import { takeSnapshot } from "../../src/adapters/pg-snapshot.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { parseScript } from "../../src/migration/parse-script.ts";
import type { SchemaSnapshot } from "../../src/model/migration.ts";

export const PLACE = { schema: "public", table: "flyway_schema_history" };

export interface SchemaWorld {
  readonly version: number;
  /** Empties the database, runs `sql` and tells what is there. */
  made(sql: string): Promise<SchemaSnapshot>;
  /** Runs files one after another, each in a transaction where it may, and tells what is there. */
  after(scripts: readonly string[]): Promise<SchemaSnapshot>;
  close(): Promise<void>;
}

/** One embedded server for many schemas, since a start takes a second. */
export const openSchemaWorld = async (): Promise<SchemaWorld> => {
  const target = await openTarget("pglite:");
  const parse = await loadSqlParser();
  await target.run('create role reader; create role "Odd One"');
  return {
    version: target.version,
    made: async (sql) => {
      await empty(target);
      await target.run("set search_path = public");
      await target.run(sql);
      return takeSnapshot(target, PLACE);
    },
    after: async (scripts) => {
      for (const text of scripts) {
        await target.run("set search_path = public");
        const script = parseScript(text, parse);
        const whole = !text.includes("CONCURRENTLY");
        if (whole) await target.run("begin");
        try {
          await runScript(target, "written.sql", script);
          if (whole) await target.run("commit");
        } catch (thrown) {
          await target.run("rollback").catch(() => {});
          throw new Error(`${String(thrown)} in\n${text}`);
        }
      }
      return takeSnapshot(target, PLACE);
    },
    close: () => target.close(),
  };
};

const empty = async (target: Target): Promise<void> => {
  const schemas = await target.query(
    "select quote_ident(nspname) as name from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'",
  );
  const extensions = await target.query(
    "select quote_ident(extname) as name from pg_extension where extname <> 'plpgsql'",
  );
  for (const { name } of extensions) await target.run(`drop extension ${name} cascade`);
  for (const { name } of schemas) await target.run(`drop schema ${name} cascade`);
  await target.run("create schema public");
};
