import { html, type Piece } from "./html.ts";

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => Piece;
}

/** A table that becomes a list of cards on a narrow screen; each cell then says what it is. */
export const table = <Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  empty: string,
): Piece =>
  rows.length === 0
    ? html`<p class="empty">${empty}</p>`
    : html`<table>
        <caption class="unseen">${caption}</caption>
        <thead><tr>${columns.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${rows.map((row) => html`<tr>${columns.map(({ name, cell }) => filled(name, cell(row)))}</tr>`)}</tbody>
      </table>`;

/** What has nothing to say takes no line on a telephone. */
const filled = (name: string, content: Piece): Piece =>
  content === null || content === ""
    ? html`<td class="void"></td>`
    : html`<td data-name=${name}><div>${content}</div></td>`;

/** Pairs of a name and what it is; those without content are left out. */
export const facts = (pairs: readonly (readonly [string, Piece])[]): Piece =>
  html`<dl class="facts">${pairs
    .filter(([, content]) => content !== null && content !== "")
    .map(([name, content]) => html`<div><dt>${name}</dt><dd>${content}</dd></div>`)}</dl>`;

/** The same address with some parts of its query changed; null takes one away. */
export const withQuery = (
  path: string,
  query: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string | null>> = {},
): string => {
  const all = Object.entries({ ...query, ...change }).filter(
    (pair): pair is [string, string] => pair[1] !== null,
  );
  const text = new URLSearchParams(all).toString();
  return text === "" ? path : `${path}?${text}`;
};

/** Leads through a list that comes in parts. */
export const pager = (path: string, query: Readonly<Record<string, string>>, next: string | null): Piece =>
  query["cursor"] === undefined && next === null
    ? null
    : html`<nav class="pager" aria-label="Parts of the list">
        ${query["cursor"] === undefined ? null : html`<a href=${withQuery(path, query, { cursor: null })}>From the start</a>`}
        ${next === null ? null : html`<a rel="next" href=${withQuery(path, query, { cursor: next })}>More</a>`}
      </nav>`;
