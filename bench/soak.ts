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
  await storm({ minutes, people, strike: faults.strike, progress, look: lookInTurn(stage, hands.look) });
  await faults.end();
  const measured = memory.stop();
  await bringToAnEnd(stage, people, progress);
  await hands.look(stage.workspaces.filter(({ cloud }) => cloud));
  await stage.quiet();
  const facts = (await stage.replica.ask({ ask: "facts" })) as Facts;
  const evidence = {
    ...{ ...stage, people, facts },
    stateLocks: await stateLocks(stage),
    untold: await hands.untold(facts),
  };
  const judged = judge(evidence);
  const leaks = await findLeaks(stage);
  const [events, runs] = [people.did, facts.runs];
  await stage.replica.stop();
  await stage.close();
  const figures: SoakFigures = {
    ...judged,
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
}

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

const storm = async ({ minutes, people, strike, progress, look }: Storm): Promise<void> => {
  const began = Date.now();
  const share = (): number => (Date.now() - began) / (minutes * 60_000);
  let [struck, told] = [Date.now(), Date.now()];
  while (share() < 1) {
    await people.act().catch((failure: Error) => progress(`somebody could not: ${failure.message}`));
    void look().catch(() => undefined);
    if (Date.now() - struck > STRIKE_MS) {
      struck = Date.now();
      strike(share() < CALM_SHARE);
    }
    if (Date.now() - told > 30_000) {
      told = Date.now();
      progress(`${(share() * minutes).toFixed(1)} min: ${listOf(people.did)}`);
    }
    await new Promise((later) => setTimeout(later, ACT_MS));
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
