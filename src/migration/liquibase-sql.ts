/** One changeset of what `liquibase update-sql` printed. */
export interface Changeset {
  /** `FILE::ID::AUTHOR`. */
  readonly script: string;
  readonly file: string;
  readonly id: string;
  readonly author: string;
  /** `9:e2a7...`; empty where it has none. */
  readonly checksum: string;
  readonly description: string;
  /** What it is made of, as Liquibase writes it: `createTable tableName=a; sql`; empty where it does not say. */
  readonly changes: string;
  /** What runs, without Liquibase's own bookkeeping. */
  readonly sql: string;
}

/**
 * Each changeset ends with the statement that writes its own row down; only behind one the next may begin, so that no
 * comment in a changeset passes for another one. Null where the text is of another make.
 */
export const readUpdateSql = (text: string, table: string): readonly Changeset[] | null => {
  const changesets: Changeset[] = [];
  const rows = rowsIn(text, table);
  let at = 0;
  for (;;) {
    const header = headerIn(text, at);
    const between = text.slice(at, header?.start ?? text.length);
    if (!isBookkeeping(between, table)) return null;
    if (header === null) return changesets;
    const row = rows.find(({ start, values }) => start >= header.end && scriptOf(values) === header.script);
    if (!row) return null;
    changesets.push({
      script: header.script,
      file: row.values.get("FILENAME") ?? "",
      id: row.values.get("ID") ?? "",
      author: row.values.get("AUTHOR") ?? "",
      checksum: row.values.get("MD5SUM") ?? "",
      description: row.values.get("COMMENTS") || row.values.get("DESCRIPTION") || "",
      changes: row.values.get("DESCRIPTION") ?? "",
      sql: text.slice(header.end, row.start).trim(),
    });
    at = row.end;
  }
};

const literally = (name: string): string => name.replaceAll(/\W/g, "\\$&");

const headerIn = (
  text: string,
  from: number,
): { readonly script: string; readonly start: number; readonly end: number } | null => {
  const pattern = /^-- Changeset (.+::.+::.+)\r?$/gm;
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  return found?.[1] === undefined
    ? null
    : { script: found[1].trim(), start: found.index, end: pattern.lastIndex };
};

const scriptOf = (values: ReadonlyMap<string, string>): string =>
  ["FILENAME", "ID", "AUTHOR"].map((column) => values.get(column) ?? "").join("::");

interface RowStatement {
  readonly start: number;
  readonly end: number;
  /** Column -> value. */
  readonly values: ReadonlyMap<string, string>;
}

const VALUE = String.raw`(?:'(?:[^']|'')*'|NULL|NOW\(\)|-?\d+)`;

const rowsIn = (text: string, table: string): readonly RowStatement[] => {
  const name = String.raw`(?:"?[\w$]+"?\.)?"?${literally(table)}"?`;
  const insert = String.raw`^INSERT INTO ${name} \(([A-Z0-9_, ]+)\) VALUES \((${VALUE}(?:, ${VALUE})*)\);`;
  const pair = String.raw`[A-Z0-9_]+ = ${VALUE}`;
  const update = String.raw`^UPDATE ${name} SET (${pair}(?:, ${pair})* WHERE ${pair}(?: AND ${pair})*);`;
  return [...text.matchAll(new RegExp(`${insert}|${update}`, "gim"))].map((found) => {
    const [whole, columns, values, pairs] = found;
    return {
      start: found.index,
      end: found.index + whole.length,
      values: pairs === undefined ? inserted(columns ?? "", values ?? "") : updated(pairs),
    };
  });
};

const inserted = (columns: string, values: string): ReadonlyMap<string, string> => {
  const given = values.match(new RegExp(VALUE, "g")) ?? [];
  return new Map(columns.split(",").map((column, index) => [column.trim(), plain(given[index])]));
};

const updated = (pairs: string): ReadonlyMap<string, string> =>
  new Map(
    [...pairs.matchAll(new RegExp(`([A-Z0-9_]+) = (${VALUE})`, "g"))].map(([, column = "", value]) => [
      column,
      plain(value),
    ]),
  );

const plain = (value = ""): string => {
  if (value.startsWith("'")) return value.slice(1, -1).replaceAll("''", "'");
  return value === "NULL" ? "" : value;
};

/** Comments, and statements on Liquibase's own two tables. */
const isBookkeeping = (text: string, table: string): boolean => {
  const own = `(?:"?[\\w$]+"?\\.)?"?(?:${literally(table)}|databasechangeloglock)"?`;
  const statement = `(?:CREATE TABLE|DELETE FROM|INSERT INTO|UPDATE|ALTER TABLE) ${own}\\b[^;]*|SET SEARCH_PATH TO [^;]*`;
  const rest = text
    .replaceAll(/^--.*$/gm, "")
    .replaceAll(new RegExp(`^(?:${statement});[ \\t]*\\r?$`, "gim"), "");
  return rest.trim() === "";
};
