import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DatabaseStage, openDatabaseStage, settings, V1 } from "./database-stage.ts";
import type { Files, SmallStage, TestRepo } from "./small-stage.ts";

let databases: DatabaseStage;
let stage: SmallStage;
beforeAll(async () => {
  databases = await openDatabaseStage(["fixed", "kept", "declared"]);
  stage = databases.stage;
}, 120_000);
afterAll(() => databases.close());

const indexes = async (name: string) =>
  (
    await databases.inDatabase(
      name,
      "select indexname::text as name from pg_indexes where tablename = 'orders'",
    )
  ).map((row) => String(row["name"]));

describe("what was changed by hand", { timeout: 240_000 }, () => {
  test("a fix by hand is found, told on a pull request of its own that keeps it or takes it back, and left alone where it moved", async () => {
    const repo = await stage.repo("fixed", {
      "plumbline.yaml": settings("fixed"),
      "db/V1__orders.sql": V1,
    });
    const number = await repo.propose({ "db/V2__note.sql": "alter table orders add column note text;\n" });
    await repo.merge(number);
    await databases.inDatabase("fixed", "create index orders_by_status on orders (status)");
    await repo.look("db");
    const open = await databases.ledger().findings.open(repo.key("db"));
    expect(open.map(({ address, path, cause }) => [address, path, cause])).toEqual([
      ["table public.orders", expect.stringContaining("orders_by_status"), "unmanaged"],
    ]);
    // The next look, of whichever process, need not replay.
    const kept = await databases.ledger().meta.get(`replay:${repo.key("db")}`);
    expect(kept).toMatchObject({ ref: { key: expect.stringMatching(/^replays\//) } });
    const drift = stage.forge.pulls(repo.name).find((thread) => thread.author.login === "plumbline[bot]");
    const branch = drift?.pull.headRef ?? "";
    expect(
      await stage.forge.read(repo.name, branch, "db/V3__formalize_drift_indexes.sql"),
      drift?.body,
    ).toContain("CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_by_status");
    expect(drift?.body).toContain("it does nothing where that was done by hand");
    const onDrift = drift?.number ?? 0;
    await repo.comment(onDrift, "plumbline revert", "lee");
    expect(repo.said(onDrift).join("\n")).toContain("nothing is done before somebody merges it");
    expect(await stage.forge.read(repo.name, branch, "db/V3__formalize_drift_indexes.sql")).toBeNull();
    expect(await stage.forge.read(repo.name, branch, "db/V3__revert_drift_indexes.sql")).toContain(
      "DROP INDEX CONCURRENTLY IF EXISTS",
    );
    expect(stage.forge.pull(repo.name, onDrift).body).toContain("takes back what was done by hand");
    // Somebody goes on by hand after the proof: what was proven then is not run.
    await databases.inDatabase("fixed", "drop index orders_by_status");
    await databases.inDatabase("fixed", "create index orders_by_status on orders (status, id)");
    await repo.merge(onDrift);
    expect(repo.said(onDrift).join("\n")).toContain("changed again since this migration was proven");
    expect(await indexes("fixed")).toContain("orders_by_status");
  });

  test("a column made by hand is taken back by a migration that must be answered for, and kept by one that does nothing", async () => {
    const repo = await stage.repo("kept", {
      "plumbline.yaml": settings("kept"),
      "db/V1__orders.sql": V1,
    });
    await repo.merge(await repo.propose({ "db/V2__note.sql": "alter table orders add column note text;\n" }));
    await databases.inDatabase("kept", "alter table orders add column extra int");
    // Where there are no rows, none can be lost.
    await databases.inDatabase(
      "kept",
      "insert into orders (id, extra) select n, n from generate_series(1, 100) as n",
    );
    await databases.inDatabase("kept", "analyze orders");
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
    expect((await databases.history("kept")).at(-1)).toEqual({
      script: "V3__formalize_drift.sql",
      success: true,
    });
    expect(await databases.ledger().findings.open(repo.key("db"))).toEqual([]);
  });
});

describe("declarative mode", { timeout: 240_000 }, () => {
  const table = (columns: string) => `create table orders (id bigint primary key, status text${columns});\n`;
  const proposed = (name: string) =>
    stage.forge.pulls(name).filter(({ title }) => title.startsWith("Migrate db to db/schema.sql"));
  let repo: TestRepo;
  const merged = async (files: Files): Promise<void> => {
    await repo.merge(await repo.propose(files));
    await repo.look("db");
  };

  test("the next migration to the desired schema is proposed, told with what goes, run on merge, and asked for once", async () => {
    repo = await stage.repo("declared", {
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
    expect(await databases.inDatabase("declared", "select to_regclass('orders') as there")).toEqual([
      { there: null },
    ]);
    await repo.merge(first?.number ?? 0);
    expect((await databases.history("declared")).map(({ script }) => script)).toEqual([
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
    expect(await databases.history("declared")).toHaveLength(2);
  });

  test("the same migration is proposed again once it was not wanted in between, and closes once the migrations make the schema", async () => {
    await merged({ "db/schema.sql": table(", note text") });
    expect(proposed(repo.name)).toHaveLength(2);
    await merged({ "db/schema.sql": table("").replace(", status text", "") });
    const third = proposed(repo.name).at(-1);
    expect(proposed(repo.name)).toHaveLength(3);
    await merged({ "db/schema.sql": table(", note text, extra int") });
    expect(stage.forge.pull(repo.name, third?.number ?? 0)).toMatchObject({
      state: "open",
      body: expect.stringContaining("Class R1"),
    });
    await merged({ "db/V3__extra.sql": "alter table orders add column extra int;\n" });
    expect(await databases.history("declared")).toHaveLength(3);
    expect(stage.forge.pull(repo.name, third?.number ?? 0).state).toBe("closed");
    expect(repo.said(third?.number ?? 0).join("\n")).toContain("the migrations make the desired schema");
  });

  test("an issue says why nothing can be proposed, and closes when something can", async () => {
    await merged({ "db/schema.sql": "create table orders (id no_such_type);\n" });
    const [issue] = stage.forge.issues(repo.name);
    expect(issue?.state, stage.logged.slice(-5).join("\n")).toBe("open");
    expect(issue?.body).toContain("no_such_type");
    await merged({ "db/schema.sql": table(", note text, extra int") });
    expect(stage.forge.issues(repo.name)[0]?.state).toBe("closed");
  });

  test("a folder that leaves the code has nothing run and nothing dropped", async () => {
    const before = await databases.history("declared");
    const gone = ["plumbline.yaml", "db/V1__orders.sql", "db/V3__extra.sql", "db/schema.sql"];
    const files = Object.fromEntries([...gone, "db/V2__desired_schema.sql"].map((path) => [path, null]));
    const number = await repo.propose({ ...files, "notes.md": "gone\n" });
    await repo.merge(number);
    expect(await databases.history("declared")).toEqual(before);
    expect(await databases.inDatabase("declared", "select to_regclass('orders')::text as there")).toEqual([
      { there: "orders" },
    ]);
    expect((await databases.ledger().workspaces.get(repo.key("db")))?.removedAt).not.toBeNull();
  });
});
