import { readFile, writeFile } from "node:fs/promises";
import { expect } from "vitest";
import type { Stage } from "../../demo/story/stage.ts";
import { SCENES } from "../../demo/story/story.ts";

const GOLDEN = new URL("transcript.txt", import.meta.url);

/**
 * Plays every scene and compares what people saw with the transcript. `UPDATE_TRANSCRIPT=1` writes it anew; read what
 * changed before you commit it.
 */
export const expectTranscript = async (stage: Stage): Promise<void> => {
  const told: string[] = [];
  for (const scene of SCENES) told.push(`## ${scene.title}`, ...(await scene.play(stage)), "");
  const text = told.map(timeless).join("\n");
  if (process.env["UPDATE_TRANSCRIPT"]) await writeFile(GOLDEN, text);
  expect(text).toBe(await readFile(GOLDEN, "utf8"));
};

/** Digests are keyed by an instance's own key. */
const timeless = (line: string): string =>
  line.replaceAll(/\b[0-9a-f]{12}\b/g, "DIGEST").replaceAll(/\b\d{4}-\d\d-\d\d \d\d:\d\d UTC\b/g, "TIME");
