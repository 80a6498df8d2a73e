import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createToken } from "../../src/run/access-tokens.ts";
import { OPA } from "../policy/opa-here.ts";
import { type DatabaseStage, openDatabaseStage, settings, V1 } from "./database-stage.ts";
import type { SmallStage, TestRepo } from "./small-stage.ts";

let databases: DatabaseStage;
let stage: SmallStage;
beforeAll(async () => {
  databases = await openDatabaseStage(["orders", "broken", "large", "moving"], "large");
  stage = databases.stage;
}, 120_000);
afterAll(() => databases.close());

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
    expect(repo.statuses(number)).toEqual([
      "plumbline/migrate: db: pending",
      "plumbline/plan: db: success",
      "plumbline/plan: success",
    ]);
    const merged = await repo.merge(number);
    expect(statusesAt(repo, merged)).toEqual(["plumbline/migrate: db: success"]);
    expect(await databases.history("orders")).toEqual([
      { script: "V1__orders.sql", success: true },
      { script: "V2__note.sql", success: true },
    ]);
    expect(repo.status(number, "plumbline/migrate: db")?.state).toBe("success");
    const [apply, ...more] = await databases.runsOf(repo, "apply");
    expect(more).toEqual([]);
    expect(apply).toMatchObject({ state: "succeeded", result: { verified: true, remaining: [] } });
    const steps = await databases.ledger().migrations.of(apply?.id ?? "");
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
      "db/V1_1__late.sql": "select 1;\n",
      "db/V5__broken.sql": "create table b (id int);\n\n  selec 1;\n",
      "db/V6__gap.sql": `select '\${nobody}';\n`,
      "db/V7_close.sql": "select 1;\n",
    });
    const told = repo.saying(number, "V4__contract.sql");
    const page = await pageOf((await databases.runsOf(repo, "plan")).at(-1)?.id ?? "");
    for (const said of BAD) {
      expect(told).toContain(said);
      expect(page).toContain(said);
    }
    expect(repo.status(number, "plumbline/plan: db")?.state).toBe("failure");
    expect(repo.status(number, "plumbline/migrate: db")?.state).toBe("pending");
    await repo.merge(number);
    expect(await databases.history("orders")).toHaveLength(2);
  });
});

/** What is wrong, where, and what to do: in the comment and on the page alike. */
const BAD = [
  ...["V1__orders.sql changed after it was applied", "Put V1__orders.sql back"],
  ...["Two files have version 03: V03__b.sql and V3__a.sql", "next free version"],
  ...["V1_1__late.sql is older than what was applied already", "version above the newest"],
  ...['V5__broken.sql:3:3: syntax error at or near "selec"', "drop-column"],
  ...[`V6__gap.sql:1:9: there is no value for \${nobody}`, "under placeholders"],
  ...["V7_close.sql", "two underscores part what it is from its description"],
];

/** Without markup, as people read it. */
const pageOf = async (run: string): Promise<string> => {
  const { world, url } = stage.service();
  const wish = { name: "reader", role: "viewer" as const, workspaces: ["*"], by: "ops", expiresAt: null };
  const headers = { authorization: `Bearer ${(await createToken(world, wish)).text}` };
  const answer = await fetch(`${url}/runs/${run}`, { headers });
  const text = (await answer.text()).replaceAll(/<[^>]*>/g, "").replaceAll("&quot;", '"');
  expect(answer.status, text).toBe(200);
  return text;
};

const statusesAt = (repo: TestRepo, commit: string): readonly string[] =>
  stage.forge.statuses(repo.name, commit).map(({ context, state }) => `${context}: ${state}`);

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
    await databases.inDatabase("large", "insert into orders select g from generate_series(1, 1100000) g");
    await databases.inDatabase("large", "analyze orders");

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

    await databases.copy("large");
    await repo.push("fill", { "plumbline.yaml": settings("large", "COPY"), "db/V3__index.sql": null });
    await stage.settled();
    const again = repo.saying(number, "V4__fill.sql");
    expect(again).toMatch(/PostgreSQL \d+, a copy with rows\)/);
    expect(again).toMatch(/update orders set status.*\| 20,000 \|/);
    expect(repo.status(number, "plumbline/plan: db")?.state).toBe("success");
  });
});

describe("between review and apply", { timeout: 240_000 }, () => {
  test("a table that grew makes another class, and a history that cannot be read any more tells nothing: nothing runs", async () => {
    await databases.inDatabase("moving", V1);
    const repo = await stage.repo("moving", {
      "plumbline.yaml": settings("moving").replace(
        "}}\n",
        "}, baseline_version: '1', rehearsal: {enabled: false}}\n",
      ),
      "db/V1__orders.sql": V1,
    });
    const number = await repo.propose({ "db/V3__index.sql": INDEX });
    expect(repo.saying(number, "V3__index.sql")).toContain("Class R1");
    await databases.inDatabase("moving", "insert into orders values (1)");
    // As ANALYZE leaves it behind 420 million rows.
    await databases.inDatabase(
      "moving",
      "update pg_class set reltuples = 4.2e8, relpages = 1 where relname = 'orders'",
    );
    await repo.merge(number);
    expect(repo.status(number, "plumbline/migrate: db")?.state).toBe("failure");
    const told = repo.said(number).join("\n");
    expect(told).toContain("not the one that was reviewed any more");
    expect(told).toContain("variable:class");
    await databases.inDatabase("moving", "create table flyway_schema_history (id int)");
    await repo.comment(number, "plumbline apply", "dana");
    expect((await databases.runsOf(repo, "apply")).at(-1)).toMatchObject({
      state: "failed",
      error: { message: expect.stringContaining("is no history of migrations") },
    });
    const indexes = "select indexname from pg_indexes where tablename = 'orders'";
    expect(await databases.inDatabase("moving", indexes)).toEqual([{ indexname: "orders_pkey" }]);
    expect(repo.status(number, "plumbline/migrate: db")?.state).toBe("failure");
  });
});

describe("a migration that stops half-way", { timeout: 240_000 }, () => {
  let repo: TestRepo;
  beforeAll(async () => {
    repo = await stage.repo("broken", { "plumbline.yaml": settings("broken"), "db/V1__orders.sql": V1 });
    await repo.merge(
      await repo.propose(
        { "db/V2__note.sql": "alter table orders add column note text;\n" },
        { branch: "note" },
      ),
    );
    // No rehearsal knows the rows that are live.
    await databases.inDatabase("broken", "insert into orders values (1, 'a'), (2, 'a')");
  });
  const workspace = () => databases.ledger().workspaces.get(repo.key("db"));
  const lastApply = async () => (await databases.runsOf(repo, "apply")).at(-1);
  const lastRow = async () => (await databases.history("broken")).at(-1);

  test("stops everything, shows history against actual, and goes on by the same approval where a person says so", async () => {
    const number = await repo.propose({
      "db/V3__indexes.sql":
        "create index concurrently by_id on orders (id, status);\ncreate unique index concurrently by_status on orders (status);\n",
      "db/V4__who.sql": "alter table orders add column who text;\n",
    });
    await repo.merge(number);
    const failed = await lastApply();
    expect(failed).toMatchObject({ state: "failed", error: { code: "sql-failed" } });
    const steps = await databases.ledger().migrations.of(failed?.id ?? "");
    expect(steps.map(({ statement, state }) => [statement, state]).toSorted()).toEqual([
      [0, "failed-partial"],
      [1, "applied"],
      [2, "running"],
    ]);
    expect(await workspace()).toMatchObject({ frozen: { why: "migration-partial" } });
    await repo.comment(number, "plumbline apply", "dana");
    expect(repo.said(number).join("\n")).toContain("migrate resume");
    await databases.inDatabase("broken", "update orders set status = 'b' where id = 2");
    await repo.comment(number, "plumbline migrate resume", "dana");
    expect(repo.said(number).join("\n")).toContain("maintain");
    expect(await lastRow()).toEqual({ script: "V3__indexes.sql", success: false });

    await repo.comment(number, "plumbline migrate resume", "lee");
    await stage.settled();
    const resumed = (await databases.runsOf(repo, "state")).at(-1);
    expect(resumed).toMatchObject({ state: "succeeded" });
    expect(repo.said(number).join("\n")).toContain(
      "`V3__indexes.sql`: resumed. Still to run: `V4__who.sql`.",
    );
    expect((await databases.history("broken")).slice(-2)).toEqual([
      { script: "V3__indexes.sql", success: true },
      { script: "V4__who.sql", success: true },
    ]);
    const apply = await lastApply();
    expect(apply).toMatchObject({
      state: "succeeded",
      requestedBy: "lee",
      result: { verified: true, remaining: [] },
    });
    expect(await workspace()).toMatchObject({ frozen: null });
    expect(repo.status(number, "plumbline/migrate: db")?.state).toBe("success");
    expect(await databases.ledger().locks.of(repo.key("db"))).toEqual([]);
    expect(await databases.evidenceOf(apply)).toMatchObject({
      outcome: "applied",
      database: { ranBy: expect.stringMatching(/\w/) },
      migrations: [
        { script: "V3__indexes.sql", state: "verified", run: resumed?.id },
        { script: "V4__who.sql", state: "verified" },
      ],
    });
  });

  test("what was taken back runs again only on a word, by the same approval", async () => {
    const number = await repo.propose(
      {
        "db/V5__kinds.sql":
          "create index concurrently by_who on orders (who);\ncreate unique index concurrently one_who on orders ((1));\n",
        "db/V5__kinds.sql.compensate": "drop index if exists by_who;\ndrop index if exists one_who;\n",
        "db/V6__when.sql": "alter table orders add column at timestamptz;\n",
      },
      { branch: "kinds" },
    );
    await repo.merge(number);
    expect(await workspace()).toMatchObject({ frozen: { why: "migration-partial" } });
    await repo.comment(number, "plumbline migrate compensate", "lee");
    await stage.settled();
    expect(repo.said(number).join("\n")).toContain("`V5__kinds.sql`: compensated. Still to run:");
    expect(await lastRow()).toEqual({ script: "V4__who.sql", success: true });
    expect(await workspace()).toMatchObject({ frozen: null });
    expect(await lastApply()).toMatchObject({ state: "failed" });
    await databases.inDatabase("broken", "delete from orders where id = 2");
    await repo.comment(number, "plumbline apply", "dana");
    await stage.settled();
    expect(await lastApply()).toMatchObject({ state: "succeeded", result: { verified: true } });
    expect(await lastRow()).toEqual({ script: "V6__when.sql", success: true });
  });
});
