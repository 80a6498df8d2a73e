import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AcceptedState } from "../../src/model/finding.ts";
import type { Plan } from "../../src/model/plan.ts";
import { readPlan } from "../../src/plan/read.ts";
import { type Bench, createWorkshop, foundHere, mustWork, type Workshop } from "../contract/engine-bench.ts";
import { acceptedFrom, look, told } from "./plans.ts";

const engine = (await foundHere("terraform")) ?? (await foundHere("tofu"));
const real = test.skipIf(!engine); // without an engine on this machine

const CODE = `resource "aws_db_instance" "orders" {
  identifier          = "prod-orders"
  engine              = "postgres"
  instance_class      = "db.r6g.large"
  allocated_storage   = 100
  deletion_protection = true
  tags                = { team = "orders" }
}
`;
const DB = "aws_db_instance.orders";

describe("drift of a real plan", () => {
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = await createWorkshop(engine?.binary ?? "");
  });
  afterAll(() => workshop.close());

  const applied = async (): Promise<{ bench: Bench; accepted: AcceptedState }> => {
    const bench = await workshop.open();
    await bench.write("main.tf", CODE);
    await mustWork(bench.engine.init(bench.call));
    await apply(bench);
    return { bench, accepted: acceptedFrom(await plan(bench)) };
  };

  real("right after an apply there is none, noise aside", async () => {
    const { bench, accepted } = await applied();
    const { findings } = look(await plan(bench), { accepted });
    expect(findings.filter(({ cause }) => cause !== "noise")).toEqual([]);
  });

  real("each cause by its own hand", async () => {
    const { bench, accepted } = await applied();
    bench.cloud.set("aws_db_instance", "prod-orders", {
      instance_class: "db.r6g.4xlarge",
      iops: 12_000,
      tags: { team: "orders", owner: "me" },
    });
    await bench.write("main.tf", CODE.replace("100", "200"));
    const found = look(await plan(bench), { accepted, inputTreeHash: "tree-2" }).findings;
    expect(told(found.filter(({ cause }) => cause !== "noise")).toSorted()).toEqual([
      `${DB} allocated_storage unapplied`,
      `${DB} instance_class console`,
      `${DB} iops unmanaged`,
      `${DB} tags.owner console`,
    ]);
    expect(found.find(({ path }) => path === "instance_class")).toMatchObject({
      recorded: "db.r6g.large",
      actual: "db.r6g.4xlarge",
      desired: "db.r6g.large",
    });
  });

  real("a refresh hides nothing from who remembers", async () => {
    const { bench, accepted } = await applied();
    bench.cloud.set("aws_db_instance", "prod-orders", { instance_class: "db.r6g.4xlarge", iops: 12_000 });
    const before = look(await plan(bench), { accepted }).findings;
    const out = bench.path("refresh.plan");
    await mustWork(bench.engine.plan(bench.call, { out, lock: true, refreshOnly: true }));
    await mustWork(bench.engine.apply(bench.call, out));
    const after = look(await plan(bench), { accepted }).findings.filter(({ cause }) => cause !== "noise");
    expect(told(after).toSorted()).toEqual([`${DB} instance_class absorbed`, `${DB} iops absorbed`]);
    const known = new Set(before.map(({ fingerprint }) => fingerprint));
    expect(after.every(({ fingerprint }) => known.has(fingerprint))).toBe(true);
  });

  real("code that says what is live leaves nothing to tell", async () => {
    const { bench, accepted } = await applied();
    bench.cloud.set("aws_db_instance", "prod-orders", { instance_class: "db.r6g.4xlarge" });
    await bench.write("main.tf", CODE.replace("db.r6g.large", "db.r6g.4xlarge"));
    const { findings } = look(await plan(bench), { accepted, inputTreeHash: "tree-2" });
    expect(findings.filter(({ cause }) => cause !== "noise")).toEqual([]);
  });

  real("what vanished is one finding", async () => {
    const { bench } = await applied();
    bench.cloud.remove("aws_db_instance", "prod-orders");
    expect(told(look(await plan(bench)).findings)).toEqual([`${DB} (whole) vanished`]);
  });
});

const plan = async ({ engine, call, path }: Bench): Promise<Plan> => {
  await mustWork(engine.plan(call, { out: path("look.plan"), lock: false }));
  return readPlan((await engine.show(call, path("look.plan"))).json);
};

const apply = async ({ engine, call, path }: Bench): Promise<void> => {
  await mustWork(engine.plan(call, { out: path("apply.plan"), lock: true }));
  await mustWork(engine.apply(call, path("apply.plan")));
};
