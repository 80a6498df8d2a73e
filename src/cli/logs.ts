import type { z } from "zod";
import { systemClock } from "../adapters/clock.ts";
import { isSettled } from "../model/run.ts";
import type { logDocument } from "../web/api/log-documents.ts";
import { ask, serverOf } from "./ask.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";

type Part = z.infer<typeof logDocument>;

const ASK_MS = 250;
/** Records have to be opened each time. */
const OPEN_MS = 2_000;

/**
 * `plumbline logs RUN [--follow] [--tail BYTES]`: the log as it was written, redacted. With `--json` and
 * `--follow` each part is one line.
 */
export const logs = async (call: Call): Promise<number> => {
  const [id = ""] = call.args;
  const follow = call.options["follow"] === true;
  const stop = follow ? call.stopSignal() : new AbortController().signal;
  const pause = serverOf(call) === null ? OPEN_MS : ASK_MS;
  let query: Readonly<Record<string, string | undefined>> = { tail: textOption(call, "tail") };
  const whole: Part[] = [];
  while (!stop.aborted) {
    const part = await ask<Part>(call, { name: "run-log", id, query });
    if (call.json && !follow) whole.push(part);
    else if (part.text !== "") print(call, part);
    if (part.next >= part.bytes) {
      if (!follow || isSettled(part.state)) break;
      await systemClock.wait(pause, stop);
    }
    query = { from: String(part.next) };
  }
  const [first] = whole;
  if (first) printJson(call, { ...first, ...whole.at(-1), from: first.from, text: textOf(whole) });
  return EXIT.done;
};

const textOf = (parts: readonly Part[]): string => parts.map(({ text }) => text).join("");

const print = (call: Call, part: Part): void => {
  if (call.json) printJson(call, part);
  else call.out(`${part.text.replace(/\n$/, "").split("\n").map(printable).join("\n")}\n`);
};
