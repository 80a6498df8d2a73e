import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStage, type Stage } from "../../demo/story/stage.ts";
import { defaultCacheDir } from "../../src/adapters/engine-find.ts";
import { expectTranscript } from "../story/transcript.ts";
import { openScaleHome, type ScaleHome, scaleMissing } from "./home.ts";
import { type Replicas, startReplicas } from "./replicas.ts";

describe.skipIf(scaleMissing !== null)(`two replicas (${scaleMissing ?? "PostgreSQL and S3"})`, () => {
  let home: ScaleHome;
  let stage: Stage;
  let replicas: Replicas;
  beforeAll(async () => {
    home = await openScaleHome();
    stage = await openStage({
      dir: home.dir,
      cacheDir: defaultCacheDir(process.env),
      env: process.env,
      version: "0.0.0",
      change: home.place,
      start: async (config, mirror) => {
        replicas = await startReplicas({ dir: home.dir, config, mirror, roles: [null, null] });
        return replicas;
      },
    });
  }, 120_000);
  afterAll(async () => {
    await stage.close();
    await home.close();
  });

  test("the story is told word for word as by one process", { timeout: 120_000 }, async () => {
    await expectTranscript(stage);
    const { ledger } = replicas.world;
    expect(await ledger.audit.verify()).toBeNull();
    expect([...replicas.balancer.answered.values()].filter((count) => count > 3)).toHaveLength(2);
    const holders = replicas.all.map(({ logged }) => logged.join("\n").includes("Plumbline listens"));
    expect(holders).toEqual([true, true]);
  });
});
