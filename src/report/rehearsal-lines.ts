import type {
  Rehearsal,
  RehearsalRun,
  RehearsedCompensation,
  RehearsedMigration,
  RehearsedStatement,
} from "../model/rehearsal.ts";

/** All of a rehearsal as lines, for a terminal and for a run's log. */
export const rehearsalLines = (rehearsal: Rehearsal): readonly string[] => [
  `Rehearsed on ${rehearsal.server.place} (PostgreSQL ${rehearsal.server.version})${rehearsal.copy ? ", a copy with rows," : ""} in ${seconds(rehearsal.milliseconds)}.`,
  ...rehearsal.current.migrations.flatMap(migrationLines),
  ...failureLines("From the present schema", rehearsal.current),
  ...(rehearsal.current.failure ? [] : failureLines("From empty", rehearsal.empty)),
  ...(rehearsal.empty.failure || rehearsal.current.failure
    ? []
    : [`From empty, ${counted(rehearsal.empty.migrations.length, "migration")} ran.`]),
  ...againLines(rehearsal),
  ...(rehearsal.compensations ?? []).map(wayBackText),
  ...(rehearsal.diff.length === 0 ? [] : ["The schema changes:"]),
  ...rehearsal.diff.map(
    ({ what, address, text }) => `  ${SIGNS[what]} ${address}${text === "" ? "" : `: ${text}`}`,
  ),
  ...gapTexts(rehearsal),
  ...rehearsal.notes,
];

/** What was not rehearsed as a run will do it, a sentence for each migration. */
export const gapTexts = ({ gaps = [] }: Rehearsal): readonly string[] =>
  gaps.map(({ script, why }) => `${script} ${why}.`);

const SIGNS = { added: "+", removed: "-", changed: "~" } as const;

const migrationLines = ({ script, milliseconds, statements }: RehearsedMigration): readonly string[] => [
  `  ${script} in ${milliseconds} ms`,
  ...statements.flatMap(statementLines),
];

const statementLines = (statement: RehearsedStatement): readonly string[] => {
  const { line, milliseconds, rows, locks, rewrites } = statement;
  const told = [
    `${milliseconds} ms`,
    ...(rows ? [counted(rows, "row")] : []),
    ...(locks ?? []).map(({ mode, relation, milliseconds: held }) => `${mode} on ${relation} for ${held} ms`),
    ...(rewrites.length > 0 ? [`rewrites ${rewrites.join(", ")}`] : []),
    ...(locks === null ? ["locks not seen outside a transaction"] : []),
  ];
  return [`    line ${line}: ${told.join("; ")}`];
};

const failureLines = (from: string, { failure }: RehearsalRun): readonly string[] =>
  failure === null
    ? []
    : [`${from} it fails: ${failure.script}:${failure.line}:${failure.column}: ${failure.message}`];

const againLines = ({ again }: Rehearsal): readonly string[] => {
  if (again === null) return [];
  const left = [...again.pending, ...again.changes.map(({ address, text }) => `${address} ${text}`)];
  return [
    left.length === 0
      ? "A second run finds nothing to do."
      : `A second run still does something: ${left.join(", ")}.`,
  ];
};

/** Whether a file takes its migration back, in one line. */
export const wayBackText = ({
  script,
  goesBack,
  tried,
  after,
  failure,
  left,
}: RehearsedCompensation): string => {
  const behind = after === null ? "" : ` behind ${counted(after, "statement")}`;
  const told = {
    yes: `from ${counted(tried, "state")} in which its migration may stop`,
    partly: `${behind.trim()} it leaves ${left.map(({ what, address, text }) => `${SIGNS[what]} ${address} ${text}`.trim()).join(", ")}`,
    no: `${behind.trim()} it fails: ${failure?.line}:${failure?.column}: ${failure?.message}`,
  }[goesBack];
  return `${script} goes back: ${goesBack}, ${told.trim()}`;
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
