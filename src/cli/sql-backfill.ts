import { resolve } from "node:path";
import { readBackfills } from "../adapters/backfill-files.ts";
import { systemClock } from "../adapters/clock.ts";
import { loadSqlParser } from "../adapters/libpg.ts";
import { type BackfillOptions, runBackfill } from "../adapters/pg-backfill.ts";
import { retryDeadLetters } from "../adapters/pg-backfill-retry.ts";
import {
  pauseBackfill,
  readDeadLetters,
  readProgress,
  resumeBackfill,
} from "../adapters/pg-backfill-state.ts";
import type { Target } from "../adapters/pg-session.ts";
import { isApplied } from "../migration/backfill.ts";
import type { Backfill, BackfillProgress, DeadLetter } from "../model/backfill.ts";
import { PlumblineError } from "../model/errors.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { type SqlWorkspace, withSqlWorkspace } from "./sql-workspace.ts";

/** `plumbline sql backfill DIR --url URL`: 2 where one stopped, is paused or waits for its version. */
export const sqlBackfill = async (call: Call): Promise<number> => {
  const asked = ["status", "pause", "resume", "retry"].filter((each) => call.options[each] === true);
  if (asked.length > 1)
    throw new PlumblineError(
      "wrong-arguments",
      "One of --status, --pause, --resume and --retry, not several.",
    );
  const parse = await loadSqlParser();
  const told = await withSqlWorkspace(call, asked[0] === "status", async (workspace) => {
    const { schema } = workspace.place;
    const files = await readBackfills(resolve(call.cwd, call.args[0] ?? "."), { schema, parse });
    const all = files.map(({ backfill }) => backfill);
    const chosen = choose(all, textOption(call, "name"));
    if (asked[0] === "pause" || asked[0] === "resume") await signal(asked[0], workspace, chosen);
    else if (asked[0] !== "status") await runAll(call, workspace, chosen, asked[0] === "retry");
    return tell(workspace, chosen);
  });
  if (call.json) printJson(call, { backfills: told });
  else call.out(told.length === 0 ? "The folder holds no backfill.\n" : `${told.map(line).join("\n")}\n`);
  const left = told.some(({ state, dead }) => state !== "done" || dead > 0);
  return (asked.length === 0 || asked[0] === "retry") && left ? EXIT.somethingToSay : EXIT.done;
};

const choose = (all: readonly Backfill[], name: string | undefined): readonly Backfill[] => {
  if (name === undefined) return all;
  const chosen = all.filter((each) => each.name === name);
  if (chosen.length > 0) return chosen;
  throw new PlumblineError("wrong-arguments", `The folder holds no backfill ${name}.`);
};

const signal = async (
  what: "pause" | "resume",
  { target, place }: SqlWorkspace,
  chosen: readonly Backfill[],
): Promise<void> => {
  const change = what === "pause" ? pauseAt : resumeBackfill;
  for (const { name } of chosen) await change(target, place, name);
};

const pauseAt: typeof resumeBackfill = (target, place, name) =>
  pauseBackfill(target, place, name, "paused at the terminal");

const runAll = async (
  call: Call,
  { target, place, history }: SqlWorkspace,
  chosen: readonly Backfill[],
  retries: boolean,
): Promise<void> => {
  const stop = call.stopSignal();
  const failures: unknown[] = [];
  for (const backfill of chosen) {
    if (stop.aborted || !isApplied(backfill, history ?? [])) continue;
    const say = (text: string) => call.err(`${printable(`${backfill.name}: ${text}`)}\n`);
    const options: BackfillOptions = {
      ...{ place, clock: systemClock, stop },
      border: async (progress) => {
        say(amount(progress));
        return true;
      },
      waiting: async ({ text }) => {
        say(text);
        return true;
      },
    };
    try {
      if (retries) await retryLeftOut(target, backfill, options);
      await runBackfill(target, backfill, options);
    } catch (thrown) {
      // What is wrong with one file is no matter of the others; without a connection none goes on.
      if (!(thrown instanceof PlumblineError)) throw thrown;
      say(thrown.message);
      failures.push(thrown);
    }
  }
  if (failures.length > 0) throw failures[0];
};

/** A pause stays one: only what stopped by itself goes on by this word. */
const retryLeftOut = async (target: Target, backfill: Backfill, options: BackfillOptions): Promise<void> => {
  const [now] = await readProgress(target, options.place, [backfill]);
  if (now === undefined || now.dead === 0 || now.state === "paused") return;
  await resumeBackfill(target, options.place, backfill.name);
  await retryDeadLetters(target, backfill, options);
};

type Told = BackfillProgress & { readonly deadLetters: readonly DeadLetter[] };

const tell = async (
  { target, place, history }: SqlWorkspace,
  chosen: readonly Backfill[],
): Promise<readonly Told[]> => {
  const told: Told[] = [];
  for (const progress of await readProgress(target, place, chosen)) {
    const backfill = chosen.find(({ name }) => name === progress.name);
    const waits = progress.state === "new" && backfill && !isApplied(backfill, history ?? []);
    const deadLetters = await readDeadLetters(target, place, progress.name);
    told.push({
      ...progress,
      ...(waits ? { state: "waiting", reason: `version ${backfill.after} is not applied` } : {}),
      deadLetters,
    });
  }
  return told;
};

const amount = ({ done, dead, estimate, rate }: BackfillProgress): string =>
  [
    `${done}${estimate === null ? "" : ` of about ${Math.max(estimate, done)}`} keys`,
    ...(rate === null ? [] : [`${Math.round(rate)} a second`]),
    ...(dead === 0 ? [] : [`${dead} failed`]),
  ].join(", ");

const line = (told: Told): string =>
  [
    `${told.name}: ${told.state}${told.reason === null ? "" : ` (${told.reason})`}, ${amount(told)}`,
    ...told.deadLetters.map(({ key, message }) => `  key ${key}: ${message}`),
  ]
    .map(printable)
    .join("\n");
