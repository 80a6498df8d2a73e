import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Status } from "../../demo/forge/state.ts";
import { REPO, type Stage } from "../../demo/story/stage.ts";
import { expectTranscript } from "../story/transcript.ts";
import { openScaleHome, openScaleStage, type ScaleHome, scaleMissing } from "./home.ts";
import { type Replicas, startReplicas } from "./replicas.ts";
import { until } from "./until.ts";

describe.skipIf(scaleMissing !== null)(`two replicas (${scaleMissing ?? "PostgreSQL and S3"})`, () => {
  let home: ScaleHome;
  let stage: Stage;
  let replicas: Replicas;
  beforeAll(async () => {
    home = await openScaleHome();
    stage = await openScaleStage(home, async (parts) => {
      replicas = await startReplicas({ ...parts, roles: [null, null] });
      return replicas;
    });
  }, 120_000);
  afterAll(async () => {
    await stage.close();
    await home.close();
  });

  test("the story is told word for word as by one process", { timeout: 300_000 }, async () => {
    await expectTranscript(stage);
    const { ledger } = replicas.world;
    expect(await ledger.audit.verify()).toBeNull();
    expect([...replicas.balancer.answered.values()].filter((count) => count > 3)).toHaveLength(2);
    const holders = replicas.all.map(({ logged }) => logged.join("\n").includes("Plumbline listens"));
    expect(holders).toEqual([true, true]);
  });

  test("one replica is killed while it plans: the other plans again, and applies", {
    timeout: 300_000,
  }, async () => {
    const { forge } = stage;
    const workspace = `${REPO}//network#default`;
    const before = (await forge.read(REPO, "main", "network/variables.tf")) ?? "";
    const files = { "network/variables.tf": before.replace('"4711"', '"4712"') };
    await forge.as("dana").pushFiles(REPO, "after-the-story", files, "Another cost center");
    const number = await forge.as("dana").openPull(REPO, { title: "More", head: "after-the-story" });
    const { ledger } = replicas.world;
    // A run that has only got its lease is simply run by the other; one that has begun is made again.
    const lease = await until(60, async () => {
      const held = await ledger.leases.get(workspace);
      const run = held && (await ledger.runs.get(held.run));
      return run?.kind === "plan" && run.state === "running" ? held : null;
    });
    await killHolder(home.dir, replicas, lease.holder);
    const status = (context: string): Status | undefined =>
      forge
        .statuses(REPO, forge.pull(REPO, number).pull.headSha)
        .find((one) => one.context === context && one.state === "success");
    await until(90, () => status("plumbline/plan"));
    const plans = await ledger.runs.list({ pull: { repo: REPO, number }, kind: "plan" });
    expect(plans.map(({ state }) => state)).toEqual(["succeeded", "interrupted"]);
    await forge.as("dana").merge({ repo: REPO, number });
    await until(60, () => status("plumbline/apply: network"));
    expect(await ledger.audit.verify()).toBeNull();
  });
});

const killHolder = async (dir: string, { all }: Replicas, holder: string): Promise<void> => {
  for (const [index, replica] of all.entries()) {
    const name = await readFile(join(dir, `replica-${index}`, "instance"), "utf8");
    if (name.trim() === holder) await replica.kill();
  }
};
