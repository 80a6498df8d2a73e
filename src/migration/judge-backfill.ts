import type { Backfill } from "../model/backfill.ts";
import type { DeclaredBackfill, PlannedBackfill } from "../model/backfill-plan.ts";
import { type BackfillRun, UNFINISHED } from "../model/backfill-run.ts";
import { type ChangeClass, worstClass } from "../model/change-class.ts";
import type { MigrationSummary, StandingProblem } from "../model/migration.ts";
import type { DataChange } from "../model/schema-context.ts";
import { type ContractStatement, touches } from "./contract-tables.ts";
import { withoutPasswords } from "./finding-of.ts";
import { parseScript } from "./parse-script.ts";
import { newScene } from "./scene.ts";
import type { SqlParser } from "./script.ts";
import { classOfStatement } from "./statement-class.ts";

export interface BackfillFacts {
  readonly declared: readonly DeclaredBackfill[];
  /** What the service was asked to run before; those that still wait for an apply that did not succeed are none. */
  readonly known: readonly (Pick<BackfillRun, "name" | "table" | "state"> & { readonly checksum: string })[];
  /** What pending migrations take away. */
  readonly contracts: readonly ContractStatement[];
  readonly parse: SqlParser;
}

/** What a plan starts, what it changes, and what speaks against it: files that changed under way, tables that are not done. */
export const judgeBackfills = (summary: MigrationSummary, facts: BackfillFacts): MigrationSummary => {
  const standing = facts.declared.map((one) => ({ one, is: standingOf(one, facts) }));
  const fresh = standing.flatMap(({ one, is }) => (is === "new" ? [one] : []));
  const hasPending = summary.migrations.length > 0;
  const backfills = fresh.map((one) => plannedOf(one, facts.parse));
  const problems = [
    ...standing.flatMap(({ one, is }) => (is === "changed" ? [changed(one)] : [])),
    // What pending migrations will have made, the rehearsal tells.
    ...fresh.flatMap((one) => (one.trouble === null || hasPending ? [] : [cannotRun(one, one.trouble)])),
    ...unfinishedProblems(standing, facts),
  ];
  return {
    ...summary,
    changes: [...summary.changes, ...fresh.map((one) => changeOf(one, hasPending))],
    problems: [...summary.problems, ...problems],
    ...(backfills.length > 0 ? { backfills } : {}),
  };
};

type Standing = "new" | "done" | "going" | "cancelled" | "changed";

const standingOf = ({ backfill, progress }: DeclaredBackfill, { known }: BackfillFacts): Standing => {
  const row = known.find(({ name }) => name === backfill.name);
  const begun = progress.checksum ?? backfill.checksum;
  if (begun !== backfill.checksum || (row && row.checksum !== backfill.checksum && row.state !== "cancelled"))
    return "changed";
  if (progress.state === "done" && progress.dead === 0) return "done";
  if (!row || row.checksum !== backfill.checksum) return "new";
  if (row.state === "done") return "done";
  return row.state === "cancelled" ? "cancelled" : "going";
};

const plannedOf = ({ backfill, file, rows }: DeclaredBackfill, parse: SqlParser): PlannedBackfill => {
  const { name, checksum, key, after, batch, throttle, pauseBetween, deadLetters } = backfill;
  return {
    ...{ name, file, checksum, key, after, batch, throttle, pauseBetween, deadLetters, rows },
    table: tableOf(backfill),
    statement: withoutPasswords(backfill.statement),
    class: classOf(backfill, parse),
    batches: rows === null ? null : Math.ceil(rows / batch),
  };
};

const tableOf = ({ schema, table }: Pick<Backfill, "schema" | "table">): string => `${schema}.${table}`;

/** Additive and costly at least; of a DELETE more. */
const classOf = ({ statement }: Backfill, parse: SqlParser): ChangeClass => {
  const nodes = parseScript(statement, parse).statements.flatMap((one) => one.nodes);
  return worstClass(["R2", ...nodes.map((node) => classOfStatement(node, newScene(0, false)))]);
};

/** Of a table that only pending migrations make there are no rows yet. */
const changeOf = ({ backfill, file, rows }: DeclaredBackfill, hasPending: boolean): DataChange => ({
  ...{ file, line: 1, table: tableOf(backfill), counted: tableOf(backfill) },
  rows: rows ?? (hasPending ? 0 : null),
});

const changed = ({ backfill, file }: DeclaredBackfill): StandingProblem => ({
  problem: "checksum-changed",
  migration: backfill.name,
  message: `${file}: this backfill has begun, or was done, with another text.`,
  fix: "Put the file back as it was, or give the new text a name of its own: keys that are done are not done again.",
});

const cannotRun = ({ backfill, file }: DeclaredBackfill, why: string): StandingProblem => ({
  problem: "cannot-run",
  migration: backfill.name,
  message: `${file}: ${why}.`,
  fix: "Mend the file.",
});

const OPEN: readonly Standing[] = ["new", "going", "cancelled", "changed"];

const unfinishedProblems = (
  standing: readonly { readonly one: DeclaredBackfill; readonly is: Standing }[],
  { known, contracts }: BackfillFacts,
): readonly StandingProblem[] => {
  const open = new Map([
    ...known
      .filter(({ state }) => UNFINISHED.includes(state))
      .map(({ name, table }) => [name, table] as const),
    ...standing
      .filter(({ is }) => OPEN.includes(is))
      .map(({ one }) => [one.backfill.name, tableOf(one.backfill)] as const),
  ]);
  return contracts.flatMap((contract) =>
    [...open]
      .filter(([, table]) => touches(contract, table))
      .map(([name, table]) => unfinished(contract, name, table)),
  );
};

const unfinished = (
  { file, line, rule, migration }: ContractStatement,
  name: string,
  table: string,
): StandingProblem => ({
  problem: "backfill-unfinished",
  migration,
  message: `${file}:${line} (${rule}) takes an old shape away while the backfill ${name} of ${table} is not finished.`,
  fix: "Bring it in a later pull request, once the backfill is done; one that was cancelled counts until its file is gone.",
});
