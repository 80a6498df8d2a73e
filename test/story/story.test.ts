import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { DATABASE_PASSWORD, openStage } from "../../demo/story/stage.ts";
import { ENGINE_SCENES, SCENES } from "../../demo/story/story.ts";
import { defaultCacheDir } from "../../src/adapters/engine-find.ts";
import { foundHere } from "../contract/engine-bench.ts";
import { expectTranscript } from "./transcript.ts";

describe.each(["terraform", "tofu"] as const)("the story on %s", async (distribution) => {
  const engine = await foundHere(distribution);
  const isFirst = distribution === "terraform" || (await foundHere("terraform")) === null;

  test.skipIf(engine === null)(
    "is told as the transcript has it, and no secret is in anything that left",
    { timeout: 480_000 },
    async () => {
      const dir = await mkdtemp(join(tmpdir(), "plumbline-story-"));
      onTestFinished(() => rm(dir, { recursive: true, force: true }));
      const logged: string[] = [];
      const stage = await openStage({
        dir,
        cacheDir: defaultCacheDir(process.env),
        env: process.env,
        engine: engine?.binary ?? "",
        version: "0.0.0",
        writeLog: (line) => logged.push(line),
      });
      onTestFinished(() => stage.close());
      // What a database does is the same for both.
      await expectTranscript(stage, isFirst ? SCENES : ENGINE_SCENES);
      const comments = stage.forge
        .pulls("acme/infra")
        .flatMap((pull) => [pull.body, ...pull.comments.map((one) => one.body)]);
      expect([...logged, ...comments].join("\n")).not.toContain(DATABASE_PASSWORD);
    },
  );
});
