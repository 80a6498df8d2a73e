import type { Backfill } from "../model/backfill.ts";
import type { DeclaredBackfill, PlannedBackfill } from "../model/backfill-plan.ts";
import { type BackfillRun, UNFINISHED } from "../model/backfill-run.ts";
import { type ChangeClass, worstClass } from "../model/change-class.ts";
import type { MigrationSummary, StandingProblem } from "../model/migration.ts";
import type { DataChange } from "../model/schema-context.ts";
import { type ContractStatement, namedIn, touches } from "./contract-tables.ts";
import { withoutPasswords } from "./finding-of.ts";
import { shown, strings, within } from "./nodes.ts";
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
  /** Tables that pending migrations make and leave empty. */
  readonly empty: readonly string[];
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
    changes: [...summary.changes, ...fresh.flatMap((one) => changesOf(one, facts))],
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
  const { name, checksum, key, after, batch, throttle, pauseBetween, outsideWindows } = backfill;
  const { deadLetters, errorBudget, verify } = backfill;
  return {
    ...{ name, file, checksum, key, after, batch, throttle, pauseBetween, outsideWindows, rows },
    ...{ deadLetters, errorBudget, verify: verify && withoutPasswords(verify.query) },
    table: tableOf(backfill),
    statement: withoutPasswords(backfill.statement),
    class: classOf(backfill, parse),
    batches: rows === null ? null : Math.ceil(rows / batch),
  };
};

const tableOf = ({ schema, table }: Pick<Backfill, "schema" | "table">): string => `${schema}.${table}`;

/** Additive and costly at least; of a DELETE more. */
const classOf = (backfill: Backfill, parse: SqlParser): ChangeClass =>
  worstClass(["R2", ...nodesOf(backfill, parse).map((node) => classOfStatement(node, nothingMade()))]);

const nothingMade = () => newScene({ version: 0, oneRun: false, searchPath: ["public"], live: null });

/**
 * What it writes to. Keys of the declared table bound the rows of that table alone: how many of another one it changes,
 * nobody knows. An INSERT that reads nothing else adds as many as there are keys. A table that pending migrations make
 * and leave empty has none.
 */
const changesOf = (
  { backfill, file, rows }: DeclaredBackfill,
  facts: BackfillFacts,
): readonly DataChange[] => {
  const declared = tableOf(backfill);
  const nodes = nodesOf(backfill, facts.parse);
  const isDeclared = (name: string) => name === declared || name === backfill.table;
  const known = rows ?? (facts.empty.some(isDeclared) ? 0 : null);
  const change = (table: string, bound: number | null): DataChange => ({
    ...{ file, line: 1, table, counted: declared, rows: bound },
  });
  const changed = nodes
    .flatMap((node) => [
      ...within(node, "UpdateStmt"),
      ...within(node, "DeleteStmt"),
      ...within(node, "MergeStmt"),
    ])
    .map(({ relation }) => shown(relation))
    .map((table) => (isDeclared(table) ? change(declared, known) : change(table, null)));
  const inserted = nodes
    .flatMap((node) => within(node, "InsertStmt"))
    .map(({ relation, selectStmt }) =>
      change(shown(relation), isOnePerRow(selectStmt, isDeclared) ? known : null),
    );
  return [...changed, ...inserted];
};

/** Whether it reads one table once, and makes no more rows than it reads. */
const isOnePerRow = (select: unknown, isDeclared: (name: string) => boolean): boolean => {
  const [read, ...more] = within(select, "RangeVar").map(shown);
  const spreads =
    within(select, "RangeFunction").length > 0 ||
    within(select, "FuncCall").some(({ funcname }) => SPREADS.test(strings(funcname).at(-1) ?? ""));
  return read !== undefined && more.length === 0 && isDeclared(read) && !spreads;
};

const SPREADS =
  /^(unnest|generate_\w+|string_to_table|regexp_(matches|split_to_table)|jsonb?_(array_elements|each|object_keys|path_query|\w+_recordset)\w*)$/;

const nodesOf = ({ statement }: Pick<Backfill, "statement">, parse: SqlParser) =>
  parseScript(statement, parse).statements.flatMap((one) => one.nodes);

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
  { known, contracts, parse }: BackfillFacts,
): readonly StandingProblem[] => {
  const declared = standing
    .filter(({ is }) => OPEN.includes(is))
    .map(({ one }) => ({
      name: one.backfill.name,
      table: tableOf(one.backfill),
      reads: namedIn(nodesOf(one.backfill, parse)),
    }));
  const gone = known
    .filter(({ state, name }) => UNFINISHED.includes(state) && !declared.some((one) => one.name === name))
    .map(({ name, table }) => ({ name, table, reads: [] }));
  return contracts.flatMap((contract) =>
    [...declared, ...gone]
      .filter(({ table, reads }) => [table, ...reads].some((one) => touchesEither(contract, one)))
      .map(({ name, table }) => unfinished(contract, name, table)),
  );
};

/** A statement of a backfill names its tables with or without their schema, as a contract does. */
const touchesEither = (contract: ContractStatement, table: string): boolean =>
  touches(contract, table) ||
  (!table.includes(".") && (contract.tables ?? []).some((name) => name.endsWith(`.${table}`)));

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
