import { loadSqlParser } from "../adapters/libpg.ts";
import { readSchemaContext } from "../adapters/pg-context.ts";
import type { Target } from "../adapters/pg-session.ts";
import { rehearsalGates } from "../gate/rehearsal.ts";
import { type Execution, executionOf } from "../migration/execution.ts";
import { searchPathOf } from "../migration/judge.ts";
import { type LintOptions, lintScripts } from "../migration/lint.ts";
import { parseScript } from "../migration/parse-script.ts";
import type { Migration } from "../migration/resolve.ts";
import type { Script, SqlParser } from "../migration/script.ts";
import { refusedProblems } from "../migration/standing-problems.ts";
import { type ChangeClass, worstClass } from "../model/change-class.ts";
import type { MigrationTool } from "../model/database.ts";
import type { GateReason } from "../model/decision.ts";
import type { PassedOver, StandingProblem } from "../model/migration.ts";
import type { Rehearsal } from "../model/rehearsal.ts";
import type { DataChange } from "../model/schema-context.ts";
import type { SqlLintReport } from "../model/sql-lint.ts";
import { rehearsalLines } from "../report/rehearsal-lines.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";
import { renderLint } from "./render-sql-lint.ts";
import { asksRehearsal, rehearsalOf } from "./sql-rehearsal.ts";
import { openTool, toolOf } from "./sql-tool.ts";
import { type SqlWorkspace, urlOf, withSqlWorkspace, withTarget } from "./sql-workspace.ts";

export interface PendingMigration {
  readonly version: string | null;
  readonly description: string;
  readonly script: string;
  /** Of Liquibase: text. */
  readonly checksum: number | string;
  readonly class: ChangeClass;
  /** Null where the tool does not say. */
  readonly transactional: boolean | null;
  readonly statements: number;
}

export interface SqlPlan extends SqlLintReport {
  readonly workspace: string;
  /** Host, port and name of the database. */
  readonly database: string;
  /** The newest version applied; null where none is. */
  readonly version: string | null;
  readonly pending: readonly PendingMigration[];
  /** What every run runs beside the migrations; left out where the folder has none. */
  readonly callbacks?: readonly PendingMigration[];
  readonly problems: readonly StandingProblem[];
  /** Files that no run takes, though their names are nearly those of migrations; left out where there are none. */
  readonly passedOver?: readonly PassedOver[];
  readonly changes: readonly DataChange[];
  /** With `--rehearse` alone. */
  readonly rehearsal?: Rehearsal;
}

/** `plumbline sql plan DIR --url URL`: what a run would do, and what speaks against it; changes nothing. */
export const sqlPlan = async (call: Call): Promise<number> => {
  const tool = toolOf(call);
  const plan = tool === "builtin" ? await planByFolder(call) : await planByTool(call, tool);
  if (call.json) printJson(call, plan);
  else call.out(renderPlan(plan));
  const failed = reasonsOf(plan).length > 0;
  const denied =
    failed || plan.problems.length > 0 || plan.findings.some(({ severity }) => severity === "error");
  return denied ? EXIT.somethingToSay : EXIT.done;
};

const planByFolder = (call: Call): Promise<SqlPlan> =>
  withSqlWorkspace(call, true, async (workspace) => {
    const { migrations, baselines } = workspace.resolved;
    if (migrations.length + baselines.length === 0)
      call.err(`${printable(workspace.ask.shown)} holds no migration (V1__what.sql, R__what.sql).\n`);
    const planned = await planOf(workspace, call.options["mixed"] === true);
    const rehearsal = await rehearsalOf(call, workspace);
    return rehearsal === null ? planned : { ...planned, rehearsal };
  });

const planOf = async (
  { key, target, place, standing, resolved, baseline, strays }: SqlWorkspace,
  mixed: boolean,
): Promise<SqlPlan> => {
  const parse = await loadSqlParser();
  const planned = (migration: Migration): Planned => {
    const script = parseScript(migration.text, parse);
    const { inTransaction: asked, strangeSetting: strange } = migration;
    const execution = executionOf(script, { version: target.version, asked, mixed, strange });
    return { migration, script, execution };
  };
  const read = standing.pending.map(planned);
  const problems = read.flatMap(({ migration, execution }) => refusedProblems(migration, execution));
  const version = standing.version ?? baseline;
  return withLint(
    {
      ...{ workspace: key, database: target.place, version, problems: [...standing.problems, ...problems] },
      ...(strays.length > 0 ? { passedOver: strays } : {}),
    },
    read.map(asRead),
    {
      ...{ parse, target, history: `${place.schema}.${place.table}` },
      callbacks: resolved.callbacks.map(planned).map(asRead),
    },
  );
};

interface Planned {
  readonly migration: Migration;
  readonly script: Script;
  readonly execution: Execution;
}

const asRead = ({ migration: { name, path, checksum }, script, execution }: Planned): ReadMigration => ({
  ...{ version: name.version, description: name.description, checksum, script: path, file: path },
  repeatable: name.kind === "repeatable",
  parsed: script,
  transactional: execution.way === "transaction",
});

const planByTool = async (call: Call, tool: MigrationTool): Promise<SqlPlan> => {
  const parse = await loadSqlParser();
  const { engine, call: asked } = await openTool(call, tool, parse);
  const { history, pending, problems } = await engine.plan(asked);
  const read = pending.map((one) => ({ ...one, parsed: parseScript(one.sql, parse) }));
  const planned = await withTarget(urlOf(call), (target) =>
    withLint(
      { workspace: asked.workspace, database: target.place, version: history.version, problems },
      read,
      { parse, target, history: history.table, callbacks: [] },
    ),
  );
  if (!asksRehearsal(call)) return planned;
  return { ...planned, rehearsal: await engine.rehearse(asked, []) };
};

interface ReadMigration extends Omit<PendingMigration, "class" | "statements"> {
  readonly file: string;
  readonly repeatable: boolean;
  readonly parsed: Script;
}

const withLint = async (
  plan: Pick<SqlPlan, "workspace" | "database" | "version" | "problems" | "passedOver">,
  read: readonly ReadMigration[],
  { parse, target, history, callbacks }: LintAsk,
): Promise<SqlPlan> => {
  const now = new Date();
  const context = await readSchemaContext(target, now);
  const today = now.toISOString().slice(0, 10);
  const searchPath = searchPathOf(history);
  const options = { parse, version: target.version, today, oneRun: true, context, searchPath };
  // Apart: a callback may run before any migration, and where none is pending.
  const [own, called] = [lintRead(read, options), lintRead(callbacks, options)];
  return {
    ...plan,
    class: worstClass([own.report.class, called.report.class]),
    findings: [...own.report.findings, ...called.report.findings],
    suppressed: [...own.report.suppressed, ...called.report.suppressed],
    changes: [...own.report.changes, ...called.report.changes],
    pending: own.summed,
    ...(callbacks.length > 0 ? { callbacks: called.summed } : {}),
  };
};

const lintRead = (read: readonly ReadMigration[], options: LintOptions) => {
  const report = lintScripts(
    read.map(({ file, parsed, repeatable }) => ({ file, script: parsed, repeatable })),
    options,
  );
  const summed = read.map(
    ({ version, description, script, checksum, transactional, parsed }, index): PendingMigration => ({
      ...{ version, description, script, checksum, transactional },
      class: report.files[index]?.class ?? "R0",
      statements: parsed.statements.length,
    }),
  );
  return { report, summed };
};

interface LintAsk {
  readonly parse: SqlParser;
  readonly target: Target;
  /** `schema.table`. */
  readonly history: string;
  readonly callbacks: readonly ReadMigration[];
}

// Only a rehearsal that was asked for is judged.
const reasonsOf = ({ rehearsal, changes }: SqlPlan): readonly GateReason[] =>
  rehearsal === undefined ? [] : rehearsalGates({ rehearsal, changes, required: false, rowLimit: ROW_LIMIT });

const ROW_LIMIT = 10_000;

const renderPlan = (plan: SqlPlan): string => {
  const { callbacks = [] } = plan;
  const pending = plan.pending.map(lineOf);
  const files = pending.length + callbacks.length;
  const lines = [
    `${plan.workspace} at ${plan.version === null ? "no version yet" : `version ${plan.version}`} on ${plan.database}.`,
    pending.length === 0 ? "Nothing is pending." : "Pending:",
    ...pending,
    ...(callbacks.length === 0 ? [] : ["Callbacks, which a run may run:", ...callbacks.map(lineOf)]),
    ...(plan.passedOver ?? []).map(({ path, why }) => `Passed over: ${path}: ${why}.`),
    ...plan.problems.flatMap(({ message, fix }) => [`Denied: ${message}`, `  ${fix}`]),
    ...reasonsOf(plan).flatMap(({ message, details = [], wayOut }) => [
      `Denied: ${message}`,
      ...[...details, wayOut].map((line) => `  ${line}`),
    ]),
  ];
  const rehearsed = plan.rehearsal ? `\n${rehearsalLines(plan.rehearsal).map(printable).join("\n")}\n` : "";
  return `${lines.map(printable).join("\n")}\n${rehearsed}${files === 0 ? "" : `\n${renderLint(plan, files)}`}`;
};

const lineOf = ({ script, class: own, transactional, statements }: PendingMigration): string =>
  `  ${script} (${own}, ${statements} ${statements === 1 ? "statement" : "statements"}${transactional === false ? ", without a transaction" : ""})`;
