import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCacheDir, findEngine } from "../src/adapters/engine-find.ts";
import type { Log } from "../src/ports/log.ts";
import { timeBare } from "./bare.ts";
import { overheadTable } from "./overhead-table.ts";
import { AUTHOR, type BenchRepo, type BenchStage, openBenchStage } from "./stage.ts";

export interface BenchOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Rounds that count; one before them does not. */
  readonly repetitions: number;
  readonly progress: (text: string) => void;
}

/** One round, milliseconds. */
export interface Round {
  readonly bare: number;
  /** From the webhook's departure at the forge to the comment with every workspace's plan. */
  readonly plumbline: number;
}
export interface Overhead {
  readonly workspaces: number;
  readonly rounds: readonly Round[];
}
export interface OverheadResult {
  readonly figures: {
    readonly engine: string;
    readonly parallel: number;
    readonly sizes: readonly Overhead[];
  };
  readonly text: string;
}

const SIZES = [1, 10];
const PARALLEL = 2;

/** Bare engine and Plumbline take turns, so that a busy machine is busy for both. */
export const overhead = async (options: BenchOptions): Promise<OverheadResult> => {
  const { env } = options;
  const engine = await findEngine(
    { path: env["PLUMBLINE_ENGINE"] ?? null, env, cacheDir: defaultCacheDir(env), log: silent },
    {},
  );
  const dir = await mkdtemp(join(tmpdir(), "plumbline-bench-"));
  const stage = await openBenchStage({ dir, engine: engine.binary, env, sizes: SIZES, parallel: PARALLEL });
  try {
    await stage.settled();
    const sizes: Overhead[] = [];
    for (const repo of stage.repos) {
      const rounds: Round[] = [];
      for (let round = 0; round <= options.repetitions; round += 1) {
        const measured = await playRound(stage, repo, round, { binary: engine.binary, env, dir });
        options.progress(told(repo, round, measured));
        if (round > 0) rounds.push(measured);
      }
      sizes.push({ workspaces: repo.dirs.length, rounds });
    }
    const figures = { engine: `${engine.distribution} ${engine.version}`, parallel: PARALLEL, sizes };
    return { figures, text: overheadTable(figures) };
  } finally {
    await stage.close();
    await rm(dir, { recursive: true, force: true });
  }
};

const told = ({ dirs }: BenchRepo, round: number, { bare, plumbline }: Round): string =>
  `${dirs.length} workspaces, ${round === 0 ? "warm-up" : `round ${round}`}: bare ${bare.toFixed(0)} ms, Plumbline ${plumbline.toFixed(0)} ms`;

interface Machine {
  readonly binary: string;
  readonly env: BenchOptions["env"];
  readonly dir: string;
}

const playRound = async (
  stage: BenchStage,
  repo: BenchRepo,
  round: number,
  { binary, env, dir }: Machine,
): Promise<Round> => {
  const branch = `change-${round}`;
  await stage.forge.as(AUTHOR).pushFiles(repo.name, branch, stage.filesOf(repo, branch));
  await stage.settled();
  const [url, folder] = [stage.cloneUrl(repo.name), join(dir, "bare")];
  const bare = await timeBare({ binary, url, branch, dirs: repo.dirs, parallel: PARALLEL, folder, env });
  return { bare, plumbline: await timePlumbline(stage, repo, branch) };
};

/** The webhook is held until the pull request stands, so that the clock starts as it leaves. */
const timePlumbline = async (stage: BenchStage, repo: BenchRepo, branch: string): Promise<number> => {
  const { forge } = stage;
  forge.switches.webhooks = "hold";
  const number = await forge.as(AUTHOR).openPull(repo.name, { title: branch, head: branch });
  forge.switches.webhooks = "on";
  const started = performance.now();
  forge.releaseWebhooks();
  const comment = await forge.waitFor(
    "the plan comment",
    () => forge.comments(repo.name, number)[0],
    120_000,
  );
  const ms = performance.now() - started;
  await stage.settled();
  const missing = repo.dirs.filter((dir) => !comment.body.includes(dir));
  const planned = (await stage.service.world.ledger.runs.list({ pull: { repo: repo.name, number } })).filter(
    (run) => run.kind === "plan" && run.state === "succeeded",
  );
  if (missing.length > 0 || planned.length !== repo.dirs.length)
    throw new Error(`A round did not plan every workspace. The comment:\n${comment.body}`);
  await forge.as(AUTHOR).close({ repo: repo.name, number });
  await stage.settled();
  return ms;
};

export const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};
