import type {
  Rehearsal,
  RehearsalRun,
  RehearsedCompensation,
  RehearsedMigration,
  RehearsedStatement,
  SchemaDifference,
} from "../model/rehearsal.ts";
import { code, codeCell, oneLine, plain } from "./escape.ts";
import { fence, folded, upTo, whereTheRestIs } from "./folded.ts";
import { type Block, text } from "./pack.ts";
import { gapTexts, wayBackText } from "./rehearsal-lines.ts";

export interface RehearsalDetail {
  /** Most characters of statements, and of the schema's changes. */
  readonly most: number;
  readonly logUrl: string | null;
}

const STATEMENT_LENGTH = 100;
const FACT_LENGTH = 400;

/** A rehearsal for a reviewer: how it went both ways, then folded each statement, and what the schema becomes. */
export const rehearsalBlocks = (rehearsal: Rehearsal, detail: RehearsalDetail): readonly Block[] => [
  text(
    `**Rehearsed** on ${placeText(rehearsal)} in ${seconds(rehearsal.milliseconds)}: ${waysText(rehearsal)}${againText(rehearsal)}`,
    ...failureLines(rehearsal.current, "From the schema that the target has now"),
    ...failureLines(rehearsal.empty, "From an empty database"),
    ...(rehearsal.compensations ?? []).map(wayBackLine),
    ...[...gapTexts(rehearsal), ...rehearsal.notes].map((note) => `- ${plain(note)}`),
  ),
  ...migrationTables(rehearsal.current, detail),
  ...schemaBlocks(rehearsal.diff, detail),
];

const placeText = ({ server, copy }: Rehearsal): string =>
  `${code(server.place)} (PostgreSQL ${server.version}, ${copy ? "a copy with rows" : "schema only"})`;

const waysText = ({ current, empty }: Rehearsal): string => {
  const count = current.migrations.length;
  return `${count} ${count === 1 ? "migration" : "migrations"} from the schema that the target has now, ${empty.migrations.length} from an empty database.`;
};

const againText = ({ again }: Rehearsal): string => {
  if (again === null) return "";
  const left = [
    ...again.pending.map(code),
    ...again.changes.map(({ address, text: what }) => code(`${address} ${oneLine(what, STATEMENT_LENGTH)}`)),
    ...(again.failure ? [code(again.failure.script)] : []),
  ];
  const shown = [...left.slice(0, 10), ...(left.length > 10 ? [`${left.length - 10} more`] : [])];
  return left.length === 0
    ? " A second run finds nothing to do."
    : ` **A second run still does something: ${shown.join(", ")}.**`;
};

const failureLines = ({ failure }: RehearsalRun, from: string): readonly string[] =>
  failure === null
    ? []
    : [
        `- ❌ ${from} it stops at ${code(`${failure.script}:${failure.line}:${failure.column}`)}: ${plain(failure.message)}`,
      ];

const wayBackLine = (one: RehearsedCompensation): string =>
  `- ${{ yes: "", partly: "⚠️ ", no: "❌ " }[one.goesBack]}${plain(oneLine(wayBackText(one), FACT_LENGTH))}`;

const migrationTables = ({ migrations }: RehearsalRun, detail: RehearsalDetail): readonly Block[] => {
  let room = detail.most;
  let left = 0;
  const blocks: Block[] = [];
  for (const migration of migrations) {
    const title = titleOf(migration);
    const all = migration.statements.map(rowOf);
    const rows = upTo(all, room - title.length - HEAD.length);
    room -= title.length + HEAD.length + rows.join("\n").length;
    left += all.length - rows.length;
    if (rows.length > 0)
      blocks.push(text(title), folded(statementsText(all.length), { head: HEAD, lines: rows, tail: "" }));
  }
  const more = `${left.toLocaleString("en-US")} more statements: ${whereTheRestIs(detail)}.`;
  return left === 0 ? blocks : [...blocks, text(more)];
};

const titleOf = ({ script, milliseconds, transactional }: RehearsedMigration): string =>
  `${code(script)} took ${milliseconds} ms${transactional ? "" : ", not in one transaction"}.`;

const statementsText = (count: number): string => `${count} ${count === 1 ? "statement" : "statements"}`;

const HEAD =
  "| # | line and statement | time | locks taken | rows changed | rewritten |\n|---|---|---|---|---|---|";

const rowOf = (statement: RehearsedStatement, index: number): string => {
  const { line, milliseconds, rows, rewrites } = statement;
  const cells = [
    String(index + 1),
    codeCell(`${line}: ${oneLine(statement.statement, STATEMENT_LENGTH)}`),
    `${milliseconds} ms`,
    locksText(statement),
    rows === null ? "not seen" : rows.toLocaleString("en-US"),
    rewrites.map(codeCell).join(", "),
  ];
  return `| ${cells.join(" | ")} |`;
};

const locksText = ({ locks }: RehearsedStatement): string =>
  locks === null
    ? "not seen outside a transaction"
    : locks
        .map(
          ({ mode, relation, milliseconds }) => `${mode} on ${codeCell(relation)}, held ${milliseconds} ms`,
        )
        .join("<br>");

const SIGNS = { added: "+", removed: "-", changed: "!" } as const;

const schemaBlocks = (diff: readonly SchemaDifference[], detail: RehearsalDetail): readonly Block[] => {
  const all = diff.map(({ what, address, text: fact }) =>
    oneLine(`${SIGNS[what]} ${address}${fact === "" ? "" : `: ${fact}`}`, FACT_LENGTH),
  );
  if (all.length === 0) return [text("The schema stays as it is.")];
  const shown = upTo(all, detail.most);
  const left = all.length - shown.length;
  return [
    ...(shown.length > 0 ? [folded(`What the schema becomes (${all.length})`, fence("diff", shown))] : []),
    ...(left > 0 ? [text(`${left} more changes of the schema: ${whereTheRestIs(detail)}.`)] : []),
  ];
};

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
