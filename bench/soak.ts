import { rm } from "node:fs/promises";
import type { BenchOptions } from "./overhead.ts";
import { seeded } from "./seeded.ts";
import { byHand } from "./soak/by-hand.ts";
import { bringToAnEnd } from "./soak/closing.ts";
import type { SoakWorkspace } from "./soak/code.ts";
import { openFaults } from "./soak/faults.ts";
import { findLeaks, HANDLE_SLACK, type Leaks, type MemoryFigures, watchMemory } from "./soak/figures.ts";
import { type Judged, judge } from "./soak/judge.ts";
import { openPeople, type People } from "./soak/people.ts";
import type { Facts } from "./soak/service-program.ts";
import { openSoakStage, type SoakStage } from "./soak/stage.ts";

export interface SoakFigures extends Judged {
  readonly seed: number;
  readonly workspaces: number;
  readonly minutes: number;
  /** How often people waited, since too much was waiting already. */
  readonly waited: number;
  readonly events: Readonly<Record<string, number>>;
  readonly deliveries: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly runs: Readonly<Record<string, number>>;
  readonly crashes: readonly string[];
  readonly leaks: Leaks;
  readonly memory: MemoryFigures;
}

const WORKSPACES = 200;
const ACT_MS = 700;
const STRIKE_MS = 4_000;
/** From then on no process dies, so that memory is seen over a long life. */
const CALM_SHARE = 0.6;

/** Webhooks, comments, merges and drift against 200 workspaces while everything around the service fails by chance. */
export const soak = async (
  options: BenchOptions & { readonly minutes: number; readonly seed: number },
): Promise<{ readonly figures: SoakFigures; readonly text: string; readonly failed: boolean }> => {
  const { env, progress, minutes, seed } = options;
  const stage = await openSoakStage(env, WORKSPACES, seeded(seed));
  progress(`seed ${seed}, ${WORKSPACES} workspaces, in ${stage.dir}`);
  const hands = byHand(stage);
  const people = openPeople({ ...stage, chance: seeded(seed + 1), byHand: hands.change });
  const faults = openFaults({ ...stage, chance: seeded(seed + 2) });
  const memory = watchMemory(stage, 2_000);
  const bear = bearable(stage);
  await storm({
    minutes,
    people,
    strike: faults.strike,
    progress,
    look: lookInTurn(stage, hands.look),
    bear,
  });
  await faults.end();
  const measured = memory.stop();
  const drained = await within(drainMinutes(minutes), async () => {
    await bringToAnEnd(stage, people, progress);
    await hands.look(stage.workspaces.filter(({ cloud }) => cloud));
    await stage.quiet();
  });
  const facts = (await stage.replica.ask({ ask: "facts" })) as Facts;
  const evidence = {
    ...{ ...stage, people, facts },
    stateLocks: await stateLocks(stage),
    untold: await hands.untold(facts),
  };
  const judged = judge(evidence);
  const left = drained
    ? []
    : [`not at its end in ${drainMinutes(minutes)} min: ${listOf(await backlogOf(stage))} wait`];
  const leaks = await findLeaks(stage);
  const [events, runs] = [people.did, facts.runs];
  await stage.replica.stop();
  await stage.close();
  const figures: SoakFigures = {
    ...judged,
    stuck: [...judged.stuck, ...left],
    waited: bear.times(),
    ...{ seed, workspaces: WORKSPACES, minutes, events, runs, leaks, memory: measured },
    deliveries: stage.relay.seen,
    crashes: stage.replica.crashes,
    faults: faults.done,
  };
  const failed = isWrong(figures);
  if (failed) progress(`what was left lies in ${stage.dir}`);
  else await rm(stage.dir, { recursive: true, force: true, maxRetries: 5 });
  return { figures, text: tableOf(figures), failed };
};

interface Storm {
  readonly minutes: number;
  readonly people: People;
  readonly strike: (deaths: boolean) => void;
  readonly progress: (text: string) => void;
  readonly look: () => Promise<void>;
  readonly bear: ReturnType<typeof bearable>;
}

/** What comes in faster than a machine works it off would only make the end longer, and tell nothing more. */
const MOST_WAITING = 15;
const ANSWER_MS = 5_000;
const wait = (ms: number): Promise<void> => new Promise((later) => setTimeout(later, ms));

const backlogOf = async ({ replica }: SoakStage): Promise<Record<string, number>> =>
  (await replica.ask({ ask: "backlog" })) as Record<string, number>;

/** Asked again and again, as a dead service cannot answer: the last answer counts. */
const bearable = (stage: SoakStage) => {
  let [waiting, times, asking] = [0, 0, false];
  const ask = async (): Promise<void> => {
    asking = true;
    // Of a service that does not answer nobody knows, and people go on.
    const kinds = await Promise.race([backlogOf(stage).catch(() => ({})), wait(ANSWER_MS).then(() => ({}))]);
    waiting = Object.values(kinds).reduce((sum, count) => sum + count, 0);
    asking = false;
  };
  return {
    times: () => times,
    now: (): boolean => {
      if (!asking) void ask();
      if (waiting > MOST_WAITING) times += 1;
      return waiting <= MOST_WAITING;
    },
  };
};

const drainMinutes = (minutes: number): number => Math.max(10, minutes * 1.5);

/** False where the time was over before; what is left of the work goes on, and is of no use any more. */
const within = async (minutes: number, work: () => Promise<void>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((over) => {
    timer = setTimeout(() => over(false), minutes * 60_000);
  });
  const done = await Promise.race([work().then(() => true), late]);
  clearTimeout(timer);
  return done;
};

/** One workspace after another, at every second act: more looks than are worked off make the end wait for minutes. */
const lookInTurn = (
  { workspaces }: SoakStage,
  look: (at: readonly SoakWorkspace[]) => Promise<void>,
): (() => Promise<void>) => {
  let turn = 0;
  return async () => {
    turn += 1;
    if (turn % 2 === 0) await look(workspaces.filter((_, index) => index === (turn / 2) % workspaces.length));
  };
};

const storm = async ({ minutes, people, strike, progress, look, bear }: Storm): Promise<void> => {
  const began = Date.now();
  const share = (): number => (Date.now() - began) / (minutes * 60_000);
  let [struck, told] = [Date.now(), Date.now()];
  while (share() < 1) {
    if (bear.now()) {
      await people.act().catch((failure: Error) => progress(`somebody could not: ${failure.message}`));
      void look().catch(() => undefined);
    }
    if (Date.now() - struck > STRIKE_MS) {
      struck = Date.now();
      strike(share() < CALM_SHARE);
    }
    if (Date.now() - told > 30_000) {
      told = Date.now();
      progress(`${(share() * minutes).toFixed(1)} min: ${listOf(people.did)}`);
    }
    await wait(ACT_MS);
  }
};

/** Asked of the backend: what cannot be locked is locked. */
const stateLocks = async ({ workspaces, state }: SoakStage): Promise<readonly string[]> => {
  const locked: string[] = [];
  for (const { dir } of workspaces) {
    const address = `${state.url}/state/${dir}`;
    const answer = await fetch(address, { method: "LOCK", body: '{"ID":"judge"}' });
    if (answer.status === 423) locked.push(`${dir} ${await answer.text()}`);
    else await fetch(address, { method: "UNLOCK", body: '{"ID":"judge"}' });
  }
  return locked;
};

const isWrong = ({ lost, doubled, stuck, crashes, leaks }: SoakFigures): boolean =>
  lost.length +
    doubled.length +
    stuck.length +
    crashes.length +
    leaks.processes.length +
    leaks.worktrees.length >
    0 || handlesLeaked(leaks) > 0;

const handlesLeaked = ({ handles: { used, fresh } }: Leaks): number =>
  used > fresh + HANDLE_SLACK ? used - fresh : 0;

const listOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");

const tableOf = (figures: SoakFigures): string => {
  const { leaks, memory, runs, lost, doubled, stuck } = figures;
  const sum = Object.values(runs).reduce((all, count) => all + count, 0);
  const slope = memory.slope === null ? "too short to tell" : `${memory.slope.toFixed(2)} MB/min`;
  return [
    `seed       ${figures.seed}, ${figures.minutes} minutes, ${figures.workspaces} workspaces, every engine a real one`,
    `events in  ${figures.deliveries["deliveries"]} deliveries (${listOf(figures.deliveries)}); ${listOf(figures.events)}`,
    `faults     ${listOf(figures.faults)}`,
    `waited     ${figures.waited} times, as more than ${MOST_WAITING} jobs were waiting`,
    `runs       ${sum} (${listOf(runs)})`,
    `applies    ${figures.applies} things made, by logs outside of Plumbline`,
    `lost       ${count(lost)}`,
    `doubled    ${count(doubled)}`,
    `stuck      ${count(stuck)}`,
    `crashed    ${count(figures.crashes)}`,
    `leaked     processes ${count(leaks.processes)}`,
    `           worktrees ${count(leaks.worktrees)}`,
    `           handles ${handlesLeaked(leaks)} (${leaks.handles.used} in use, ${leaks.handles.fresh} when fresh)`,
    `memory     ${slope} over a life of ${memory.minutes.toFixed(1)} min, at most ${memory.peakMegabytes.toFixed(0)} MB`,
    "",
  ].join("\n");
};

const count = (all: readonly string[]): string =>
  all.length === 0 ? "0" : `${all.length}\n${all.map((one) => `           - ${one}`).join("\n")}`;
