import { readFileSync } from "node:fs";
import type { ServerConfig } from "../../src/model/config.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import type { FollowUp } from "../../src/model/job.ts";
import { isInDoubt, isSettled } from "../../src/model/run.ts";
import type { Lease } from "../../src/ports/ledger-leases.ts";
import { type Service, startService } from "../../src/wire.ts";
import { answerQuestions } from "../../test/child/answer-questions.ts";
import { type Seeded, seeded } from "../seeded.ts";

// The real service in a process of its own, with a store that fails when it is told to. Started by `replica.ts`.

export interface Start {
  readonly config: ServerConfig;
  readonly mirror: string;
  readonly seed: number;
}

export type Ask =
  | { readonly ask: "idle" | "facts" | "stop" | "backlog" }
  /** Share of calls on the artifact store that fail, from now on. */
  | { readonly ask: "store"; readonly fails: number }
  | { readonly ask: "jobs"; readonly jobs: readonly FollowUp[] };

/** What the service itself holds when it is quiet. */
export interface Facts {
  readonly leases: readonly string[];
  readonly locks: readonly { readonly workspace: string; readonly repo: string; readonly number: number }[];
  readonly unsettled: readonly string[];
  readonly runs: Readonly<Record<string, number>>;
  readonly openFindings: readonly { readonly workspace: string; readonly address: string }[];
  readonly auditBroken: number | null;
}

const start = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Start;
let storeFails = 0;

/** Half of the failures come after the work was done: the answer is lost, not the object. */
const failing = <Port extends object>(port: Port, chance: Seeded): Port =>
  new Proxy(port, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function" || key === "list") return value;
      return async (...given: readonly unknown[]): Promise<unknown> => {
        const fails = chance.happens(storeFails);
        if (fails && chance.happens(0.5)) throw unavailable();
        const result: unknown = await Reflect.apply(value, target, [...given]);
        if (fails) throw unavailable();
        return result;
      };
    },
  });

const unavailable = (): PlumblineError =>
  new PlumblineError("store-unavailable", "The store does not answer.");

const service: Service = await startService(start.config, {
  version: "0.0.0",
  env: process.env,
  writeLog: (line) => void process.stderr.write(`${line}\n`),
  mirror: start.mirror,
  tap: (name, port) => (name === "artifacts" ? failing(port, seeded(start.seed)) : port),
});

const facts = async (): Promise<Facts> => {
  const { ledger } = service.world;
  const workspaces = (await ledger.workspaces.list()).map(({ key }) => key);
  const runs = await ledger.runs.list({});
  const leases: string[] = [];
  const openFindings: { workspace: string; address: string }[] = [];
  for (const workspace of workspaces) {
    const lease = await ledger.leases.get(workspace);
    if (lease && (await stillHolds(lease))) leases.push(`${workspace} by ${lease.run}`);
    for (const { address } of await ledger.findings.open(workspace))
      openFindings.push({ workspace, address });
  }
  return {
    leases,
    locks: (await ledger.locks.list()).map(({ workspace, pull }) => ({ workspace, ...pull })),
    unsettled: runs
      .filter(({ state }) => !isSettled(state) || state === "unknown")
      .map(({ id, kind, state, workspace }) => `${kind} ${state} ${workspace} ${id}`),
    runs: counted(runs.map(({ kind, state }) => `${kind} ${state}`)),
    openFindings,
    auditBroken: await ledger.audit.verify(),
  };
};

/** Jobs that wait, by kind. */
const backlog = async (): Promise<Record<string, number>> => {
  const { jobs } = await service.world.read.queue({ visible: ["*"] });
  return Object.fromEntries(jobs.map(({ kind, waiting, running }) => [kind, waiting + running]));
};

/** A lease whose release met a database that was away runs out by itself, unless its run is in doubt. */
const stillHolds = async ({ run, expiresAt }: Lease): Promise<boolean> => {
  const { clock, ledger } = service.world;
  if (expiresAt > clock.now()) return true;
  const state = (await ledger.runs.get(run))?.state;
  return state !== undefined && isInDoubt(state);
};

const counted = (words: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
};

const answer = async (question: Ask): Promise<unknown> => {
  const { ledger, clock, nudge } = service.world;
  switch (question.ask) {
    case "idle":
      return service.idle();
    case "facts":
      return facts();
    case "backlog":
      return backlog();
    case "store":
      storeFails = question.fails;
      return null;
    case "jobs":
      await ledger.outbox.add(question.jobs, clock.now());
      nudge();
      return null;
    case "stop":
      return service.stop();
  }
};

answerQuestions({}, answer);
