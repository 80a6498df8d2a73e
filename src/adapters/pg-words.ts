import type { SchemaSnapshot } from "../model/migration.ts";
import type { Target } from "./pg-session.ts";

/**
 * The live schema as the scratch server would write it: servers of different versions write one view in different
 * words. `version` is the live server's, `others` what it is compared with.
 */
export const inWordsOf = async (
  scratch: Target,
  version: number,
  live: SchemaSnapshot,
  others: readonly SchemaSnapshot[],
): Promise<SchemaSnapshot> =>
  scratch.version === version ? live : inWords(live, await rewriteViews(scratch, viewsApart(live, others)));

/** Views that are there on both sides in different words: address -> the live ones. */
export const viewsApart = (
  live: SchemaSnapshot,
  others: readonly SchemaSnapshot[],
): ReadonlyMap<string, string> =>
  new Map(
    [...live].flatMap(([address, { definition }]) =>
      /^(materialized )?view /.test(address) &&
      typeof definition === "string" &&
      others.some((other) => other.has(address) && other.get(address)?.["definition"] !== definition)
        ? [[address, definition] as const]
        : [],
    ),
  );

/** A schema with other words for its views. */
export const inWords = (live: SchemaSnapshot, words: ReadonlyMap<string, string>): SchemaSnapshot =>
  new Map(
    [...live].map(([address, object]) => {
      const definition = words.get(address);
      return [address, definition === undefined ? object : { ...object, definition }];
    }),
  );

// A view that cannot be made there keeps its text.
export const rewriteViews = async (
  scratch: Target,
  views: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> => {
  const rewritten = new Map<string, string>();
  for (const [address, definition] of views) {
    await scratch.run("begin");
    try {
      await scratch.run(`create view public.plumbline_probe as ${definition.replace(/;\s*$/, "")}`);
      const [row] = await scratch.query("select pg_get_viewdef('public.plumbline_probe'::regclass) as text");
      rewritten.set(address, String(row?.["text"]));
    } catch {
      rewritten.set(address, definition);
    } finally {
      await scratch.run("rollback");
    }
  }
  return rewritten;
};
