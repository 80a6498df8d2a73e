import type { SchemaSnapshot } from "../model/migration.ts";
import type { Target } from "./pg-session.ts";

/**
 * A schema with its views in the words of others where both mean the same: servers of different versions write one view
 * in different words, and so does one server that is given its own words again.
 */
export const inWordsOf = async (
  scratch: Target,
  schema: SchemaSnapshot,
  others: readonly SchemaSnapshot[],
): Promise<SchemaSnapshot> =>
  inWords(schema, await rewriteViews(scratch, viewsApart(schema, others), others));

/** Views in other words than somewhere else, or that are nowhere else: address -> their text. */
export const viewsApart = (
  schema: SchemaSnapshot,
  others: readonly SchemaSnapshot[],
): ReadonlyMap<string, string> =>
  new Map(
    [...schema].flatMap(([address, { definition }]) =>
      /^(materialized )?view /.test(address) &&
      typeof definition === "string" &&
      others.some((other) => other.get(address)?.["definition"] !== definition)
        ? [[address, definition] as const]
        : [],
    ),
  );

/** A schema with other words for its views. */
export const inWords = (schema: SchemaSnapshot, words: ReadonlyMap<string, string>): SchemaSnapshot =>
  new Map(
    [...schema].map(([address, object]) => {
      const definition = words.get(address);
      return [address, definition === undefined ? object : { ...object, definition }];
    }),
  );

/**
 * The words of the first of `others` that means the same by this server's own reading, else those in which it would
 * write the view. One that cannot be made there keeps its text.
 */
export const rewriteViews = async (
  scratch: Target,
  views: ReadonlyMap<string, string>,
  others: readonly SchemaSnapshot[],
): Promise<ReadonlyMap<string, string>> => {
  const theirs = (address: string): readonly string[] =>
    others.flatMap((other) => {
      const text = other.get(address)?.["definition"];
      return typeof text === "string" ? [text] : [];
    });
  const texts = [...views].flatMap(([address, text]) => [text, ...theirs(address)]);
  const read = await readViews(scratch, [...new Set(texts)]);
  return new Map(
    [...views].map(([address, text]) => {
      const own = read.get(text) ?? null;
      const alike = own === null ? undefined : theirs(address).find((other) => read.get(other) === own);
      return [address, alike ?? own ?? text];
    }),
  );
};

/** Texts of views -> how the server writes them; null where it cannot make them. */
const readViews = async (
  scratch: Target,
  texts: readonly string[],
): Promise<ReadonlyMap<string, string | null>> => {
  if (texts.length === 0) return new Map();
  await scratch.run("begin");
  try {
    await scratch.run(READER);
    const rows = await scratch.query(
      "select pg_temp.plumbline_words(text) as words from jsonb_array_elements_text($1::jsonb) with ordinality e (text, nth) order by nth",
      [JSON.stringify(texts.map((text) => text.replace(/;\s*$/, "")))],
    );
    return new Map(texts.map((text, index) => [text, (rows[index]?.["words"] ?? null) as string | null]));
  } finally {
    await scratch.run("rollback");
  }
};

// All in one question: each view is taken back by the exception, and the variable outlives that.
const READER = `set local role none; set local search_path = pg_catalog;
create function pg_temp.plumbline_words(text text) returns text language plpgsql as $words$
declare words text;
begin
  execute 'create view public.plumbline_probe as ' || text;
  words := pg_get_viewdef('public.plumbline_probe'::regclass);
  raise exception 'taken back';
exception when others then
  return words;
end $words$`;
