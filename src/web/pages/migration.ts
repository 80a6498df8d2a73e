import { bytesText, countText } from "../../model/amount-text.ts";
import { isJsonObject, type Json } from "../../model/json.ts";
import type { MigrationSummary, PassedOver } from "../../model/migration.ts";
import type {
  Rehearsal,
  RehearsalRun,
  RehearsedMigration,
  RehearsedStatement,
} from "../../model/rehearsal.ts";
import type { TouchedTable } from "../../model/schema-context.ts";
import { html, type Piece } from "./html.ts";
import { type Column, table } from "./lists.ts";

/** Of a plan of SQL migrations: what the tables hold that it touches, and how its rehearsal went; null of other plans. */
export const migrationSection = (kept: Json): Piece => {
  if (!isJsonObject(kept) || !isJsonObject(kept["migration"])) return null;
  const { passedOver = [], tables = [], rehearsal } = kept["migration"] as unknown as MigrationSummary;
  return html`${passedOver.length === 0 ? null : strays(passedOver)}${tables.length === 0 ? null : liveTables(tables)}${rehearsal ? rehearsed(rehearsal) : null}`;
};

const strays = (files: readonly PassedOver[]): Piece =>
  html`<section aria-labelledby="passed-over"><h2 id="passed-over">Files that no run takes</h2>
    <ul>${files.map(({ path, why }) => html`<li><code>${path}</code>: ${why}</li>`)}</ul></section>`;

const liveTables = (tables: readonly TouchedTable[]): Piece =>
  html`<section aria-labelledby="tables"><h2 id="tables">Live tables that it touches</h2>
    ${table("Live tables", TABLE_COLUMNS, tables, "")}</section>`;

const TABLE_COLUMNS: readonly Column<TouchedTable>[] = [
  { name: "Table", cell: ({ name }) => html`<code>${name}</code>` },
  { name: "Rows, estimated", cell: ({ rows }) => countText(rows) },
  { name: "Size", cell: ({ bytes }) => bytesText(bytes) },
  {
    name: "Indexes",
    cell: ({ indexes }) => indexes.map(({ name, valid }) => `${name}${valid ? "" : " (invalid)"}`).join(", "),
  },
  {
    name: "Used by",
    cell: ({ dependants }) => dependants.map(({ kind, name }) => `${kind} ${name}`).join(", "),
  },
  {
    name: "Last use",
    cell: ({ reads, lastRead }) =>
      `${countText(reads)} ${reads === 1 ? "read" : "reads"}${lastRead ? `, last ${lastRead.slice(0, 10)}` : ""}`,
  },
  {
    name: "Classification",
    cell: ({ classification, columns }) =>
      [
        ...(classification ? [classification] : []),
        ...Object.entries(columns).map((pair) => pair.join(" ")),
      ].join(", "),
  },
];

const rehearsed = (rehearsal: Rehearsal): Piece => {
  const { server, copy, milliseconds, current, empty, notes } = rehearsal;
  return html`<section aria-labelledby="rehearsal"><h2 id="rehearsal">Rehearsal</h2>
    <p>On <code>${server.place}</code> (PostgreSQL ${server.version}, ${copy ? "a copy with rows" : "schema only"}) in ${(milliseconds / 1000).toFixed(1)} s.
      ${againText(rehearsal)}</p>
    ${notes.map((note) => html`<p>${note}</p>`)}
    ${way("From the schema that the target has now", current)}
    ${fromEmpty(empty)}
    ${schema(rehearsal)}</section>`;
};

const againText = ({ again }: Rehearsal): string => {
  if (again === null) return "";
  const left = [...again.pending, ...again.changes.map(({ address, text }) => `${address} ${text}`)];
  if (again.failure) left.push(again.failure.script);
  return left.length === 0
    ? "A second run finds nothing to do."
    : `A second run still does something: ${left.join(", ")}.`;
};

/** What ran before is told by its number alone: nothing in it is new. */
const fromEmpty = ({ migrations, failure }: RehearsalRun): Piece =>
  html`<h3>From an empty database</h3>
    <p>${migrations.length} ${migrations.length === 1 ? "migration" : "migrations"} ran.</p>${stopped(failure)}`;

const way = (title: string, { migrations, failure }: RehearsalRun): Piece =>
  html`<h3>${title}</h3>
    ${stopped(failure)}
    ${migrations.slice(0, MOST_MIGRATIONS).map(oneMigration)}
    ${migrations.length > MOST_MIGRATIONS && html`<p>${migrations.length - MOST_MIGRATIONS} more are in the log.</p>`}`;

const stopped = (failure: RehearsalRun["failure"]): Piece =>
  failure &&
  html`<p><span class="badge bad">stops</span> at <code>${failure.script}:${failure.line}:${failure.column}</code>: ${failure.message}</p>`;

/** Beyond these a page is no help to anybody. */
const MOST_MIGRATIONS = 200;
const MOST_STATEMENTS = 200;

const oneMigration = ({ script, milliseconds, transactional, statements }: RehearsedMigration): Piece =>
  html`<details><summary><code>${script}</code> took ${milliseconds} ms${transactional ? "" : ", not in one transaction"}</summary>
    ${table(`Statements of ${script}`, STATEMENT_COLUMNS, statements.slice(0, MOST_STATEMENTS), "It holds no statement.")}
    ${statements.length > MOST_STATEMENTS && html`<p>${statements.length - MOST_STATEMENTS} more are in the log.</p>`}</details>`;

const locksCell = ({ locks }: RehearsedStatement): Piece =>
  locks === null
    ? "not seen outside a transaction"
    : locks
        .map(({ mode, relation, milliseconds }) => `${mode} on ${relation}, held ${milliseconds} ms`)
        .join("; ");

const STATEMENT_COLUMNS: readonly Column<RehearsedStatement>[] = [
  { name: "Line", cell: ({ line }) => line },
  { name: "Statement", cell: ({ statement }) => html`<code>${shortened(statement)}</code>` },
  { name: "Time", cell: ({ milliseconds }) => `${milliseconds} ms` },
  { name: "Locks taken", cell: locksCell },
  { name: "Rows changed", cell: ({ rows }) => (rows === null ? "not seen" : rows.toLocaleString("en-US")) },
  { name: "Rewritten", cell: ({ rewrites }) => rewrites.join(", ") },
];

const STATEMENT_LENGTH = 200;

const shortened = (statement: string): string =>
  statement.length <= STATEMENT_LENGTH ? statement : `${statement.slice(0, STATEMENT_LENGTH)}…`;

const SIGNS = { added: "+", removed: "−", changed: "~" } as const;

const schema = ({ diff }: Rehearsal): Piece =>
  html`<h3>What the schema becomes</h3>
    ${
      diff.length === 0
        ? html`<p>It stays as it is.</p>`
        : html`<ul class="diff">${diff.map(
            ({ what, address, text }) =>
              html`<li><span aria-hidden="true">${SIGNS[what]}</span> <span class="unseen">${what}</span> <code>${address}</code> ${text}</li>`,
          )}</ul>`
    }`;
