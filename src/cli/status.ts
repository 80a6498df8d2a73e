import type { z } from "zod";
import type { lockDocument, overviewDocument, RunDocument, WorkspaceDocument } from "../web/api/documents.ts";
import { ask } from "./ask.ts";
import { ago, type Cell, columns, type Paint } from "./columns.ts";
import { type Call, EXIT, printJson, textOption } from "./command.ts";

/** `plumbline status [SEARCH]`: every workspace, worst first. */
export const status = async (call: Call): Promise<number> => {
  const [search] = call.args;
  const query = { ...given(call, ["repo", "owner", "sync"]), ...pageOf(call), search };
  const overview = await ask<z.infer<typeof overviewDocument>>(call, { name: "workspaces", query });
  if (call.json) printJson(call, overview);
  else {
    const now = new Date();
    const headings = ["STATE", "WORKSPACE", "DRIFT", "SINCE", "CLASS", "LOCK", "LAST RUN", "OWNER"];
    call.out(
      columns(
        call,
        headings,
        overview.items.map((one) => workspaceRow(one, now)),
      ),
    );
    const totals = Object.entries(overview.totals).filter(([, many]) => many > 0);
    const backfills = overview.items.reduce((sum, one) => sum + one.unfinishedBackfills, 0);
    call.out(`\n${totals.map(([state, many]) => `${many} ${state}`).join(", ") || "No workspace."}\n`);
    if (backfills > 0) call.out(`Unfinished backfills: ${backfills} (plumbline backfill status)\n`);
    more(call, overview.next);
  }
  return EXIT.done;
};

const PAINT: Readonly<Record<string, Paint>> = {
  ...{ doubt: "red", failed: "red", drifted: "yellow", unapplied: "yellow", synced: "green" },
  ...{ unknown: "red", succeeded: "green", superseded: "dim", cancelled: "dim" },
};

const workspaceRow = (one: WorkspaceDocument, now: Date): readonly Cell[] => [
  { text: one.sync, paint: one.sync === "unknown" ? "dim" : (PAINT[one.sync] ?? "plain") },
  { text: one.key },
  { text: one.drift.open > 0 ? String(one.drift.open) : "-" },
  { text: ago(one.drift.since, now) },
  { text: one.class ?? "-", paint: /^R[45]$/.test(one.class ?? "") ? "red" : "plain" },
  { text: one.lock ? `#${one.lock.pull.number}${one.lock.waiting > 0 ? ` +${one.lock.waiting}` : ""}` : "-" },
  { text: one.lastRun ? `${one.lastRun.kind} ${one.lastRun.state} ${ago(one.lastRun.createdAt, now)}` : "-" },
  { text: one.owners.join(" ") || "-" },
];

/** `plumbline runs`: newest first. */
export const runs = async (call: Call): Promise<number> => {
  const query = { ...given(call, ["workspace", "kind", "state", "pull"]), ...pageOf(call) };
  const page = await ask<{ items: RunDocument[]; next: string | null }>(call, { name: "runs", query });
  if (call.json) printJson(call, page);
  else {
    const now = new Date();
    call.out(
      page.items.length === 0
        ? "No run.\n"
        : columns(
            call,
            ["RUN", "STATE", "KIND", "WORKSPACE", "CLASS", "PULL", "AGO", "TOOK", "BY"],
            page.items.map((run) => runRow(run, now)),
          ),
    );
    more(call, page.next);
  }
  return EXIT.done;
};

export const runRow = (run: RunDocument, now: Date): readonly Cell[] => [
  { text: run.id },
  { text: run.state, paint: PAINT[run.state] ?? "plain" },
  { text: run.kind },
  { text: run.workspace },
  { text: run.class ?? "-" },
  { text: run.pull ? `#${run.pull.number}` : "-" },
  { text: ago(run.createdAt, now) },
  { text: run.startedAt && run.endedAt ? ago(run.startedAt, new Date(run.endedAt)) : "-" },
  { text: run.requestedBy },
];

/** `plumbline locks` */
export const locks = async (call: Call): Promise<number> => {
  const query = pageOf(call);
  const answer = await ask<{ items: z.infer<typeof lockDocument>[]; next: string | null }>(call, {
    ...{ name: "locks", query },
  });
  if (call.json) printJson(call, answer);
  else if (answer.items.length === 0) call.out("Nothing is locked.\n");
  else {
    const now = new Date();
    const rows = answer.items.map(({ workspace, pull, by, since, position }) => [
      { text: workspace },
      { text: `${pull.repo}#${pull.number}` },
      {
        text: position === 0 ? "holds" : `waits, ${position}.`,
        paint: position === 0 ? "yellow" : "dim",
      } as const,
      { text: by },
      { text: ago(since, now) },
    ]);
    call.out(columns(call, ["WORKSPACE", "PULL REQUEST", "", "BY", "SINCE"], rows));
    more(call, answer.next);
  }
  return EXIT.done;
};

/** Options by their names, as the API calls them too. */
export const given = (call: Call, names: readonly string[]): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(names.map((name) => [name, textOption(call, name)]));

export const pageOf = (call: Call) => ({
  limit: textOption(call, "limit") ?? "50",
  cursor: textOption(call, "cursor"),
});

export const more = (call: Call, next: string | null): void => {
  if (next !== null) call.err(`There is more: --cursor ${next}\n`);
};
