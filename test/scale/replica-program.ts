import { readFileSync } from "node:fs";
import { movableClock } from "../../demo/story/clock.ts";
import type { ServerConfig } from "../../src/model/config.ts";
import { startService } from "../../src/wire.ts";
import type { Role } from "../../src/wire-parts.ts";
import { answerQuestions } from "../child/answer-questions.ts";

// One replica of the real service in a process of its own. Started by `replicas.ts`, ends with it.

export interface Start {
  readonly config: Omit<ServerConfig, "keys">;
  /** 64 hex digits. */
  readonly key: string;
  readonly mirror: string;
  /** Null: all of them. */
  readonly role: Role | null;
}

export type Question = { readonly ask: "idle" | "half-hour" | "tick" | "stop" };

const start = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Start;
const clock = movableClock();
const keys = [Uint8Array.from(Buffer.from(start.key, "hex"))];
const service = await startService(
  { ...start.config, keys },
  {
    version: "0.0.0",
    env: process.env,
    writeLog: (line) => void process.stderr.write(line),
    mirror: start.mirror,
    minuteHand: false,
    clock,
    ...(start.role === null ? {} : { role: start.role }),
  },
);

const answer = async ({ ask }: Question): Promise<unknown> => {
  switch (ask) {
    case "idle":
      return service.idle();
    case "half-hour":
      return clock.toNextHalfHour();
    case "tick":
      return service.tick();
    case "stop":
      return service.stop();
  }
};

answerQuestions<Question, { readonly url: string }>({ url: service.url }, answer);
