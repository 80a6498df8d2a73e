/** What the address of a snapshot names. */
export interface ObjectName {
  readonly kind: ObjectKind;
  /** Null for schemas and extensions. */
  readonly schema: string | null;
  readonly name: string;
  /** Of a routine, as the server writes its identity: `a integer, b text`. */
  readonly args: string | null;
}

/** In the order in which they are made where nothing else decides. */
export const OBJECT_KINDS = [
  "schema",
  "extension",
  "type",
  "sequence",
  "function",
  "procedure",
  "aggregate",
  "table",
  "foreign table",
  "view",
  "materialized view",
] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** Null where a dot or parenthesis inside a name leaves two readings. */
export const readAddress = (address: string, schemas: ReadonlySet<string>): ObjectName | null => {
  const kind = OBJECT_KINDS.find((each) => address.startsWith(`${each} `));
  if (!kind) return null;
  const rest = address.slice(kind.length + 1);
  if (kind === "schema" || kind === "extension") return { kind, schema: null, name: rest, args: null };
  const fitting = [...schemas].filter((schema) => rest.startsWith(`${schema}.`));
  const [schema] = fitting;
  if (schema === undefined || fitting.length > 1) return null;
  const own = rest.slice(schema.length + 1);
  if (kind !== "function" && kind !== "procedure" && kind !== "aggregate")
    return { kind, schema, name: own, args: null };
  const open = own.indexOf("(");
  return { kind, schema, name: own.slice(0, open), args: own.slice(open + 1, -1) };
};

/** As SQL writes it: `app.orders`, `app."order"`. */
export const sqlName = ({ schema, name }: Pick<ObjectName, "schema" | "name">): string =>
  schema === null ? identifier(name) : `${identifier(schema)}.${identifier(name)}`;

/** A name in quotes where it needs them. */
export const identifier = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : `"${name.replaceAll('"', '""')}"`;

/** A string constant, with standard_conforming_strings as every supported server has it. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Every qualified name in a text that the server wrote, as `schema.name` without quotes. */
export const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(QUALIFIED)].map(([, schema = "", name = ""]) => `${plain(schema)}.${plain(name)}`);

const QUALIFIED = /("(?:[^"]|"")+"|[a-z_][a-z0-9_]*)\.("(?:[^"]|"")+"|[a-z_][a-z0-9_]*)/g;

/** A name as the server wrote it, without its quotes. */
export const plain = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;

/** Whether a text holds a column's name, qualified or not. */
export const mentionsColumn = (text: string, column: string): boolean => {
  const name = identifier(column);
  if (name.startsWith('"')) return text.includes(name);
  return new RegExp(`(?<![\\w$"])${name}(?![\\w$"])`).test(text) || text.includes(`"${column}"`);
};

// Words that may not stand as a name without quotes, by pg_get_keywords() of version 18.
const RESERVED: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast
  char character check coalesce collate collation column concurrently constraint create cross current_catalog
  current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
  desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group
  grouping having ilike in initially inner inout int integer intersect interval into is isnull join json json_array
  json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value
  lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize not
  notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary real
  references returning right row select session_user setof similar smallint some substring symmetric system_user table
  tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose
  when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
  xmlserialize xmltable`.split(/\s+/),
);
