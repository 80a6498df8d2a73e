import type { Node } from "libpg-query";
import { type ChangeClass, worstClass } from "../model/change-class.ts";
import type { DataChange, SchemaContext } from "../model/schema-context.ts";
import type { SqlFinding, SqlLintReport, SuppressedSqlFinding } from "../model/sql-lint.ts";
import { checkAccess } from "./check-access.ts";
import { checkAlterTable } from "./check-alter-table.ts";
import { checkIndex, checkPartitionOf, checkTrigger } from "./check-constraint.ts";
import { checkData } from "./check-data.ts";
import { checkPace } from "./check-pace.ts";
import { checkRemoval } from "./check-removal.ts";
import { checkRun } from "./check-run.ts";
import { checkServer } from "./check-server.ts";
import { checkShape } from "./check-shape.ts";
import { checkVersion } from "./check-version.ts";
import { dataChanges } from "./data-changes.ts";
import { findingOf, lockOf } from "./finding-of.ts";
import { innerStatements } from "./inner-statements.ts";
import { learn, learnRoutine } from "./learn.ts";
import { type Hit, hit } from "./rules.ts";
import { newFile, newScene, type Scene } from "./scene.ts";
import type { PlacedComment, Script, SqlParser, Statement } from "./script.ts";
import { classOfStatement } from "./statement-class.ts";
import { applySuppressions, type ReadSuppression, readSuppression, type Suppression } from "./suppression.ts";
import { tablesTouched } from "./touched-tables.ts";
import { controlsTransaction, onlySets, refusesTransaction } from "./transactional.ts";
import { weigh } from "./weigh.ts";

export interface LintFile {
  readonly file: string;
  readonly script: Script;
  readonly repeatable: boolean;
}

export interface LintOptions {
  readonly parse: SqlParser;
  /** Major version of the server that will run this. */
  readonly version: number;
  /** `YYYY-MM-DD`, for suppressions that end. */
  readonly today: string;
  /** All files belong to one run that has not begun: tables that one creates are empty for the next. */
  readonly oneRun: boolean;
  /** Where the tool has unqualified names looked for; `public` where left out. */
  readonly searchPath?: readonly string[];
  /** What the target tells; without it the worse case counts. */
  readonly context?: SchemaContext | null;
}

export interface LintedFile extends SqlLintReport {
  readonly file: string;
  /** Live tables that its statements change, lock or take away; empty where no target was asked. */
  readonly tables: readonly string[];
}

export interface LintedScripts extends SqlLintReport {
  readonly files: readonly LintedFile[];
  /** What changes rows, with how many they may be. */
  readonly changes: readonly DataChange[];
}

/** Findings of all files, which are given in the order in which they run; one report per file beside the whole. */
export const lintScripts = (files: readonly LintFile[], options: LintOptions): LintedScripts => {
  const { version, oneRun, searchPath = ["public"] } = options;
  const scene = newScene({ version, oneRun, searchPath, live: options.context?.tables ?? null });
  const changes: DataChange[] = [];
  const reports = files.map((file, index) => {
    scene.file = newFile(scene, index, file.repeatable);
    return lintFile(file, scene, options, changes);
  });
  return {
    class: worstClass(reports.map((report) => report.class)),
    findings: reports.flatMap(({ findings }) => findings),
    suppressed: reports.flatMap(({ suppressed }) => suppressed),
    files: reports,
    changes,
  };
};

const lintFile = (file: LintFile, scene: Scene, options: LintOptions, changes: DataChange[]): LintedFile => {
  const { statements, psql, loose } = file.script;
  const tables = new Set<string>();
  const mixed = isMixed(statements, scene.version);
  const classes: ChangeClass[] = [];
  const findings: SqlFinding[] = psql.map(({ text, place }) =>
    findingOf(file.file, text, place, hit("psql-command", { name: text.split(/\s/)[0] ?? "\\" })),
  );
  const suppressed: SuppressedSqlFinding[] = [];
  for (const statement of statements) {
    const { hits, statementClass } = lintStatement(statement, scene, options, {
      mixed,
      change: (node) => {
        changes.push(...dataChanges(node, statement, scene, file.file));
      },
      touch: (names) => {
        for (const name of names) tables.add(name);
      },
    });
    const found = hits.map((each) =>
      findingOf(file.file, statement.text, statement.error?.place ?? statement.place, each),
    );
    classes.push(statementClass, ...found.map((finding) => finding.class));
    const read = statement.comments.map(readSuppression).filter((each) => each !== null);
    const judged = applySuppressions(found, valid(read), options.today);
    findings.push(...judged.findings, ...aboutSuppressions(file.file, read, found, options.today));
    suppressed.push(...judged.suppressed);
  }
  findings.push(...leftOpen(file, scene));
  const stray = loose.map(readSuppression).filter((each) => each !== null);
  findings.push(...aboutSuppressions(file.file, stray, [], options.today));
  const ordered = findings.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return {
    file: file.file,
    tables: [...tables],
    class: worstClass([...classes, ...ordered.map((finding) => finding.class)]),
    findings: ordered,
    suppressed,
  };
};

// A transaction cannot hold one of its statements, while others of them want one.
const isMixed = (statements: readonly Statement[], version: number): boolean => {
  const nodes = statements.flatMap((statement) => statement.nodes);
  if (nodes.some(controlsTransaction)) return false;
  const refusing = nodes.filter((node) => refusesTransaction(node, version) !== null);
  return refusing.length > 0 && nodes.some((node) => !refusing.includes(node) && !onlySets(node));
};

interface StatementAsk {
  readonly mixed: boolean;
  readonly change: (node: Node) => void;
  readonly touch: (tables: readonly string[]) => void;
}

const lintStatement = (
  { nodes, text, error }: Statement,
  scene: Scene,
  options: LintOptions,
  { mixed, change, touch }: StatementAsk,
): { readonly hits: readonly Hit[]; readonly statementClass: ChangeClass } => {
  const hits: Hit[] = error ? [hit("syntax-error", { message: error.message })] : [];
  const classes: ChangeClass[] = [];
  const judge = (node: Node, isSure: boolean) => {
    const context = options.context ?? null;
    const tables = context === null ? [] : tablesTouched(node, scene, context);
    touch(tables);
    hits.push(...weigh(checkNode(node, scene), tables, context));
    classes.push(classOfStatement(node, scene));
    change(node);
    learn(scene, node, isSure);
  };
  for (const node of nodes) {
    const refused = mixed ? refusesTransaction(node, scene.version) : null;
    judge(node, true);
    if (refused) hits.push(hit("mixed-transaction", { what: refused }));
    const inner = innerStatements({ text, node }, scene, options.parse);
    for (const one of inner.run) {
      judge(one.node, false);
      const what = refusesTransaction(one.node, scene.version);
      if (what !== null) hits.push(hit("concurrently-in-transaction", { what }));
    }
    for (const message of inner.refused) hits.push(hit("syntax-error", { message }));
    for (const what of inner.unread) hits.push(hit("dynamic-sql", { what }));
    learnRoutine(scene, { text, node });
  }
  hits.push(...checkPatience(hits, scene));
  return { hits: distinct(hits), statementClass: worstClass(classes) };
};

const checkNode = (node: Node, scene: Scene): readonly Hit[] => [
  ...checkRemoval(node, scene),
  ...checkAlterTable(node, scene),
  ...checkIndex(node, scene),
  ...checkPartitionOf(node, scene),
  ...checkTrigger(node, scene),
  ...checkShape(node, scene),
  ...checkData(node, scene),
  ...checkAccess(node, scene),
  ...checkRun(node, scene),
  ...checkPace(node, scene),
  ...checkServer(node, scene),
  ...checkVersion(node, scene),
];

const leftOpen = ({ file, script }: LintFile, { file: { transaction } }: Scene): readonly SqlFinding[] => {
  const begin = script.statements.findLast(({ nodes }) => nodes.some(controlsTransaction));
  if (!transaction.explicit || !begin) return [];
  return [findingOf(file, begin.text, begin.place, hit("transaction-left-open"))];
};

// Said once for a file, at the first statement that holds up readers or writers for long.
const checkPatience = (hits: readonly Hit[], scene: Scene): readonly Hit[] => {
  const waits = hits.some(({ rule }) => lockOf(rule) === "ACCESS EXCLUSIVE");
  if (!waits || scene.file.lockTimeout) return [];
  scene.file.lockTimeout = true;
  return [hit("lock-timeout-missing")];
};

const distinct = (hits: readonly Hit[]): readonly Hit[] => [
  ...new Map(hits.map((each) => [JSON.stringify(each), each])).values(),
];

const valid = (read: readonly ReadSuppression[]): readonly Suppression[] =>
  read.flatMap((each) => (each.ok ? [each.suppression] : []));

const aboutSuppressions = (
  file: string,
  read: readonly ReadSuppression[],
  found: readonly SqlFinding[],
  today: string,
): readonly SqlFinding[] => {
  const about = (comment: PlacedComment, each: Hit): SqlFinding =>
    findingOf(file, `-- ${comment.text}`, comment.place, each);
  return read.flatMap((each) => {
    if (!each.ok) return [about(each.comment, hit("suppression-invalid", { why: each.why }))];
    const { comment, until, rules } = each.suppression;
    if (until !== null && until < today) return [about(comment, hit("suppression-expired", { until }))];
    const idle = rules.filter((rule) => !found.some((finding) => finding.rule === rule));
    return idle.map((rule) => about(comment, hit("suppression-unused", { rule })));
  });
};
