import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { DATABASE_PASSWORD, openStage } from "../../demo/story/stage.ts";
import { SCENES } from "../../demo/story/story.ts";
import { defaultCacheDir } from "../../src/adapters/engine-find.ts";
import { foundHere } from "../contract/engine-bench.ts";

const GOLDEN = new URL("transcript.txt", import.meta.url);

describe.each(["terraform", "tofu"] as const)("the story on %s", async (distribution) => {
  const engine = await foundHere(distribution);

  test.skipIf(engine === null)(
    "is told as the transcript has it, and no secret is in anything that left",
    { timeout: 240_000 },
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
      const told: string[] = [];
      for (const scene of SCENES) told.push(`## ${scene.title}`, ...(await scene.play(stage)), "");
      await expectGolden(told.map(timeless).join("\n"));
      const comments = stage.forge
        .pulls("acme/infra")
        .flatMap((pull) => [pull.body, ...pull.comments.map((one) => one.body)]);
      expect([...logged, ...comments].join("\n")).not.toContain(DATABASE_PASSWORD);
    },
  );
});

/** Digests are keyed by an instance's own key. */
const timeless = (line: string): string => line.replaceAll(/\b[0-9a-f]{12}\b/g, "DIGEST");

/** `UPDATE_TRANSCRIPT=1` writes it anew; read what changed before you commit it. */
const expectGolden = async (told: string): Promise<void> => {
  if (process.env["UPDATE_TRANSCRIPT"]) await writeFile(GOLDEN, told);
  expect(told).toBe(await readFile(GOLDEN, "utf8"));
};
