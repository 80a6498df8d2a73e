import { type RawBuilder, sql } from "kysely";
import { PlumblineError } from "../model/errors.ts";
import type { Page } from "../model/reading.ts";

/** Where a list goes on: the sort values of the last row that was told. */
export const writeCursor = (values: readonly (string | number | Date)[]): string =>
  Buffer.from(JSON.stringify(values)).toString("base64url");

/** Reads back what `writeCursor` wrote. `shape`: what each value must be. */
export const readCursor = (cursor: string, shape: readonly ("text" | "number" | "time")[]): unknown[] => {
  const values = parsed(cursor);
  if (!Array.isArray(values) || values.length !== shape.length) throw badCursor();
  return shape.map((kind, index) => {
    const value: unknown = values[index];
    if (kind === "number" ? !Number.isSafeInteger(value) : typeof value !== "string") throw badCursor();
    if (kind !== "time") return value;
    const time = new Date(String(value));
    if (Number.isNaN(time.getTime())) throw badCursor();
    return time;
  });
};

const parsed = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    throw badCursor();
  }
};

const badCursor = (): PlumblineError =>
  new PlumblineError("bad-cursor", "The cursor does not belong to this list.");

/** One row more than was wished for says that there is more. */
export const pageOf = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  item: (row: Row) => Item,
  cursor: (row: Row) => readonly (string | number | Date)[],
): Page<Item> => {
  const told = rows.slice(0, limit);
  const last = told.at(-1);
  return { items: told.map(item), next: rows.length > limit && last ? writeCursor(cursor(last)) : null };
};

/** All of the conditions; the ones left out do not count. */
export const allOf = (conditions: readonly (RawBuilder<unknown> | null)[]): RawBuilder<unknown> => {
  const given = conditions.filter((one) => one !== null);
  return given.length === 0 ? sql`true` : sql.join(given, sql` and `);
};

/** Who owns the workspace at hand, as text of a JSON array: as it was read, else as its configuration says. */
export const OWNERS = sql`coalesce(workspaces.owners, workspaces.config::json ->> 'owners')`;

/** Whether a column's workspace key is covered by the patterns; null where they cover everything. */
export const isVisible = (
  column: RawBuilder<unknown>,
  visible: readonly string[],
): RawBuilder<unknown> | null =>
  visible.includes("*") ? null : sql`${column} like any(${visible.map(likeOf)}::text[])`;

const likeOf = (pattern: string): string => pattern.split("*").map(literally).join("%");
const literally = (text: string): string => text.replaceAll(/[\\%_]/g, "\\$&");

/** Whether one of the columns holds the text, whatever its case; null where nothing is searched for. */
export const isFound = (
  columns: readonly RawBuilder<unknown>[],
  text: string | undefined,
): RawBuilder<unknown> | null => {
  if (text === undefined || text === "") return null;
  const wanted = `%${literally(text)}%`;
  return sql`(${sql.join(
    columns.map((column) => sql`${column} ilike ${wanted}`),
    sql` or `,
  )})`;
};

export const isOneOf = (
  column: RawBuilder<unknown>,
  values: readonly string[] | undefined,
): RawBuilder<unknown> | null => (values === undefined ? null : sql`${column} = any(${[...values]}::text[])`);

export const isSame = (
  column: RawBuilder<unknown>,
  value: string | number | undefined,
): RawBuilder<unknown> | null => (value === undefined ? null : sql`${column} = ${value}`);
