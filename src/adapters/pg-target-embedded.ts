import { homedir } from "node:os";
import { join } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import { PlumblineError } from "../model/errors.ts";
import { freshImage, seedDatabase } from "./database-seed.ts";
import type { Row, Target } from "./pg-session.ts";

/**
 * PostgreSQL inside this process; `directory` empty: in memory. Without `extensions`, whose loading takes half as long
 * as the rest of the start, none can be created.
 */
export const openEmbeddedTarget = async (directory: string, extensions = true): Promise<Target> => {
  try {
    const { PGlite } = await import("@electric-sql/pglite");
    const cache = join(homedir(), ".cache", "plumbline");
    if (directory !== "") await seedDatabase(directory, cache);
    const image = directory === "" ? await freshImage(cache) : null;
    const pglite = await PGlite.create({
      ...(directory === "" ? {} : { dataDir: directory }),
      ...(image ? { loadDataDir: image } : {}),
      // In memory each piece of a log that is filled with zeros first is copied many times.
      ...(directory === "" ? { startParams: [...PGlite.defaultStartParams, "-c", "wal_init_zero=off"] } : {}),
      ...(extensions ? { extensions: await contributed() } : {}),
    });
    return await targetOf(pglite, directory === "" ? "memory" : directory);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new PlumblineError("database-unavailable", `PGlite does not start: ${why}.`, { cause: thrown });
  }
};

const targetOf = async (pglite: PGlite, place: string): Promise<Target> => {
  const query = async (text: string, values: readonly unknown[] = []): Promise<readonly Row[]> =>
    (await pglite.query<Row>(text, [...values])).rows;
  const [shown] = await query("show server_version_num");
  return {
    place: `pglite:${place}`,
    version: Math.floor(Number(shown?.["server_version_num"]) / 10_000),
    query,
    run: async (text) => changedBy((await pglite.exec(text)).at(-1)),
    copy: async (text, rows) => {
      const from = text.replace(/\bfrom\s+stdin\b/i, "FROM '/dev/blob'");
      return changedBy(await pglite.query(from, [], { blob: new Blob([rows]) }));
    },
    close: async () => {
      if (!pglite.closed) await pglite.close();
    },
  };
};

/** Without returned rows 0 may also mean a statement that changes none. */
const changedBy = (result: { readonly affectedRows?: number } | undefined): number | null =>
  result?.affectedRows || null;

// CREATE EXTENSION finds these.
const contributed = async () => {
  const [pgcrypto, uuid, citext, hstore, trgm, gin, gist, ltree, unaccent, tablefunc] = await Promise.all([
    import("@electric-sql/pglite/contrib/pgcrypto"),
    import("@electric-sql/pglite/contrib/uuid_ossp"),
    import("@electric-sql/pglite/contrib/citext"),
    import("@electric-sql/pglite/contrib/hstore"),
    import("@electric-sql/pglite/contrib/pg_trgm"),
    import("@electric-sql/pglite/contrib/btree_gin"),
    import("@electric-sql/pglite/contrib/btree_gist"),
    import("@electric-sql/pglite/contrib/ltree"),
    import("@electric-sql/pglite/contrib/unaccent"),
    import("@electric-sql/pglite/contrib/tablefunc"),
  ]);
  return {
    ...pgcrypto,
    ...uuid,
    ...citext,
    ...hstore,
    ...trgm,
    ...gin,
    ...gist,
    ...ltree,
    ...unaccent,
    ...tablefunc,
  };
};
