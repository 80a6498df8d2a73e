import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCacheDir, findEngine } from "../src/adapters/engine-find.ts";
import { type StormFigures, storm } from "./flood-storm.ts";
import { type MemoryFigures, watchMemory } from "./memory.ts";
import { type BenchOptions, silent } from "./overhead.ts";
import { seeded } from "./seeded.ts";
import { AUTHOR, type BenchStage, openBenchStage } from "./stage.ts";

export interface FloodFigures extends StormFigures {
  readonly pulls: number;
  /** Heads that these pull requests have had. */
  readonly heads: number;
  /** Plans that were run to an end: never more than there were heads. */
  readonly plans: number;
  readonly commands: number;
  readonly answers: number;
  /** Whose newest head has no verdict, or not exactly one comment with its plan; commands without one answer. */
  readonly lost: readonly string[];
  readonly drainSeconds: number;
  /** While webhooks come in; of the whole process, the forge and the sender included. */
  readonly memory: MemoryFigures;
}

export interface FloodSize {
  readonly deliveries: number;
  readonly ms: number;
  readonly pulls: number;
}

const MINUTE: FloodSize = { deliveries: 10_000, ms: 60_000, pulls: 10 };
const PUSHES = 2;

/** Ten thousand webhooks in a minute while people push and comment. */
export const floodBench = async (
  options: BenchOptions,
): Promise<{ readonly figures: FloodFigures; readonly text: string; readonly failed: boolean }> => {
  const figures = await flood(options, MINUTE);
  return { figures, text: textOf(figures), failed: isBad(figures) };
};

export const flood = async ({ env, progress }: BenchOptions, size: FloodSize): Promise<FloodFigures> => {
  const engine = await findEngine(
    { path: env["PLUMBLINE_ENGINE"] ?? null, env, cacheDir: defaultCacheDir(env), log: silent },
    {},
  );
  const dir = await mkdtemp(join(tmpdir(), "plumbline-flood-"));
  const stage = await openBenchStage({ dir, engine: engine.binary, env, sizes: [1], parallel: 2 });
  try {
    await propose(stage, size);
    progress(`${size.pulls} pull requests are planned; the flood begins`);
    return await play(stage, size, progress);
  } finally {
    await stage.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
};

const repoOf = ({ repos: [repo] }: BenchStage) => {
  if (!repo) throw new Error("The bench has no repository.");
  return repo;
};

const propose = async (stage: BenchStage, { pulls }: FloodSize): Promise<void> => {
  const repo = repoOf(stage);
  const author = stage.forge.as(AUTHOR);
  for (let index = 0; index < pulls; index += 1) {
    const branch = `change-${index}`;
    await author.pushFiles(repo.name, branch, stage.filesOf(repo, branch), branch, { from: "main" });
    await author.openPull(repo.name, { title: branch, head: branch });
  }
  await stage.settled();
};

const play = async (
  stage: BenchStage,
  size: FloodSize,
  progress: (text: string) => void,
): Promise<FloodFigures> => {
  const watched = watchMemory(2_000);
  const work = keepWorking(stage, size);
  const figures = await storm({
    url: stage.service.url,
    secret: stage.secret,
    count: size.deliveries,
    ms: size.ms,
    chance: seeded(7),
    originals: () => stage.forge.deliveries,
  });
  const memory = watched.stop();
  const commands = await work;
  progress(`${figures.accepted} of ${figures.sent} webhooks were taken in; what they left is worked off`);
  const from = performance.now();
  await stage.settled();
  const drainSeconds = (performance.now() - from) / 1000;
  return { ...figures, ...(await count(stage, size, commands)), drainSeconds, memory };
};

/** People push to every pull request and ask for help in it, spread over the flood. Returns the numbers asked in. */
const keepWorking = async (stage: BenchStage, { pulls, ms }: FloodSize): Promise<readonly number[]> => {
  const repo = repoOf(stage);
  const asked: number[] = [];
  for (let push = 0; push < PUSHES; push += 1) {
    for (let index = 0; index < pulls; index += 1) {
      await new Promise((go) => setTimeout(go, ms / (PUSHES * pulls + 2)));
      const branch = `change-${index}`;
      await stage.forge
        .as(AUTHOR)
        .pushFiles(repo.name, branch, stage.filesOf(repo, `${branch}-${push}`), `Push ${push}`);
      if (push > 0) continue;
      await stage.forge.as(AUTHOR).comment({ repo: repo.name, number: index + 1 }, "plumbline help");
      asked.push(index + 1);
    }
  }
  return asked;
};

const count = async (
  { forge, service, ...stage }: BenchStage,
  { pulls }: FloodSize,
  commands: readonly number[],
): Promise<Pick<FloodFigures, "pulls" | "heads" | "plans" | "commands" | "answers" | "lost">> => {
  const repo = repoOf({ forge, service, ...stage }).name;
  const lost: string[] = [];
  let [plans, answers] = [0, 0];
  for (let number = 1; number <= pulls; number += 1) {
    const runs = await service.world.ledger.runs.list({ pull: { repo, number }, kind: "plan" });
    plans += runs.filter(({ state }) => state === "succeeded").length;
    const head = forge.pull(repo, number).pull.headSha;
    const verdict = forge.statuses(repo, head).find(({ context }) => context === "plumbline/plan")?.state;
    if (verdict !== "success") lost.push(`#${number}: the verdict of its head is ${verdict}`);
    const bodies = forge.comments(repo, number).map(({ body }) => body);
    const told = bodies.filter((body) => body.includes("workspace-01")).length;
    if (told !== 1) lost.push(`#${number}: ${told} comments with its plan`);
    const helped = bodies.filter((body) => body.includes("names one workspace.")).length;
    answers += helped;
    if (commands.includes(number) && helped !== 1) lost.push(`#${number}: ${helped} answers`);
  }
  return { pulls, heads: pulls * (PUSHES + 1), plans, commands: commands.length, answers, lost };
};

/** What is in use may grow so much a minute, MiB: rows that wait are in the database, not here. */
const FLAT = 5;

/** Of a flood that was weathered nothing is lost, nothing is planned twice, nobody was turned away, memory is flat. */
const isBad = ({ sent, accepted, lost, plans, heads, memory }: FloodFigures): boolean =>
  accepted < sent || lost.length > 0 || plans > heads || (memory.slope ?? 0) > FLAT;

const textOf = (figures: FloodFigures): string => {
  const { sent, accepted, duplicates, seconds, p50, p99, slowest, memory } = figures;
  const { live } = memory;
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  return [
    `webhooks: ${sent} in ${seconds.toFixed(0)} s, ${duplicates} of them duplicates; taken in: ${accepted}`,
    `taken in within: half ${ms(p50)}, 99 of 100 ${ms(p99)}, the slowest ${ms(slowest)}`,
    `pull requests: ${figures.pulls}, heads: ${figures.heads}, plans: ${figures.plans}`,
    `commands: ${figures.commands}, answers: ${figures.answers}`,
    `worked off after the last one in: ${figures.drainSeconds.toFixed(0)} s`,
    `memory: ${memory.before} MiB before, ${memory.most} at most, ${memory.after} after`,
    `of it in use: ${live.before} MiB before, ${live.most} at most, ${live.after} after; slope ${memory.slope === null ? "unknown" : `${memory.slope.toFixed(2)} MiB a minute`}`,
    `lost: ${figures.lost.length}${figures.lost.map((one) => `\n  ${one}`).join("")}`,
    "",
  ].join("\n");
};
