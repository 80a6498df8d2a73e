import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { confirmDead } from "../../src/run/confirm-dead.ts";
import { writeRunInput } from "../../src/run/run-input.ts";
import { binaries, startServer } from "../contract/databases.ts";
import { openSmallStage, root, type SmallStage, type TestRepo } from "./small-stage.ts";

const bin = binaries();
const DEAD = "replica-a";

describe.skipIf(bin === null)("two replicas on one PostgreSQL server, one of them dead for good", () => {
  let stage: SmallStage;
  let database: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    database = await startServer(bin ?? "");
    stage = await openSmallStage((config) => ({ ...config, databaseUrl: database.url }), {
      leaseMs: 3_000,
    });
  }, 120_000);
  afterAll(async () => {
    await stage.close();
    await database.stop();
  });

  /** What the ledger holds of a run whose replica was on another machine, and has been silent for a minute. */
  const diedElsewhere = async (
    repo: TestRepo,
    number: number,
    kind: "plan" | "apply",
  ): Promise<{ readonly id: string; readonly workspace: string }> => {
    const { ledger, clock } = stage.service().world;
    const [plan] = await ledger.runs.list({ pull: repo.ref(number), kind: "plan" });
    if (!plan) throw new Error("There is no plan.");
    const { workspace, pull, head, base } = plan;
    const at = clock.now();
    const id = `run_${kind}_elsewhere`;
    const input = {
      ...(plan.result as unknown as Parameters<typeof writeRunInput>[0]),
      intent: kind === "apply" ? ("merge" as const) : ("plan" as const),
    };
    const told = { trigger: "merge", requestedBy: "dana", createdAt: at, input: writeRunInput(input) };
    await ledger.runs.create({ id, workspace, kind, pull, head, base, ...told });
    const then = new Date(at.getTime() - 60_000);
    const lease = await ledger.leases.acquire(workspace, id, DEAD, then, 30_000);
    if ("heldBy" in lease) throw new Error("The workspace is taken.");
    const { token } = lease;
    await ledger.runs.transition(id, { from: ["queued"], to: "running", token, at: then });
    if (kind === "apply")
      await ledger.runs.transition(id, { from: ["running"], to: "apply-started", token, at: then });
    return { id, workspace };
  };

  test("its plan is made again by the other, as soon as the lease has run out", async () => {
    const repo = await stage.repo("deadplan", { "one/main.tf": root("a") });
    const number = await repo.propose({ "one/main.tf": root("b") });
    const { id, workspace } = await diedElsewhere(repo, number, "plan");
    const { ledger, clock, nudge } = stage.service().world;
    await ledger.outbox.add([{ job: { kind: "plan", run: id, workspace } }], clock.now());
    nudge();
    await stage.settled();
    const runs = await ledger.runs.list({ pull: repo.ref(number), kind: "plan" });
    expect(runs.find((run) => run.id === id)?.state).toBe("interrupted");
    expect(runs[0]).toMatchObject({ state: "succeeded", trigger: "recovered" });
    expect(repo.statuses(number)).toContain("plumbline/plan: one: success");
  });

  test("its apply is left alone until a person confirms the death; then the other looks and tells", async () => {
    const repo = await stage.repo("deadapply", { "one/main.tf": root("a") }, { applied: ["one"] });
    const number = await repo.propose({ "one/main.tf": root("b") });
    const { id, workspace } = await diedElsewhere(repo, number, "apply");
    const { clock } = stage.service().world;
    expect((await readFile(join(stage.config.dataDir, "instance"), "utf8")).trim()).not.toBe(DEAD);

    await stage.stop();
    await stage.start();
    const world = stage.service().world;
    for (const kind of ["apply", "reconcile"] as const)
      await world.ledger.outbox.add([{ job: { kind, run: id, workspace } }], clock.now());
    world.nudge();
    await stage.settled();
    expect(await world.ledger.runs.get(id)).toMatchObject({ state: "apply-started" });
    expect(await world.ledger.leases.get(workspace)).toMatchObject({ run: id, holder: DEAD });

    const said = { run: id, by: "olga", reason: "the node was removed" };
    const early = new Date(clock.now().getTime() - 45_000);
    await expect(confirmDead(world.ledger, { ...said, at: early })).rejects.toMatchObject({
      code: "workspace-busy",
    });
    expect(await confirmDead(world.ledger, { ...said, at: clock.now() })).toBe(DEAD);
    world.nudge();
    await stage.settled();
    expect(await world.ledger.runs.get(id)).toMatchObject({
      state: "failed",
      result: { remaining: ["update terraform_data.it"] },
    });
    expect(await world.ledger.leases.get(workspace)).toBeNull();
    expect(repo.said(number).join("\n")).toContain("left: `update terraform_data.it`");
    const audit = await world.ledger.audit.list({ subject: workspace });
    expect(audit.find(({ action }) => action === "replica-confirmed-dead")).toMatchObject({
      actor: "olga",
      details: { run: id, replica: DEAD, reason: "the node was removed" },
    });
    await expect(confirmDead(world.ledger, { ...said, at: clock.now() })).rejects.toMatchObject({
      code: "wrong-arguments",
    });
  });
});
