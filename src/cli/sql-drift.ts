import { driftOfFolder } from "../adapters/flyway-drift.ts";
import { proposeForFolder } from "../adapters/flyway-propose.ts";
import { loadSqlParser } from "../adapters/libpg.ts";
import { PlumblineError } from "../model/errors.ts";
import { CAUSES, type Cause, type Finding, placeText } from "../model/finding.ts";
import type { SchemaDrift } from "../model/migration.ts";
import type { ProposalWish } from "../model/migration-proposal.ts";
import { CAUSE_TEXT, valueText } from "../report/finding-text.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";
import { openTool, toolOf } from "./sql-tool.ts";
import { type SqlWorkspace, urlOption, withSqlWorkspace } from "./sql-workspace.ts";
import { tellProposal } from "./tell-proposal.ts";

interface SqlDriftReport {
  readonly workspace: string;
  readonly findings: readonly Finding[];
  readonly summary: Readonly<Partial<Record<Cause, number>>>;
  /** What could not be told. */
  readonly note?: string;
}

/** `plumbline sql drift DIR --url URL`: 2 where the live schema differs from history or folder. */
export const sqlDrift = async (call: Call): Promise<number> => {
  if (call.options["formalize"] === true || call.options["revert"] === true) return proposeDrift(call);
  if (call.options["write"] === true)
    throw new PlumblineError("wrong-arguments", "--write goes with --formalize or --revert.");
  const report = await (toolOf(call) === "liquibase"
    ? driftOfChangelog(call)
    : withSqlWorkspace(call, true, (workspace) => driftOf(call, workspace)));
  if (call.json) printJson(call, report);
  else call.out(render(report));
  return report.findings.length > 0 ? EXIT.somethingToSay : EXIT.done;
};

const proposeDrift = async (call: Call): Promise<number> => {
  if (call.options["formalize"] === call.options["revert"])
    throw new PlumblineError("wrong-arguments", "Either --formalize or --revert, not both.");
  const parse = await loadSqlParser();
  const wish: ProposalWish = {
    ...{ purpose: call.options["formalize"] === true ? "formalize" : "revert", now: new Date() },
    ...{ only: [], acceptedBy: null },
  };
  if (toolOf(call) === "liquibase") {
    const { engine, call: asked } = await openTool(call, "liquibase", parse);
    return tellProposal(call, await engine.propose(asked, wish));
  }
  const rehearsal = urlOption(call, "rehearsal-url");
  const proposal = await withSqlWorkspace(call, true, (workspace) =>
    proposeForFolder(workspace.target, workspace, { ...wish, parse, rehearsal }),
  );
  return tellProposal(call, proposal);
};

const driftOfChangelog = async (call: Call): Promise<SqlDriftReport> => {
  const { engine, call: asked } = await openTool(call, "liquibase", await loadSqlParser());
  return reportOf(asked.workspace, await engine.drift(asked));
};

const driftOf = async (call: Call, workspace: SqlWorkspace): Promise<SqlDriftReport> => {
  const found = await driftOfFolder(workspace.target, workspace, {
    parse: await loadSqlParser(),
    rehearsal: urlOption(call, "rehearsal-url"),
  });
  return reportOf(workspace.key, found);
};

const reportOf = (
  workspace: string,
  { findings, note }: Pick<SchemaDrift, "findings" | "note">,
): SqlDriftReport => {
  const causes = CAUSES.map(
    (cause) => [cause, findings.filter((each) => each.cause === cause).length] as const,
  );
  const summary = Object.fromEntries(causes.filter(([, count]) => count > 0));
  return { workspace, findings, summary, ...(note === null ? {} : { note }) };
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
