import { readFile, writeFile } from "node:fs/promises";
import { expect } from "vitest";
import type { Scene } from "../../demo/story/scene.ts";
import type { Stage } from "../../demo/story/stage.ts";
import { SCENES } from "../../demo/story/story.ts";

const GOLDEN = new URL("transcript.txt", import.meta.url);

/**
 * Plays scenes from the first one on and compares what people saw with the transcript. `UPDATE_TRANSCRIPT=1` writes it
 * anew where all are played; read what changed before you commit it.
 */
export const expectTranscript = async (stage: Stage, scenes: readonly Scene[] = SCENES): Promise<void> => {
  const told: string[] = [];
  for (const scene of scenes) told.push(`## ${scene.title}`, ...(await scene.play(stage)), "");
  const text = told.map(timeless).join("\n");
  if (process.env["UPDATE_TRANSCRIPT"] && scenes === SCENES) await writeFile(GOLDEN, text);
  const golden = (await readFile(GOLDEN, "utf8")).split(/^(?=## )/m);
  expect(text.trimEnd()).toBe(golden.slice(0, scenes.length).join("").trimEnd());
};

/** Digests are keyed by an instance's own key; ports, dates and what a server counted differ from run to run. */
const timeless = (line: string): string =>
  line
    .replaceAll(/\b[0-9a-f]{12}\b/g, "DIGEST")
    .replaceAll(/\b\d{4}-\d\d-\d\d \d\d:\d\d UTC\b/g, "TIME")
    .replaceAll(/\b127\.0\.0\.1:\d+\b/g, "127.0.0.1:PORT")
    .replaceAll(/\bRead \d+ times, last on [\d-]+/g, "Read COUNT times, last on DATE")
    .replaceAll(/\b\d+ reads, last [\d-]+/g, "COUNT reads, last DATE")
    .replaceAll(/, as of \d{4}-\d\d-\d\d \(/g, ", as of DATE (")
    .replaceAll(/\bin [\d.]+ s: /g, "in SECONDS s: ")
    .replaceAll(/\b(took|changed in) [\d.]+ m?s\b/g, "$1 MILLISECONDS ms");
