import type { z } from "zod";
import type { Part, Took } from "../model/numbers.ts";
import type { numbersDocument } from "../web/api/numbers-document.ts";
import { ask } from "./ask.ts";
import { columns } from "./columns.ts";
import { type Call, EXIT, printJson, textOption } from "./command.ts";

type Answer = z.infer<typeof numbersDocument>;

/** `plumbline numbers [--weeks N]`: how drift ends, who makes it, how late looks are, how runs fare. */
export const numbers = async (call: Call): Promise<number> => {
  const answer = await ask<Answer>(call, { name: "numbers", query: { weeks: textOption(call, "weeks") } });
  if (call.json) {
    printJson(call, answer);
    return EXIT.done;
  }
  call.out(columns(call, ["NUMBER", "MEDIAN", "95 OF 100", "OF"], rows(answer)));
  const owners = answer.owners.map(({ owner, found, whole, before }) => [
    { text: owner ?? "nobody's" },
    { text: String(found) },
    { text: String(whole) },
    { text: before === null ? "not enough data yet" : String(before) },
  ]);
  if (owners.length > 0)
    call.out(`\n${columns(call, ["TEAM", "CONSOLE CHANGES", "IN WHOLE WEEKS", "AS MANY BEFORE"], owners)}`);
  return EXIT.done;
};

const rows = (answer: Answer) => {
  const oldest = answer.oldestDriftSeconds;
  return [
    tookRow("oldest drift", oldest === null ? null : { count: 1, median: oldest, slow: oldest }),
    tookRow("found to pull request", answer.toPull),
    tookRow("pull request to its end", answer.pullToEnd),
    tookRow("found to its end", answer.toEnd),
    shareRow("followed through", answer.followedThrough),
    shareRow("caught within one cycle", answer.caughtInCycle),
    tookRow("looks late by", answer.lateness),
    ...answer.runs
      .filter(({ state, took }) => state === "succeeded" && took !== null)
      .map(({ kind, took }) => tookRow(`${kind} takes`, took)),
    ...answer.failures.map((one) => shareRow(`${one.kind} fails`, one)),
  ];
};

const row = (...texts: readonly string[]) => texts.map((text) => ({ text }));

const tookRow = (name: string, took: Took | null) =>
  took === null
    ? row(name, "-", "-", "-")
    : row(name, length(took.median), length(took.slow), String(took.count));

const shareRow = (name: string, part: Part | null) =>
  part === null || part.share === null
    ? row(name, "-", "-", "-")
    : row(name, `${Math.round(part.share * 100)} %`, "", `${part.are} of ${part.of}`);

const length = (seconds: number): string => {
  const [size, unit] = seconds < 60 ? [1, "s"] : seconds < 3_600 ? [60, "min"] : [3_600, "h"];
  return `${Math.round((seconds / Number(size)) * 10) / 10} ${unit}`;
};
