import { loadSqlParser } from "../adapters/libpg.ts";
import { copyRoles, replay } from "../adapters/pg-replay.ts";
import { withScratch } from "../adapters/pg-scratch.ts";
import { takeSnapshot } from "../adapters/pg-snapshot.ts";
import { inWordsOf } from "../adapters/pg-words.ts";
import { replayOrder } from "../migration/replay-order.ts";
import { schemaDrift } from "../migration/schema-drift.ts";
import { PlumblineError } from "../model/errors.ts";
import { CAUSES, type Cause, type Finding, placeText } from "../model/finding.ts";
import { CAUSE_TEXT, valueText } from "../report/finding-text.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";
import { type SqlWorkspace, urlOption, withSqlWorkspace } from "./sql-workspace.ts";

interface SqlDriftReport {
  readonly workspace: string;
  readonly findings: readonly Finding[];
  readonly summary: Readonly<Partial<Record<Cause, number>>>;
  /** What could not be told. */
  readonly note?: string;
}

/** `plumbline sql drift DIR --url URL`: 2 where the live schema differs from history or folder. */
export const sqlDrift = async (call: Call): Promise<number> => {
  const report = await withSqlWorkspace(call, true, (workspace) => driftOf(call, workspace));
  if (call.json) printJson(call, report);
  else call.out(render(report));
  return report.findings.length > 0 ? EXIT.somethingToSay : EXIT.done;
};

const driftOf = async (call: Call, workspace: SqlWorkspace): Promise<SqlDriftReport> => {
  const { target, place, resolved, standing, key } = workspace;
  const parse = await loadSqlParser();
  const order = replayOrder(resolved, workspace.history ?? [], standing);
  const live = await takeSnapshot(target, place);
  let note: string | null = null;
  const findings = await withScratch(urlOption(call, "rehearsal-url"), async (scratch) => {
    await copyRoles(target, scratch);
    if (place.schema !== "public")
      await scratch.run(`create schema if not exists ${JSON.stringify(place.schema)}`);
    await replay(scratch, order.recorded, place.schema, parse);
    const recorded = await takeSnapshot(scratch, place);
    // A pending file that is broken must not hide what somebody changed by hand.
    note = await replay(scratch, order.rest, place.schema, parse).then(() => null, sayPending);
    const desired = note !== null || order.rest.length === 0 ? recorded : await takeSnapshot(scratch, place);
    const actual = await inWordsOf(scratch, target.version, live, [recorded, desired]);
    return schemaDrift({ actual, recorded, desired, changedRepeatable: order.changedRepeatable });
  });
  const causes = CAUSES.map(
    (cause) => [cause, findings.filter((each) => each.cause === cause).length] as const,
  );
  const summary = Object.fromEntries(causes.filter(([, count]) => count > 0));
  return { workspace: key, findings, summary, ...(note === null ? {} : { note }) };
};

const sayPending = (thrown: unknown): string => {
  if (!(thrown instanceof PlumblineError) || thrown.code !== "sql-failed") throw thrown;
  return `What pending files would change is not told. ${thrown.message}`;
};

const render = ({ workspace, findings, note }: SqlDriftReport): string => {
  const notes = note === undefined ? [] : [note];
  if (findings.length === 0) return `${[`${workspace}: no drift.`, ...notes].map(printable).join("\n")}\n`;
  const lines = findings.flatMap((finding) => [
    `  ${placeText(finding)}: ${CAUSE_TEXT[finding.cause]} (${finding.cause})`,
    ...(finding.path === ""
      ? []
      : [`    in the files ${valueText(finding.desired, false)}, live ${valueText(finding.actual, false)}`]),
  ]);
  return `${[`${workspace}:`, ...lines]
    .flatMap((line) => line.split("\n"))
    .map(printable)
    .join("\n")}\n`;
};
