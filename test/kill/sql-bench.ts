import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { type LocalForge, startForge } from "../../demo/forge/forge.ts";
import { asApp, localServer } from "../../demo/story/local-server.ts";
import type { Target } from "../../src/adapters/pg-session.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { databaseRulesOf } from "../../src/config/database-schema.ts";
import type { ServerConfig } from "../../src/model/config.ts";
import { BIN } from "../cli/world.ts";
import { binaries, startServer } from "../contract/databases.ts";
import { freePort } from "../contract/free-port.ts";
import { NO_PLAN_GATE } from "../story/small-stage.ts";
import type { Facts } from "./facts.ts";
import { nameOf } from "./points.ts";
import { type Replica, settledTo, startReplica, whereDead } from "./replica.ts";
import type { KillPoint } from "./service-program.ts";
import { becameOf, judgeSql, type Truth } from "./sql-judge.ts";
import { SCRIPT, SEED, type SqlStory } from "./sql-stories.ts";

/** Around a call, or while the server works on a statement of the file, which counts from 1. */
export type SqlPoint = KillPoint | { readonly when: "statement"; readonly statement: number };

export interface SqlAnswered {
  readonly name: string;
  readonly reached: boolean;
  readonly became: ReturnType<typeof becameOf>;
  readonly wrong: readonly string[];
}

/** A forge and a PostgreSQL server that outlive the service, whose process is killed while it migrates. */
export interface SqlKillBench {
  /** Every call on a port while one is merged and nobody dies, in order. */
  dryRun(story: SqlStory): Promise<readonly string[]>;
  /** Merges one, kills the service there, starts it again and judges by the database what became of it. */
  kill(story: SqlStory, point: SqlPoint): Promise<SqlAnswered>;
  close(): Promise<void>;
}

export const sqlKillMissing = binaries() === null ? "no PostgreSQL server here" : null;

export const openSqlKillBench = async (): Promise<SqlKillBench> => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-sql-kill-"));
  const database = await startDatabase(dir);
  const forge = await startForge({ dir: join(dir, "forge") });
  forge.addUser("dana", "write");
  forge.addUser("lee", "maintain");
  const config = await configOf(dir, forge);
  const hook = `http://127.0.0.1:${config.listen.port}/webhooks/github`;
  forge.addWebhook(hook, config.webhookSecrets[0] ?? null);
  let last = 0;
  let replica: Replica;
  const launch = (): Promise<Replica> => startReplica(dir, { config, mirror: "", arm: null });
  replica = await launch();

  const settled = async (one: Proposed): Promise<Facts> => {
    const facts = () => replica.ask({ ask: "facts", ...placeOf(one) }) as Promise<Facts>;
    await settledTo(forge, replica, async () => isOver(await facts()));
    return facts();
  };
  const propose = async (story: SqlStory): Promise<Proposed> => {
    last += 1;
    const one = { name: `k${last}`, repo: `acme/k${last}`, number: 0, story };
    const files = await database.add(one.name);
    await forge.createRepo(one.repo, { files: { ...files, "db/V1__seed.sql": SEED } });
    const added = Object.entries(story.files).map(([path, text]) => [`db/${path}`, text]);
    const dana = forge.as("dana");
    await dana.pushFiles(one.repo, "change", Object.fromEntries(added), "Change", { from: "main" });
    const number = await dana.openPull(one.repo, {
      title: "Change",
      head: "change",
      base: "main",
      draft: false,
    });
    await settledTo(forge, replica, () => isPlanned(forge, one.repo, number));
    return { ...one, number };
  };
  const merge = ({ repo, number }: Proposed) => forge.as("dana").merge({ repo, number }, "merge");
  const dieInside = async (one: Proposed, statement: number): Promise<boolean> => {
    const holder = await database.hold(one.name);
    await merge(one);
    const met = await database.working(one.name, one.story.statements[statement - 1]?.text ?? "");
    if (met) await replica.kill();
    await holder.letGo();
    return met;
  };
  const dieAround = async (one: Proposed, point: KillPoint): Promise<boolean> => {
    await replica.ask({ ask: "arm", point });
    await merge(one);
    return (await settled(one).catch(whereDead(replica))) === null;
  };
  return {
    dryRun: async (story) => {
      const one = await propose(story);
      await replica.ask({ ask: "arm", point: null });
      await merge(one);
      await settled(one);
      return (await replica.ask({ ask: "calls" })) as readonly string[];
    },
    kill: async (story, point) => {
      const one = await propose(story);
      const reached =
        point.when === "statement" ? await dieInside(one, point.statement) : await dieAround(one, point);
      if (reached) {
        replica = await launch();
        await replica.ask({ ask: "poll", repo: one.repo });
      }
      const facts = await settled(one);
      await replica.ask({ ask: "arm", point: null });
      const truth = await database.truth(one.name, story);
      const wrong = judgeSql({ ...one, truth, facts, forge });
      return { name: `${story.name}: ${sqlNameOf(point)}`, reached, became: becameOf(truth), wrong };
    },
    close: async () => {
      await replica.end();
      await forge.stop();
      await database.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

export const sqlNameOf = (point: SqlPoint): string =>
  point.when === "statement" ? `in statement ${point.statement}` : nameOf(point);

interface Proposed {
  readonly name: string;
  readonly repo: string;
  readonly number: number;
  readonly story: SqlStory;
}

const placeOf = ({ repo, number }: Proposed) => ({
  pull: { repo, number },
  workspace: `${repo}//db#default`,
});

const isPlanned = (forge: LocalForge, repo: string, number: number): boolean =>
  forge
    .statuses(repo, forge.pull(repo, number).pull.headSha)
    .some(({ context, state }) => context === "plumbline/plan" && state === "success");

const isOver = ({ applies: [newest], leased }: Facts): boolean =>
  !leased && newest !== undefined && ["succeeded", "failed"].includes(newest.state);

const configOf = async (dir: string, forge: LocalForge): Promise<ServerConfig> => {
  const app = forge.addApp("plumbline");
  const held = { files: [`${join(dir, "urls")}/`] };
  return {
    ...localServer({
      dir,
      repoAllowlist: ["acme/*"],
      forge: asApp(forge, app),
      engine: null,
      env: {},
    }),
    planGate: NO_PLAN_GATE,
    databases: databaseRulesOf([{ workspaces: ["acme/*"], read_only: held, migration: held }]),
    listen: { host: "127.0.0.1", port: await freePort() },
  };
};

interface KillDatabase {
  /** A database with the seed in it; returns the repository's settings for it. */
  add(name: string): Promise<Readonly<Record<string, string>>>;
  /** Somebody reads the orders, and whoever changes them waits. */
  hold(name: string): Promise<{ letGo(): Promise<void> }>;
  /** Waits until the server works on this statement; false where it never did. */
  working(name: string, statement: string): Promise<boolean>;
  truth(name: string, story: SqlStory): Promise<Truth>;
  stop(): Promise<void>;
}

const run = promisify(execFile);

const startDatabase = async (dir: string): Promise<KillDatabase> => {
  let log = "";
  const server = await startServer(binaries() ?? "", (text) => {
    log += text;
  });
  const urlOf = (name: string) => server.url.replace(/\/postgres$/, `/${name}`);
  const admin = await openTarget(server.url);
  await mkdir(join(dir, "urls"));
  await mkdir(join(dir, "seed"));
  await writeFile(join(dir, "seed", "V1__seed.sql"), SEED);
  await admin.run("create database seed");
  await run(process.execPath, [BIN, "sql", "migrate", join(dir, "seed"), "--url", urlOf("seed")]);
  for (const setting of ["log_line_prefix = '%d|'", "log_statement = 'all'"])
    await admin.run(`alter system set ${setting}`);
  await admin.run("select pg_reload_conf()");
  return {
    add: async (name) => {
      await admin.run(`create database ${name} template seed`);
      const file = join(dir, "urls", name);
      await writeFile(file, urlOf(name), { mode: 0o600 });
      return { "plumbline.yaml": settings(file) };
    },
    hold: async (name) => {
      const reader = await openTarget(urlOf(name));
      await reader.run("begin isolation level repeatable read");
      await reader.query("select count(*) from orders");
      return {
        letGo: async () => {
          await reader.run("commit");
          await reader.close();
        },
      };
    },
    working: async (name, statement) => {
      for (const until = Date.now() + 60_000; Date.now() < until; await setTimeout(30)) {
        const [row] = await admin.query(
          "select count(*)::int as n from pg_stat_activity where datname = $1 and state = 'active' and wait_event_type = 'Lock' and query like $2 || '%'",
          [name, statement],
        );
        if (row?.["n"] === 1) return true;
      }
      return false;
    },
    truth: (name, story) =>
      truthOf(urlOf(name), story, () => log.split("\n").filter((line) => line.startsWith(`${name}|`))),
    stop: async () => {
      await admin.close();
      await server.stop();
    },
  };
};

const settings = (file: string): string => `version: 1
workspaces:
  - dir: db
    kind: postgres-migrations
    database:
      url: {read_only: {file: ${file}}, migration: {file: ${file}}}
      lock_timeout: "0"
      rehearsal: {enabled: false}
`;

/** Asked once the session of the dead process is gone, too. */
const truthOf = async (
  url: string,
  { statements }: SqlStory,
  log: () => readonly string[],
): Promise<Truth> => {
  const target: Target = await openTarget(url);
  try {
    const done: boolean[] = [];
    for (const statement of statements) {
      const [row] = await target.query(statement.done);
      done.push(row?.["done"] === true);
    }
    const rows = await target.query("select success from flyway_schema_history where script = $1", [SCRIPT]);
    const [twice] = await target.query(
      "select coalesce(sum(n) - count(*), 0)::int as n from (select count(*) as n from tally group by what) t",
    );
    const lines = log();
    return {
      done,
      history: rows.map(({ success }) => success === true),
      twice: Number(twice?.["n"]),
      sent: statements.map(({ text }) => lines.filter((line) => line.includes(`: ${text}`)).length),
    };
  } finally {
    await target.close();
  }
};
