import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { runUpdate } from "../../src/adapters/liquibase-command.ts";
import { migrationEngines } from "../../src/adapters/migration-engines.ts";
import { findMigrationProgram } from "../../src/adapters/migration-program.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import type { Sandbox } from "../../src/adapters/sandbox.ts";
import { openSandbox } from "../../src/adapters/sandbox-open.ts";
import type { MigrationTool } from "../../src/model/database.ts";
import type { MigrationCall, MigrationEngine } from "../../src/ports/migrations.ts";
import { cli } from "../cli/world.ts";
import { binaries, startServer } from "../contract/databases.ts";
import { installedTool } from "./tools.ts";

export type Files = Readonly<Record<string, string | Uint8Array>>;

export const flywayProgram = installedTool("flyway", process.env);

/** Why the real Flyway cannot be asked here; null where it can. */
export const missing =
  binaries() === null
    ? "no PostgreSQL server here"
    : flywayProgram === null
      ? "no Flyway or no Java here: npm run test:flyway brings it"
      : null;

let started: { url: string; stop(): Promise<void> } | null = null;
const folders: string[] = [];

export const start = async (): Promise<void> => {
  started = await startServer(binaries() ?? "");
};

export const stop = async (): Promise<void> => {
  await started?.stop();
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
};

/** The address of a new, empty database. */
export const freshDatabase = async (): Promise<string> => {
  const url = started?.url ?? "";
  const name = `t${Math.random().toString(36).slice(2)}`;
  await statement(url, `create database ${name}`);
  return url.replace(/\/postgres$/, `/${name}`);
};

/** A folder with these files. */
export const folderOf = (files: Files): string => {
  const dir = mkdtempSync(join(tmpdir(), "plumbline-flyway-"));
  folders.push(dir);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, ".."), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
};

export const rowsOf = async (url: string, text: string) => {
  const target = await openTarget(url);
  try {
    return await target.query(text);
  } finally {
    await target.close();
  }
};

export const statement = async (url: string, text: string): Promise<void> => {
  const target = await openTarget(url);
  try {
    for (const each of text.split(";;")) await target.run(each);
  } finally {
    await target.close();
  }
};

/** What a migration engine is asked, with the rest as it is by default. */
export const callOf = (tool: MigrationTool, dir: string, url: string): MigrationCall => ({
  workspace: "here//db#x",
  dir,
  shown: "db",
  database: {
    tool,
    url: { read_only: null, migration: null, backfill: null, rehearsal: null },
    schemas: [],
    historyTable: null,
    placeholders: { n: "41" },
    outOfOrder: false,
    baselineVersion: null,
    changelog: null,
    lockTimeout: "5s",
    statementTimeout: "1min",
    rehearsal: { enabled: false, rowLimit: 0, timeoutSeconds: 0 },
  },
  url: async () => url,
});

/** Where the tools are; Java takes half the time for what ends in seconds. */
export const toolEnvironment = () => ({
  ...process.env,
  JAVA_OPTS: "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
  PLUMBLINE_FLYWAY: installedTool("flyway", process.env) ?? "",
  PLUMBLINE_LIQUIBASE: installedTool("liquibase", process.env) ?? "",
});

/** The engine of a tool as a service has it, in the sandbox that there is. */
export const engineOf = async (tool: MigrationTool): Promise<MigrationEngine> => {
  const parts = { env: toolEnvironment(), redactor: createRedactor(), sandbox: await sandboxHere() };
  return migrationEngines(await loadSqlParser(), parts).pick(tool);
};

/** Liquibase's update and nothing around it. */
export const updateByLiquibase = async (call: MigrationCall): Promise<void> => {
  const env = toolEnvironment();
  const parts = { configured: env.PLUMBLINE_LIQUIBASE, env, redactor: createRedactor(), sandbox: null };
  const program = await findMigrationProgram("liquibase", parts);
  const { failed, log } = await runUpdate(program, call, await call.url("migration"), "update");
  if (failed) throw new Error(log);
};

/** Why the contract of all tools cannot be held here; null where it can. */
export const withoutTools =
  missing ?? (installedTool("liquibase", process.env) === null ? "no Liquibase here" : null);

/** Runs what is pending, as it stands. */
export const migrateAll = async (engine: MigrationEngine, call: MigrationCall) => {
  const { pending } = await engine.plan(call);
  return engine.migrate(call, { expected: pending, progress: async () => {} });
};

/** The sandbox that this machine gives the tools; null: none. */
export const sandboxHere = async (): Promise<Sandbox | null> => {
  const found = await openSandbox({ mode: "auto", read: [], write: [], egress: null }, process.env);
  return "sandbox" in found ? found.sandbox : null;
};

/** Every column that two runs of the same files share; the other two by kind. */
export const historyOf = (url: string, table = "public.flyway_schema_history") =>
  rowsOf(
    url,
    `select installed_rank, version, description, type, script, checksum, installed_by, success,
            pg_typeof(installed_on)::text as installed_on, execution_time >= 0 as execution_time
       from ${table} order by installed_rank`,
  );

/** One answer of Flyway's for each command of the call. */
export interface Answer {
  readonly operation?: string;
  readonly migrationsExecuted?: number;
  readonly validationSuccessful?: boolean;
  readonly invalidMigrations?: readonly {
    readonly version: string;
    readonly description: string;
    readonly errorDetails: { readonly errorCode: string };
  }[];
  readonly migrations?: readonly { readonly version: string; readonly state: string }[];
  readonly error?: { readonly message: string };
}

/** The real Flyway's answers to `commands`, which one process carries out in turn. */
export const flyway = async (
  url: string,
  dir: string,
  commands: readonly string[],
  settings: readonly string[] = [],
): Promise<readonly Answer[]> => {
  const { username, host, pathname } = new URL(url);
  const args = [
    ...["-skipCheckForUpdate", "-outputType=json", "-postgresql.transactional.lock=false"],
    ...(settings.some((given) => given.startsWith("locations=")) ? [] : [`-locations=filesystem:${dir}`]),
    ...settings.map((given) => `-${given}`),
    ...commands,
  ];
  const env = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    JAVA_ARGS: "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    REDGATE_DISABLE_TELEMETRY: "true",
    FLYWAY_URL: `jdbc:postgresql://${host}${pathname}`,
    FLYWAY_USER: username,
  };
  const said = await new Promise<string>((resolve) => {
    execFile(flywayProgram ?? "", args, { env, cwd: dir, maxBuffer: 1 << 26 }, (_, out, err) =>
      resolve(out || err),
    );
  });
  const answer = JSON.parse(said) as Answer & { readonly individualResults?: readonly Answer[] };
  return answer.individualResults ?? [answer];
};

/** Ours, by `--json`. */
export const ours = async (
  what: "plan" | "migrate",
  url: string,
  dirs: readonly string[],
  options: readonly string[] = [],
) => {
  const { code, out } = await cli(["sql", what, ...dirs, "--url", url, "--json", ...options]);
  return { code, json: JSON.parse(out) };
};
