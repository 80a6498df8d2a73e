import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildMirror } from "../../demo/cloud/build.ts";
import { openAccount } from "../../demo/cloud/console.ts";
import type { Engine, EngineCall } from "../../src/ports/engine.ts";
import { type Bench, createWorkshop, foundHere, mustWork, type Workshop } from "../contract/engine-bench.ts";

const engine = (await foundHere("terraform")) ?? (await foundHere("tofu"));
const real = test.skipIf(!engine); // without an engine on this machine

const DATABASE = `resource "aws_db_instance" "orders" {
  identifier          = "prod-orders"
  engine              = "postgres"
  instance_class      = "db.r6g.large"
  allocated_storage   = 100
  deletion_protection = true
}
`;

describe("the demo cloud, through an engine", () => {
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = await createWorkshop(engine?.binary ?? "");
  });
  afterAll(() => workshop.close());

  const withDatabase = async (): Promise<Bench> => {
    const bench = await workshop.open();
    await bench.write("main.tf", DATABASE);
    await mustWork(bench.engine.init(bench.call));
    await apply(bench);
    return bench;
  };

  real("drift that somebody made in the console is planned back", async () => {
    const bench = await withDatabase();
    bench.cloud.set("aws_db_instance", "prod-orders", { instance_class: "db.r6g.4xlarge" });
    expect(await planned(bench)).toMatchObject([
      { change: { actions: ["update"], before: { instance_class: "db.r6g.4xlarge" } } },
    ]);
    await apply(bench);
    expect(bench.cloud.read().resources["aws_db_instance"]?.["prod-orders"]).toMatchObject({
      instance_class: "db.r6g.large",
    });
    expect(bench.cloud.requests()).toMatchObject([
      { call: "create", type: "aws_db_instance", id: "prod-orders" },
      { call: "update", type: "aws_db_instance", id: "prod-orders", changed: ["instance_class"] },
    ]);
  });

  real("what the code leaves silent is adopted, so that only the refresh sees it", async () => {
    const bench = await withDatabase();
    bench.cloud.set("aws_db_instance", "prod-orders", { iops: 12_000 });
    expect(await planned(bench)).toMatchObject([{ change: { actions: ["no-op"], after: { iops: 12_000 } } }]);
  });

  real("what vanished is made again", async () => {
    const bench = await withDatabase();
    bench.cloud.remove("aws_db_instance", "prod-orders");
    expect(await planned(bench)).toMatchObject([{ change: { actions: ["create"] } }]);
  });

  real("a smaller disk replaces the database", async () => {
    const bench = await withDatabase();
    await bench.write("main.tf", DATABASE.replace("100", "50"));
    expect(await planned(bench)).toMatchObject([
      { change: { actions: ["delete", "create"], replace_paths: [["allocated_storage"]] } },
    ]);
  });

  real("deletion protection refuses, and the refusal is in the request log", async () => {
    const bench = await withDatabase();
    const out = bench.path("destroy.plan");
    await mustWork(bench.engine.plan(bench.call, { out, lock: true, destroy: true }));
    const result = await bench.engine.apply(bench.call, out);
    expect(result.diagnostics).toContain("Cannot delete protected DB Instance");
    expect(bench.cloud.requests().at(-1)).toMatchObject({
      call: "delete",
      error: expect.stringContaining("protected"),
    });
  });

  real("an entry of the console can be imported by its key", async () => {
    const bench = await workshop.open();
    bench.cloud.set("kafka_topic", "orders", { name: "orders", partitions: 6, replication_factor: 3 });
    const topic =
      'resource "kafka_topic" "orders" {\n  name = "orders"\n  partitions = 6\n  replication_factor = 3\n}\n';
    const required = 'terraform {\n  required_providers {\n    kafka = { source = "mongey/kafka" }\n  }\n}\n';
    await bench.write(
      "main.tf",
      `${required}${topic}import {\n  to = kafka_topic.orders\n  id = "orders"\n}\n`,
    );
    await mustWork(bench.engine.init(bench.call));
    expect(await planned(bench)).toMatchObject([
      { change: { actions: ["no-op"], importing: { id: "orders" } } },
    ]);
  });

  real("broken JSON in the console is an error that names the file", async () => {
    const bench = await withDatabase();
    await writeFile(bench.cloud.file, '{ "resources": {');
    const result = await bench.engine.plan(bench.call, { out: bench.path("a.plan"), lock: false });
    expect(result.diagnostics.replace(/\s+/g, " ")).toContain("cannot be read");
  });

  const apply = async ({ engine, call, path }: Pick<Bench, "engine" | "call" | "path">): Promise<void> => {
    await mustWork(engine.plan(call, { out: path("apply.plan"), lock: true }));
    await mustWork(engine.apply(call, path("apply.plan")));
  };
});

describe("the mirror", () => {
  test("is built once for the same sources, also by two at the same time", async () => {
    const folder = await mkdtemp(join(tmpdir(), "plumbline-mirror-"));
    try {
      const [one, two] = await Promise.all([buildMirror(folder), buildMirror(folder)]);
      expect(one).toEqual(two);
      const config = await readFile(one.cliConfig, "utf8");
      expect(config).toContain(JSON.stringify(one.mirror));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("the console", () => {
  test("an account that was never used is empty, and has no requests", () => {
    const cloud = openAccount(join(tmpdir(), "plumbline-no-such-folder", "cloud.json"));
    expect(cloud.read().resources).toEqual({});
    expect(cloud.requests()).toEqual([]);
  });
});

const planned = async ({
  engine,
  call,
  path,
}: {
  readonly engine: Engine;
  readonly call: EngineCall;
  path(name: string): string;
}): Promise<unknown> => {
  await mustWork(engine.plan(call, { out: path("look.plan"), lock: false }));
  const { json } = await engine.show(call, path("look.plan"));
  return (JSON.parse(json) as { resource_changes: unknown }).resource_changes;
};
