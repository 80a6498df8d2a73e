import { mkdir } from "node:fs/promises";
import { Kysely, type PGlite, PGliteDialect, PostgresDialect } from "kysely";
import { PlumblineError } from "../model/errors.ts";
import { asDatabaseError } from "./database-errors.ts";
import { lockDirectory } from "./database-lock.ts";
import { migrate } from "./database-migrate.ts";
import { PARSERS } from "./database-parsers.ts";
import { openDatabaseProcess } from "./database-process.ts";
import type { Tables } from "./database-tables.ts";

/** One dialect, two homes: PGlite in a directory, or a PostgreSQL server. Migrated when it is handed out. */
export interface Database {
  readonly kysely: Kysely<Tables>;
  /** PGlite: this process is the only one that uses it, over one connection. */
  readonly embedded: boolean;
  close(): Promise<void>;
}

/**
 * `url`: a PostgreSQL server; null: PGlite under `dataDir`, or in memory where that is null too.
 * Fails with `database-unavailable`, `database-locked`, `database-newer` or `not-writable`.
 */
export const openDatabase = async (place: {
  readonly url: string | null;
  readonly dataDir: string | null;
  /** In memory only: an image of a fresh PGlite to start from, which takes a quarter of the time. */
  readonly image?: Blob;
  /** Migrated no further than this, for rows that an older version wrote. */
  readonly upTo?: string;
}): Promise<Database> => {
  const { url, dataDir, image, upTo } = place;
  const database = url === null ? await openEmbedded(dataDir, image) : await openServer(url);
  try {
    await migrate(database, upTo);
    return database;
  } catch (thrown) {
    await database.close();
    throw asDatabaseError(thrown);
  }
};

const openServer = async (connectionString: string): Promise<Database> => {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString,
    max: 10,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: "plumbline",
    types: { getTypeParser: (oid, format) => PARSERS[oid] ?? pg.types.getTypeParser(oid, format) },
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => {});
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { kysely, embedded: false, close: () => kysely.destroy() };
};

const openEmbedded = async (dataDir: string | null, image: Blob | undefined): Promise<Database> => {
  const directory = dataDir === null ? null : await preparedDirectory(dataDir);
  const unlock = directory === null ? () => {} : lockDirectory(directory);
  try {
    const pglite = directory === null ? await openInMemory(image) : await openDatabaseProcess(directory);
    const kysely = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
    const close = async (): Promise<void> => {
      if (!pglite.closed) await pglite.close();
      await kysely.destroy();
      unlock();
    };
    return { kysely, embedded: true, close };
  } catch (thrown) {
    unlock();
    throw asDatabaseError(thrown);
  }
};

const openInMemory = async (image: Blob | undefined): Promise<PGlite> => {
  const { PGlite } = await import("@electric-sql/pglite");
  return PGlite.create({ ...(image ? { loadDataDir: image } : {}), parsers: PARSERS });
};

const preparedDirectory = async (dataDir: string): Promise<string> => {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return dataDir;
  } catch (cause) {
    throw new PlumblineError("not-writable", `${dataDir} cannot be written to.`, { cause });
  }
};
