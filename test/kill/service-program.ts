import { readFileSync } from "node:fs";
import type { ServerConfig } from "../../src/model/config.ts";
import type { PullRef } from "../../src/model/pull.ts";
import { type Service, startService } from "../../src/wire.ts";
import { answerQuestions } from "../child/answer-questions.ts";
import { type Facts, gatherFacts } from "./facts.ts";
import { tapped } from "./tap.ts";

// The real service in a process of its own, which kills itself where it is told to. Started by `bench.ts`.

/** The moment of death: around the nth call of a port's method, or so long after an apply's engine was started. */
export type KillPoint =
  | { readonly when: "before" | "after"; readonly label: string; readonly nth: number }
  | { readonly when: "during"; readonly ms: number };

export interface Start {
  readonly config: ServerConfig;
  readonly mirror: string;
  /** Dies on the way up or in what it does first. */
  readonly arm: KillPoint | null;
}

export type Question =
  | { readonly ask: "arm"; readonly point: KillPoint | null }
  | { readonly ask: "calls" | "idle" | "stop" }
  | { readonly ask: "poll"; readonly repo: string }
  | { readonly ask: "facts"; readonly pull: PullRef; readonly workspace: string };
export type { Facts };

const start = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Start;
let point: KillPoint | null = start.arm;
let calls: string[] = [];
const counts = new Map<string, number>();
const die = (): void => void process.kill(process.pid, "SIGKILL");

const onCall = (when: "before" | "after", label: string): void => {
  if (when === "before") {
    calls.push(label);
    counts.set(label, (counts.get(label) ?? 0) + 1);
    if (label === "engine.apply" && point?.when === "during") setTimeout(die, point.ms);
  }
  if (point?.when === when && point.label === label && counts.get(label) === point.nth) die();
};

const service: Service = await startService(start.config, {
  version: "0.0.0",
  env: process.env,
  writeLog: (line) => void process.stderr.write(`${line}\n`),
  mirror: start.mirror,
  minuteHand: false,
  tap: (name, port) => tapped(name, port, onCall),
});

const answer = async (question: Question): Promise<unknown> => {
  const { ledger, clock, nudge } = service.world;
  switch (question.ask) {
    case "arm":
      point = question.point;
      calls = [];
      counts.clear();
      return null;
    case "calls":
      return calls;
    case "idle":
      return service.idle();
    case "poll":
      await ledger.outbox.add([{ job: { kind: "poll", repo: question.repo } }], clock.now());
      nudge();
      return null;
    case "facts":
      return gatherFacts(service.world, question.pull, question.workspace);
    case "stop":
      return service.stop();
  }
};

answerQuestions({}, answer);
