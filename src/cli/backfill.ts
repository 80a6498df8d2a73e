import { BACKFILL_VERBS } from "../model/backfill-run.ts";
import { PlumblineError } from "../model/errors.ts";
import type { BackfillDocument } from "../web/api/documents-backfill.ts";
import { ask, send, serverOf } from "./ask.ts";
import { columns } from "./columns.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";

/** `plumbline backfill status|pause|resume|retry|cancel [WORKSPACE [NAME]]`: what changes data in batches under the service. */
export const backfill = async (call: Call): Promise<number> => {
  const [verb = "status", workspace, name] = call.args;
  if (verb === "status") return tell(call, workspace, name);
  if (!BACKFILL_VERBS.some((one) => one === verb) || workspace === undefined)
    throw new PlumblineError(
      "wrong-arguments",
      `plumbline backfill status, or ${BACKFILL_VERBS.join("|")} WORKSPACE [NAME].`,
    );
  const server = serverOf(call);
  if (server === null)
    throw new PlumblineError("wrong-arguments", "Only a running service does this: give --server URL.");
  const path = `/workspaces/${encodeURIComponent(workspace)}/backfills/${verb}`;
  const { answer } = (await send(call, server, "POST", path, name === undefined ? {} : { name })) as {
    readonly answer: string | null;
  };
  if (call.json) printJson(call, { workspace, answer });
  else call.out(`${printable(answer ?? "Done.")}\n`);
  return EXIT.done;
};

const tell = async (call: Call, workspace: string | undefined, name: string | undefined): Promise<number> => {
  const state = textOption(call, "state");
  const answer = await ask<{ items: BackfillDocument[] }>(call, {
    name: "backfills",
    query: { workspace, state },
  });
  const items = answer.items.filter((one) => name === undefined || one.name === name);
  if (call.json) printJson(call, { items });
  else call.out(items.length === 0 ? "No backfill.\n" : backfillTable(call, items));
  return EXIT.done;
};

/** One line per backfill: state, how far, how fast, and why it waits. */
export const backfillTable = (call: Call, items: readonly BackfillDocument[]): string =>
  columns(
    call,
    ["STATE", "BACKFILL", "WORKSPACE", "DONE", "LEFT", "A SECOND", "LEFT OUT", "WHY"],
    items.map((one) => [
      { text: one.state, paint: PAINT[one.state] ?? "plain" },
      { text: one.name },
      { text: one.workspace },
      { text: `${one.done}${one.total === null ? "" : `/${Math.max(one.total, one.done)}`}` },
      { text: one.secondsLeft === null ? "-" : `${Math.ceil(one.secondsLeft / 60)} min` },
      { text: one.rate === null ? "-" : String(Math.round(one.rate)) },
      { text: one.dead === 0 ? "-" : String(one.dead), paint: one.dead === 0 ? "plain" : "red" },
      { text: one.reason ?? one.throttle ?? "-" },
    ]),
  );

const PAINT: Readonly<Record<string, "red" | "yellow" | "green" | "dim">> = {
  ...{ stopped: "red", paused: "yellow", done: "green", cancelled: "dim" },
};
