import type { z } from "zod";
import { frozenText } from "../model/half-way.ts";
import { parseWorkspaceKey } from "../model/workspace.ts";
import type { runDetailDocument, workspaceDetailDocument } from "../web/api/documents.ts";
import { ask } from "./ask.ts";
import { backfillTable } from "./backfill.ts";
import { ago, columns } from "./columns.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";
import { findingRow, HEADINGS } from "./findings.ts";
import { runRow } from "./status.ts";

/** `plumbline show RUN|WORKSPACE` */
export const show = async (call: Call): Promise<number> => {
  const [id = ""] = call.args;
  await (parseWorkspaceKey(id) ? showWorkspace(call, id) : showRun(call, id));
  return EXIT.done;
};

const showRun = async (call: Call, id: string): Promise<void> => {
  const run = await ask<z.infer<typeof runDetailDocument>>(call, { name: "run", id });
  if (call.json) return printJson(call, run);
  const now = new Date();
  say(call, [
    `${run.id}: ${run.kind} of ${run.workspace}, ${run.state}`,
    `  asked for by ${run.requestedBy} (${run.trigger}) ${ago(run.createdAt, now)} ago${run.pull ? `, ${run.pull.repo}#${run.pull.number}` : ""}`,
    ...(run.commit ? [`  commit ${run.commit}`] : []),
    ...(run.plan ? [`  plan ${run.plan.digest}${run.class ? `, class ${run.class}` : ""}`] : []),
    ...(run.error ? [`  ${run.error.code}: ${run.error.message}`, `  ${run.error.hint ?? ""}`] : []),
  ]);
  if (run.backfills.length > 0) call.out(`\n${backfillTable(call, run.backfills)}`);
  const rows = run.steps.map(({ name, startedAt, endedAt, ok }) => [
    { text: name },
    {
      text: ok === null ? "goes on" : ok ? "done" : "failed",
      paint: ok === false ? ("red" as const) : ("plain" as const),
    },
    { text: ago(startedAt, endedAt ? new Date(endedAt) : now) },
  ]);
  if (rows.length > 0) call.out(`\n${columns(call, ["STEP", "END", "TOOK"], rows)}`);
  if (run.hasLog) call.err(`Its log: plumbline logs ${run.id}\n`);
};

const showWorkspace = async (call: Call, id: string): Promise<void> => {
  const one = await ask<z.infer<typeof workspaceDetailDocument>>(call, { name: "workspace", id });
  if (call.json) return printJson(call, one);
  const now = new Date();
  say(call, [
    `${one.key}: ${one.sync}`,
    `  branch ${one.branch}, last look ${one.lastLook ? `${ago(one.lastLook, now)} ago` : "never"}, owners ${one.owners.join(" ") || "none"}`,
    ...(one.frozen ? [`  frozen for ${ago(one.frozen.since, now)}: ${frozenText(one.frozen.why)}`] : []),
    ...one.waysOut.map(({ command, does }) => `    comment \`${command}\`: ${does}`),
    ...(one.accepted ? [`  accepted ${one.accepted.commit}, ${ago(one.accepted.at, now)} ago`] : []),
    ...(one.driftPull ? [`  drift pull request ${one.driftPull.repo}#${one.driftPull.number}`] : []),
    ...one.queue.map(
      ({ pull, by, since, position }) =>
        `  ${position === 0 ? "locked by" : "then"} ${pull.repo}#${pull.number} (${by}, ${ago(since, now)})`,
    ),
  ]);
  if (one.backfills.length > 0) call.out(`\n${backfillTable(call, one.backfills)}`);
  if (one.findings.length > 0)
    call.out(
      `\n${columns(
        call,
        HEADINGS,
        one.findings.map((finding) => findingRow(finding, now)),
      )}`,
    );
  if (one.runs.length > 0)
    call.out(
      `\n${columns(
        call,
        ["RUN", "STATE", "KIND", "WORKSPACE", "CLASS", "PULL", "AGO", "TOOK", "BY"],
        one.runs.map((run) => runRow(run, now)),
      )}`,
    );
};

const say = (call: Call, lines: readonly string[]): void =>
  call.out(
    lines
      .filter((line) => line.trim() !== "")
      .map((line) => `${printable(line)}\n`)
      .join(""),
  );
