import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { databaseRulesOf } from "../../src/config/database-schema.ts";
import { policySettings } from "../../src/config/policy-schema.ts";
import { binaries, startServer } from "../contract/databases.ts";
import { OPA } from "../policy/opa-here.ts";
import { openSmallStage, type SmallStage, type TestRepo } from "./small-stage.ts";

const NAMES = ["orders", "broken", "refused", "large", "kept", "declared"] as const;
type Name = (typeof NAMES)[number];

let stage: SmallStage;
let server: Awaited<ReturnType<typeof startServer>> | null = null;
let home: string;
const urls = new Map<Name, string>();

/** On a PostgreSQL server where this machine has one, and one of them on PGlite everywhere. */
const makeDatabases = async (): Promise<void> => {
  home = await mkdtemp(join(tmpdir(), "plumbline-databases-"));
  const found = binaries();
  server = found === null ? null : await startServer(found);
  for (const name of NAMES) {
    if (server === null || name === "orders") urls.set(name, `pglite:${join(home, name)}`);
    else {
      const target = await openTarget(server.url);
      await target.run(`create database ${name}`);
      await target.close();
      urls.set(name, server.url.replace(/\/postgres$/, `/${name}`));
    }
  }
};

beforeAll(async () => {
  await makeDatabases();
  const policies = join(home, "policies");
  await mkdir(policies);
  await writeFile(join(policies, "large.rego"), LARGE_INDEX);
  const held = { env: NAMES.map((name) => name.toUpperCase()) };
  stage = await openSmallStage(
    (config) => ({
      ...config,
      databases: databaseRulesOf([
        { workspaces: ["acme/*"], read_only: held, migration: held, rehearsal: { env: ["EMPTY", "COPY"] } },
      ]),
      ...(OPA
        ? { policies: policySettings({ sets: [{ name: "house", path: policies, repos: ["acme/large"] }] }) }
        : {}),
    }),
    {
      env: {
        ...process.env,
        ...Object.fromEntries([...urls].map(([name, url]) => [name.toUpperCase(), url])),
        EMPTY: server?.url ?? "pglite:",
        COPY: (urls.get("large") ?? "").replace(/large$/, "copy"),
      },
    },
  );
}, 120_000);
afterAll(async () => {
  await stage.close();
  await server?.stop();
  await rm(home, { recursive: true, force: true });
});

/** The rule of docs/policy.md. */
const LARGE_INDEX =
  /```rego\n([^`]*index-not-concurrent[^`]*)```/.exec(
    await readFile(new URL("../../docs/policy.md", import.meta.url), "utf8"),
  )?.[1] ?? "";

const settings = (name: Name, rehearsal: "EMPTY" | "COPY" | null = null, desired: string | null = null) => {
  const held = `{env: ${name.toUpperCase()}}`;
  const rehearsed = rehearsal === null ? "" : `, rehearsal: {env: ${rehearsal}}`;
  return `version: 1
workspaces:
  - dir: db
    kind: postgres-migrations
    database: {url: {read_only: ${held}, migration: ${held}${rehearsed}}${desired === null ? "" : `, desired: ${desired}`}}
`;
};
const inDatabase = async (name: Name, text: string) => {
  const target = await openTarget(urls.get(name) ?? "");
  try {
    return await target.query(text);
  } finally {
    await target.close();
  }
};
const history = (name: Name) =>
  inDatabase(name, "select script, success from flyway_schema_history order by installed_rank");
const indexes = async (name: Name) =>
  (await inDatabase(name, "select indexname::text as name from pg_indexes where tablename = 'orders'")).map(
    (row) => String(row["name"]),
  );
const ledger = () => stage.service().world.ledger;
const runsOf = async (repo: TestRepo, kind: "apply" | "drift" | "plan" | "state") =>
  (await ledger().runs.list({ workspace: repo.key("db"), kind })).toSorted(
    (left, right) => left.createdAt.getTime() - right.createdAt.getTime(),
  );

const V1 = "create table orders (id bigint primary key, status text);\n";

describe("a folder of migrations under the loop", { timeout: 240_000 }, () => {
  let repo: TestRepo;
  beforeAll(async () => {
    repo = await stage.repo("orders", { "plumbline.yaml": settings("orders"), "db/V1__orders.sql": V1 });
  });

  test("a pull request is planned, told, merged, run exactly once, verified and evidenced", async () => {
    const number = await repo.propose({ "db/V2__note.sql": "alter table orders add column note text;\n" });
    const told = repo.saying(number, "V2__note.sql");
    expect(told).toContain("2 migrations to run");
    expect(told).toContain("is at no version yet");
    expect(repo.statuses(number)).toEqual(["plumbline/plan: db: success", "plumbline/plan: success"]);
    await repo.merge(number);
    expect(await history("orders")).toEqual([
      { script: "V1__orders.sql", success: true },
      { script: "V2__note.sql", success: true },
    ]);
    expect(repo.status(number, "plumbline/migrate: db")?.state).toBe("success");
    const [apply, ...more] = await runsOf(repo, "apply");
    expect(more).toEqual([]);
    expect(apply).toMatchObject({ state: "succeeded", result: { verified: true, remaining: [] } });
    const steps = await ledger().migrations.of(apply?.id ?? "");
    expect(steps.map(({ script, statement, state }) => [script, statement, state])).toEqual([
      ["V1__orders.sql", 0, "verified"],
      ["V2__note.sql", 0, "verified"],
    ]);
  });

  test("a changed file, a second file of one version and a contract without a reason are denied, with what to do", async () => {
    const number = await repo.propose({
      "db/V1__orders.sql": `${V1}-- changed\n`,
      "db/V3__a.sql": "select 1;\n",
      "db/V03__b.sql": "select 1;\n",
      "db/V4__contract.sql": "alter table orders drop column status;\n",
    });
    const told = repo.saying(number, "V4__contract.sql");
    expect(told).toContain("changed after it was applied");
    expect(told).toContain("Two files have version");
    expect(told).toContain("drop-column");
    expect(repo.status(number, "plumbline/plan: db")?.state).toBe("failure");
    await repo.merge(number);
    expect(await history("orders")).toHaveLength(2);
  });

  test("a fix by hand is found, told on a pull request of its own that keeps it or takes it back, and left alone where it moved", async () => {
    const clean = await stage.repo("fixed", {
      "plumbline.yaml": settings("refused"),
      "db/V1__orders.sql": V1,
    });
    const number = await clean.propose({ "db/V2__note.sql": "alter table orders add column note text;\n" });
    await clean.merge(number);
    await inDatabase("refused", "create index orders_by_status on orders (status)");
    await clean.look("db");
    const open = await ledger().findings.open(clean.key("db"));
    expect(open.map(({ address, path, cause }) => [address, path, cause])).toEqual([
      ["table public.orders", expect.stringContaining("orders_by_status"), "unmanaged"],
    ]);
    const drift = stage.forge.pulls(clean.name).find((thread) => thread.author.login === "plumbline[bot]");
    const branch = drift?.pull.headRef ?? "";
    expect(
      await stage.forge.read(clean.name, branch, "db/V3__formalize_drift_indexes.sql"),
      drift?.body,
    ).toContain("CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_by_status");
    expect(drift?.body).toContain("it does nothing where that was done by hand");
    const onDrift = drift?.number ?? 0;
    await clean.comment(onDrift, "plumbline revert", "lee");
    expect(clean.said(onDrift).join("\n")).toContain("nothing is done before somebody merges it");
    expect(await stage.forge.read(clean.name, branch, "db/V3__formalize_drift_indexes.sql")).toBeNull();
    expect(await stage.forge.read(clean.name, branch, "db/V3__revert_drift_indexes.sql")).toContain(
      "DROP INDEX CONCURRENTLY IF EXISTS",
    );
    expect(stage.forge.pull(clean.name, onDrift).body).toContain("takes back what was done by hand");
    // Somebody goes on by hand after the proof: what was proven then is not run.
    await inDatabase("refused", "drop index orders_by_status");
    await inDatabase("refused", "create index orders_by_status on orders (status, id)");
    await clean.merge(onDrift);
    expect(clean.said(onDrift).join("\n")).toContain("changed again since this migration was proven");
    expect(await indexes("refused")).toContain("orders_by_status");
  });

  test("a column made by hand is taken back by a migration that must be answered for, and kept by one that does nothing", async () => {
    const repo = await stage.repo("kept", {
      "plumbline.yaml": settings("kept"),
      "db/V1__orders.sql": V1,
    });
    await repo.merge(await repo.propose({ "db/V2__note.sql": "alter table orders add column note text;\n" }));
    await inDatabase("kept", "alter table orders add column extra int");
    // Where there are no rows, none can be lost.
    await inDatabase("kept", "insert into orders (id, extra) select n, n from generate_series(1, 100) as n");
    await inDatabase("kept", "analyze orders");
    await repo.look("db");
    const [drift] = stage.forge.pulls(repo.name).filter(({ author }) => author.login === "plumbline[bot]");
    const onDrift = drift?.number ?? 0;
    await repo.comment(onDrift, "plumbline revert 'table public.orders'", "lee");
    const body = stage.forge.pull(repo.name, onDrift).body;
    expect(body).toContain("Class R4");
    expect(body).toContain("Destroys the column public.orders.extra with its values");
    expect(repo.status(onDrift, "plumbline/plan: db")?.state).toBe("success");
    expect(repo.said(onDrift).join("\n")).toContain("Class R4 takes an approval by");
    await repo.comment(onDrift, "plumbline formalize", "lee");
    expect(repo.said(onDrift).join("\n")).toContain("held the migration that takes the drift back");
    await repo.comment(onDrift, "plumbline formalize", "lee");
    expect(repo.said(onDrift).join("\n")).toContain("Merged: it is run");
    expect(stage.forge.pull(repo.name, onDrift).pull.merged).toMatchObject({
      by: { login: "plumbline[bot]" },
    });
    expect((await history("kept")).at(-1)).toEqual({ script: "V3__formalize_drift.sql", success: true });
    expect(await ledger().findings.open(repo.key("db"))).toEqual([]);
  });
});

/** The database with its rows and its history, as a nightly copy of production would be. */
const copyOfLarge = async (): Promise<void> => {
  if (server === null) return cp(join(home, "large"), join(home, "copy"), { recursive: true });
  const target = await openTarget(server.url);
  await target.run("create database copy template large");
  await target.close();
};

const INDEX = `-- plumbline:ignore index-not-concurrent, lock-timeout-missing reason="at night" owner="dana"
create index by_status on orders (status);
`;
const FILL = `-- plumbline:ignore update-unbatched reason="20,000 rows" owner="dana"
update orders set status = 'new' where id <= 20000 and status is null;
`;

describe("what the target holds", { timeout: 240_000 }, () => {
  // One repository: the comment, a policy and the gate all tell the same 1.1 million rows of one table.
  test("reaches comment and policies, and a large change of data wants a copy of production", async () => {
    const repo = await stage.repo("large", {
      "plumbline.yaml": settings("large", "EMPTY"),
      "db/V1__orders.sql": V1,
    });
    await repo.merge(await repo.propose({ "db/V2__note.sql": "alter table orders add column note text;\n" }));
    await inDatabase("large", "insert into orders select g from generate_series(1, 1100000) g");
    await inDatabase("large", "analyze orders");

    const number = await repo.propose(
      { "db/V3__index.sql": INDEX, "db/V4__fill.sql": FILL },
      { branch: "fill" },
    );
    const told = repo.saying(number, "V3__index.sql");
    expect(told).toMatch(/\*\*Rehearsed\*\* on `\S+` \(PostgreSQL \d+, schema only\)/);
    expect(told).toContain("2 migrations from the schema that the target has now, 4 from an empty database");
    expect(told).toMatch(
      /\| 1 \| `2: create index by_status on orders \(status\);?` \|.*SHARE on `public\.orders`/,
    );
    expect(told).toContain("+ table public.orders: index by_status");
    expect(told).toMatch(/\| `public\.orders` \| 1\.1 million \| \d+ MB \| 1 \|/);
    expect(told).toContain("rehearsal-too-small");
    expect(told).toContain("up to 1,100,000 rows");
    if (OPA) {
      expect(told).toContain("makes an index on public.orders, which holds 1100000 rows");
      expect(repo.status(number, "plumbline/policy: db")?.state).toBe("failure");
    }

    await copyOfLarge();
    await repo.push("fill", { "plumbline.yaml": settings("large", "COPY"), "db/V3__index.sql": null });
    await stage.settled();
    const again = repo.saying(number, "V4__fill.sql");
    expect(again).toMatch(/PostgreSQL \d+, a copy with rows\)/);
    expect(again).toMatch(/update orders set status.*\| 20,000 \|/);
    expect(repo.status(number, "plumbline/plan: db")?.state).toBe("success");
  });
});

describe("declarative mode", { timeout: 240_000 }, () => {
  const table = (columns: string) => `create table orders (id bigint primary key, status text${columns});\n`;
  const proposed = (name: string) =>
    stage.forge.pulls(name).filter(({ title }) => title.startsWith("Migrate db to db/schema.sql"));

  test("the next migration to the desired schema is proposed, told with what goes, run on merge, and asked for once", async () => {
    const repo = await stage.repo("declared", {
      "plumbline.yaml": settings("declared", null, "schema.sql"),
      "db/V1__orders.sql": V1,
      "db/schema.sql": table(", note text"),
    });
    await repo.look("db");
    const [first, ...more] = proposed(repo.name);
    expect(more).toEqual([]);
    expect(first?.body).toContain("Class R1");
    const branch = first?.pull.headRef ?? "";
    expect(await stage.forge.read(repo.name, branch, "db/V2__desired_schema.sql")).toContain(
      "ADD COLUMN note",
    );
    expect(await inDatabase("declared", "select to_regclass('orders') as there")).toEqual([{ there: null }]);
    await repo.merge(first?.number ?? 0);
    expect((await history("declared")).map(({ script }) => script)).toEqual([
      "V1__orders.sql",
      "V2__desired_schema.sql",
    ]);
    expect(proposed(repo.name)).toHaveLength(1);
    await repo.merge(await repo.propose({ "db/schema.sql": table("").replace(", status text", "") }));
    const second = proposed(repo.name).at(-1);
    expect(second?.body).toContain("Class R4");
    expect(second?.body).toContain("the column public.orders.status with its values");
    await stage.forge.as("lee").close({ repo: repo.name, number: second?.number ?? 0 });
    await repo.look("db");
    expect(proposed(repo.name)).toHaveLength(2);
    expect(await history("declared")).toHaveLength(2);
  });
});

describe("a migration that stops half-way", { timeout: 240_000 }, () => {
  test("stops everything, shows history against actual, and goes on where a person says so", async () => {
    const repo = await stage.repo("broken", {
      "plumbline.yaml": settings("broken"),
      "db/V1__orders.sql": V1,
    });
    const first = await repo.propose({ "db/V2__note.sql": "alter table orders add column note text;\n" });
    await repo.merge(first);
    // No rehearsal knows the rows that are live.
    await inDatabase("broken", "insert into orders values (1, 'a'), (2, 'a')");
    const number = await repo.propose({
      "db/V3__indexes.sql":
        "create index concurrently by_id on orders (id, status);\ncreate unique index concurrently by_status on orders (status);\n",
    });
    await repo.merge(number);
    const failed = (await runsOf(repo, "apply")).at(-1);
    expect(failed).toMatchObject({ state: "failed", error: { code: "sql-failed" } });
    const steps = await ledger().migrations.of(failed?.id ?? "");
    expect(steps.map(({ statement, state }) => [statement, state]).toSorted()).toEqual([
      [0, "failed-partial"],
      [1, "applied"],
      [2, "running"],
    ]);
    expect(await ledger().workspaces.get(repo.key("db"))).toMatchObject({
      frozen: { why: "migration-partial" },
    });
    await repo.comment(number, "plumbline apply", "dana");
    expect(repo.said(number).join("\n")).toContain("migrate resume");
    await inDatabase("broken", "update orders set status = 'b' where id = 2");
    await repo.comment(number, "plumbline migrate resume", "dana");
    expect(repo.said(number).join("\n")).toContain("maintain");
    await repo.comment(number, "plumbline migrate resume", "lee");
    expect((await runsOf(repo, "state")).at(-1)).toMatchObject({ state: "succeeded" });
    expect((await history("broken")).at(-1)).toEqual({ script: "V3__indexes.sql", success: true });
    expect(repo.said(number).join("\n")).toContain("`V3__indexes.sql`: resumed. Nothing is pending.");
    expect(await ledger().workspaces.get(repo.key("db"))).toMatchObject({ frozen: null });
  });
});
