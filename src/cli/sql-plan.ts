import { loadSqlParser } from "../adapters/libpg.ts";
import { readSchemaContext } from "../adapters/pg-context.ts";
import { rehearsalGates } from "../gate/rehearsal.ts";
import { type Execution, executionOf } from "../migration/execution.ts";
import { lintScripts } from "../migration/lint.ts";
import { parseScript } from "../migration/parse-script.ts";
import type { Migration } from "../migration/resolve.ts";
import type { ChangeClass } from "../model/change-class.ts";
import type { GateReason } from "../model/decision.ts";
import type { StandingProblem } from "../model/migration.ts";
import type { Rehearsal } from "../model/rehearsal.ts";
import type { DataChange } from "../model/schema-context.ts";
import type { SqlLintReport } from "../model/sql-lint.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";
import { renderLint } from "./render-sql-lint.ts";
import { rehearsalLines, rehearsalOf } from "./sql-rehearsal.ts";
import { type SqlWorkspace, withSqlWorkspace } from "./sql-workspace.ts";

export interface PendingMigration {
  readonly version: string | null;
  readonly description: string;
  readonly script: string;
  readonly checksum: number;
  readonly class: ChangeClass;
  readonly transactional: boolean;
  readonly statements: number;
}

export interface SqlPlan extends SqlLintReport {
  readonly workspace: string;
  /** Host, port and name of the database. */
  readonly database: string;
  /** The newest version applied; null where none is. */
  readonly version: string | null;
  readonly pending: readonly PendingMigration[];
  readonly problems: readonly StandingProblem[];
  readonly changes: readonly DataChange[];
  /** With `--rehearse` alone. */
  readonly rehearsal?: Rehearsal;
}

/** `plumbline sql plan DIR --url URL`: what a run would do, and what speaks against it; changes nothing. */
export const sqlPlan = async (call: Call): Promise<number> => {
  const plan = await withSqlWorkspace(call, true, async (workspace): Promise<SqlPlan> => {
    const planned = await planOf(workspace);
    const rehearsal = await rehearsalOf(call, workspace);
    return rehearsal === null ? planned : { ...planned, rehearsal };
  });
  if (call.json) printJson(call, plan);
  else call.out(renderPlan(plan));
  const failed = reasonsOf(plan).length > 0;
  const denied =
    failed || plan.problems.length > 0 || plan.findings.some(({ severity }) => severity === "error");
  return denied ? EXIT.somethingToSay : EXIT.done;
};

const planOf = async ({ key, target, standing, baseline }: SqlWorkspace): Promise<SqlPlan> => {
  const parse = await loadSqlParser();
  const now = new Date();
  const context = await readSchemaContext(target, now);
  const read = standing.pending.map((migration) => ({
    migration,
    script: parseScript(migration.text, parse),
  }));
  const { files, ...report } = lintScripts(
    read.map(({ migration: { path, name }, script }) => ({
      file: path,
      script,
      repeatable: name.kind === "repeatable",
    })),
    { parse, version: target.version, today: now.toISOString().slice(0, 10), oneRun: true, context },
  );
  const runs = read.map(({ migration, script }) => {
    const asked = migration.inTransaction;
    return {
      migration,
      script,
      execution: executionOf(script, { version: target.version, asked, mixed: false }),
    };
  });
  return {
    workspace: key,
    database: target.place,
    version: standing.version ?? baseline,
    ...report,
    pending: runs.map(({ migration, script, execution }, index) => ({
      version: migration.name.version,
      description: migration.name.description,
      script: migration.path,
      checksum: migration.checksum,
      class: files[index]?.class ?? "R0",
      transactional: execution.way === "transaction",
      statements: script.statements.length,
    })),
    problems: [
      ...standing.problems,
      ...runs.flatMap(({ migration, execution }) => refusal(migration, execution)),
    ],
  };
};

const refusal = ({ path, name }: Migration, execution: Execution): readonly StandingProblem[] =>
  execution.way === "refused"
    ? [
        {
          problem: "cannot-run",
          migration: name.version ?? name.description,
          message: `${path}:${execution.line}:${execution.column}: ${execution.why}.`,
          fix: "Mend the file.",
        },
      ]
    : [];

// Only a rehearsal that was asked for is judged.
const reasonsOf = ({ rehearsal, changes }: SqlPlan): readonly GateReason[] =>
  rehearsal === undefined ? [] : rehearsalGates({ rehearsal, changes, required: false, rowLimit: ROW_LIMIT });

const ROW_LIMIT = 10_000;

const renderPlan = (plan: SqlPlan): string => {
  const pending = plan.pending.map(
    ({ script, class: own, transactional, statements }) =>
      `  ${script} (${own}, ${statements} ${statements === 1 ? "statement" : "statements"}${transactional ? "" : ", without a transaction"})`,
  );
  const lines = [
    `${plan.workspace} at ${plan.version === null ? "no version yet" : `version ${plan.version}`} on ${plan.database}.`,
    pending.length === 0 ? "Nothing is pending." : "Pending:",
    ...pending,
    ...plan.problems.flatMap(({ message, fix }) => [`Denied: ${message}`, `  ${fix}`]),
    ...reasonsOf(plan).flatMap(({ message, details = [], wayOut }) => [
      `Denied: ${message}`,
      ...[...details, wayOut].map((line) => `  ${line}`),
    ]),
  ];
  const rehearsed = plan.rehearsal ? `\n${rehearsalLines(plan.rehearsal).map(printable).join("\n")}\n` : "";
  return `${lines.map(printable).join("\n")}\n${rehearsed}${pending.length === 0 ? "" : `\n${renderLint(plan, pending.length)}`}`;
};
