import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeRunInput } from "../../src/run/run-input.ts";
import { openSmallStage, root, type SmallStage, type TestRepo } from "./small-stage.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openSmallStage();
});
afterAll(() => stage.close());

/** An apply that had begun when its process died: what the ledger holds then, and nothing in the cloud is decided. */
const dieWhileApplying = async (repo: TestRepo, number: number): Promise<string> => {
  const { ledger, clock } = stage.service().world;
  const [plan] = await ledger.runs.list({ pull: repo.ref(number), kind: "plan" });
  if (!plan) throw new Error("There is no plan.");
  const holder = (await readFile(join(stage.config.dataDir, "instance"), "utf8")).trim();
  const [id, at] = ["run_died", clock.now()];
  const { workspace, pull, head, base } = plan;
  const input = {
    ...(plan.result as unknown as Parameters<typeof writeRunInput>[0]),
    intent: "merge" as const,
  };
  await ledger.runs.create({
    ...{
      id,
      workspace,
      kind: "apply",
      pull,
      head,
      base,
      trigger: "merge",
      requestedBy: "dana",
      createdAt: at,
    },
    input: writeRunInput(input),
  });
  const lease = await ledger.leases.acquire(workspace, id, holder, at, 30_000);
  if ("heldBy" in lease) throw new Error("The workspace is taken.");
  const { token } = lease;
  await ledger.runs.transition(id, { from: ["queued"], to: "running", token, at });
  await ledger.runs.transition(id, { from: ["running"], to: "apply-started", token, at });
  return id;
};

describe("a process that died while it applied", () => {
  test("nothing was done: it is never applied again, what is left is told, and the workspace is free", async () => {
    const repo = await stage.repo("died", { "one/main.tf": root("a") }, { applied: ["one"] });
    const number = await repo.propose({ "one/main.tf": root("b") });
    const id = await dieWhileApplying(repo, number);
    await stage.stop();
    await stage.start();
    await stage.settled();

    const { ledger } = stage.service().world;
    const run = await ledger.runs.get(id);
    expect(run).toMatchObject({ state: "failed", result: { remaining: ["update terraform_data.it"] } });
    expect(await ledger.leases.get(run?.workspace ?? "")).toBeNull();
    expect(repo.statuses(number).join("\n")).toContain("plumbline/apply: one: failure");
    expect(repo.said(number).join("\n")).toContain("update terraform_data.it");
    expect((await ledger.audit.list({ subject: run?.workspace ?? "" })).map((entry) => entry.action)).toEqual(
      expect.arrayContaining(["apply-unknown", "apply-reconciled"]),
    );
    const log = await ledger.runs.list({ pull: repo.ref(number), kind: "apply" });
    expect(log.map((one) => one.id)).toEqual([id]);
  });
});
