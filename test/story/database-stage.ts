import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { databaseRulesOf } from "../../src/config/database-schema.ts";
import { type Evidence, evidenceSchema } from "../../src/config/evidence-schema.ts";
import { policySettings } from "../../src/config/policy-schema.ts";
import type { Run } from "../../src/model/run.ts";
import type { ArtifactRef } from "../../src/ports/artifacts.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { binaries, startServer } from "../contract/databases.ts";
import { OPA } from "../policy/opa-here.ts";
import { openSmallStage, type SmallStage, type TestRepo } from "./small-stage.ts";

/** A stage whose service knows databases by name: `orders` is a folder of PGlite, the others stand on PostgreSQL where it is. */
export interface DatabaseStage {
  readonly stage: SmallStage;
  ledger(): Ledger;
  inDatabase(name: string, text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Scripts of the schema history and whether they succeeded, in their order. */
  history(name: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Of the workspace `db`, oldest first. */
  runsOf(repo: TestRepo, kind: Run["kind"]): Promise<readonly Run[]>;
  /** The bundle that was kept with the end of an apply. */
  evidenceOf(run: Run | undefined): Promise<Evidence>;
  /** Rows and history, as a nightly copy of production would be; rehearsals find it as `COPY`. */
  copy(name: string): Promise<void>;
  close(): Promise<void>;
}

export const V1 = "create table orders (id bigint primary key, status text);\n";

/** `plumbline.yaml` of a repository whose folder `db` is the database of that name. */
export const settings = (
  name: string,
  rehearsal: "EMPTY" | "COPY" | null = null,
  desired: string | null = null,
): string => {
  const held = `{env: ${name.toUpperCase()}}`;
  const rehearsed = rehearsal === null ? "" : `, rehearsal: {env: ${rehearsal}}`;
  return `version: 1
workspaces:
  - dir: db
    kind: postgres-migrations
    database: {url: {read_only: ${held}, migration: ${held}${rehearsed}}${desired === null ? "" : `, desired: ${desired}`}}
`;
};

/** The rule of docs/policy.md. */
const LARGE_INDEX =
  /```rego\n([^`]*index-not-concurrent[^`]*)```/.exec(
    await readFile(new URL("../../docs/policy.md", import.meta.url), "utf8"),
  )?.[1] ?? "";

/** `copied` is the database that is copied later; the policy of docs/policy.md holds for the repository of that name. */
export const openDatabaseStage = async (
  names: readonly string[],
  copied: string | null = null,
): Promise<DatabaseStage> => {
  const home = await mkdtemp(join(tmpdir(), "plumbline-databases-"));
  const databases = await makeDatabases(home, names);
  const policies = join(home, "policies");
  await mkdir(policies);
  await writeFile(join(policies, "large.rego"), LARGE_INDEX);
  const held = { env: names.map((name) => name.toUpperCase()) };
  const sets = [{ name: "house", path: policies, repos: [`acme/${copied}`] }];
  const stage = await openSmallStage(
    (config) => ({
      ...config,
      databases: databaseRulesOf([
        { workspaces: ["acme/*"], read_only: held, migration: held, rehearsal: { env: ["EMPTY", "COPY"] } },
      ]),
      ...(OPA && copied !== null ? { policies: policySettings({ sets }) } : {}),
    }),
    { env: { ...process.env, ...databases.env, COPY: databases.urlOf("copy") } },
  );
  const inDatabase = async (name: string, text: string) => {
    const target = await openTarget(databases.urlOf(name));
    try {
      return await target.query(text);
    } finally {
      await target.close();
    }
  };
  const ledger = () => stage.service().world.ledger;
  return {
    ...{ stage, ledger, inDatabase, copy: databases.copy },
    history: (name) =>
      inDatabase(name, "select script, success from flyway_schema_history order by installed_rank"),
    runsOf: async (repo, kind) =>
      (await ledger().runs.list({ workspace: repo.key("db"), kind })).toSorted(
        (left, right) => left.createdAt.getTime() - right.createdAt.getTime(),
      ),
    evidenceOf: async (run) => {
      const entries = await ledger().audit.list({ subject: run?.workspace ?? "" });
      const told = entries.map(
        ({ details }) => details as unknown as { run?: string; evidence?: ArtifactRef },
      );
      const ref = told.find((one) => one.run === run?.id && one.evidence)?.evidence;
      if (!ref) throw new Error(`No evidence of the run ${run?.id} was kept.`);
      const bytes = await stage.service().world.artifacts.get(ref);
      return evidenceSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    },
    close: async () => {
      await stage.close();
      await databases.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
};

const makeDatabases = async (home: string, names: readonly string[]) => {
  const found = binaries();
  const server = found === null ? null : await startServer(found);
  const urlOf = (name: string): string =>
    server === null || name === "orders"
      ? `pglite:${join(home, name)}`
      : server.url.replace(/\/postgres$/, `/${name}`);
  const onServer = async (statement: string): Promise<void> => {
    const target = await openTarget(server?.url ?? "");
    await target.run(statement);
    await target.close();
  };
  if (server !== null)
    for (const name of names) if (name !== "orders") await onServer(`create database ${name}`);
  return {
    urlOf,
    env: {
      ...Object.fromEntries(names.map((name) => [name.toUpperCase(), urlOf(name)])),
      EMPTY: server?.url ?? "pglite:",
    },
    copy: (name: string) =>
      server === null
        ? cp(join(home, name), join(home, "copy"), { recursive: true })
        : onServer(`create database copy template ${name}`),
    stop: async () => server?.stop(),
  };
};
