import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCacheDir } from "../src/adapters/engine-find.ts";
import { PlumblineError } from "../src/model/errors.ts";
import { openStage, type Stage } from "./story/stage.ts";
import { SCENES } from "./story/story.ts";

export interface DemoOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Leaves everything in its folder, and says where. */
  readonly keep: boolean;
  readonly say: (text: string) => void;
  /** Short words about what takes a while. */
  readonly progress: (text: string) => void;
}

export interface DemoResult {
  readonly engine: string;
  readonly steps: readonly {
    readonly title: string;
    readonly ms: number;
    readonly lines: readonly string[];
  }[];
  readonly ms: number;
  readonly kept: string | null;
}

/** Plays every scene on a fresh stage and tells it. */
export const playDemo = async (options: DemoOptions): Promise<DemoResult> => {
  const started = performance.now();
  const dir = await folder();
  try {
    const stage = await openStage({
      dir,
      cacheDir: defaultCacheDir(options.env),
      env: options.env,
      version: options.version,
      progress: (what) => options.progress(`… ${what}\n`),
    });
    try {
      const steps = await playScenes(stage, options);
      const ms = Math.round(performance.now() - started);
      options.say(ending(stage, options.keep ? dir : null, ms));
      const { distribution, version } = stage.engine;
      return { engine: `${distribution} ${version}`, steps, ms, kept: options.keep ? dir : null };
    } finally {
      await stage.close();
    }
  } finally {
    if (!options.keep) await rm(dir, { recursive: true, force: true });
  }
};

const folder = async (): Promise<string> => {
  try {
    return await mkdtemp(join(tmpdir(), "plumbline-demo-"));
  } catch (cause) {
    throw new PlumblineError("not-writable", `The demo cannot write to ${tmpdir()}.`, {
      cause,
      hint: "Set TMPDIR to a folder that you may write to.",
    });
  }
};

const playScenes = async (stage: Stage, { say, progress }: DemoOptions): Promise<DemoResult["steps"]> => {
  const steps: { title: string; ms: number; lines: readonly string[] }[] = [];
  for (const [index, scene] of SCENES.entries()) {
    const began = performance.now();
    say(`\n${index + 1}. ${scene.title}\n`);
    const lines = await scene.play(stage);
    const ms = Math.round(performance.now() - began);
    for (const line of lines) say(`   ${line}\n`);
    progress(`   (${(ms / 1000).toFixed(1)} s)\n`);
    steps.push({ title: scene.title, ms, lines });
  }
  return steps;
};

const ending = ({ engine }: Stage, kept: string | null, ms: number): string =>
  [
    "",
    `The whole story in ${(ms / 1000).toFixed(0)} s, with ${engine.distribution} ${engine.version}.`,
    ...(kept === null ? [] : [`Everything is kept in ${kept}: cloud.json is the cloud's console.`]),
    "Try next: npx plumbline drift DIR in a checkout of yours: it explains what differs and changes nothing.",
    "",
  ].join("\n");
