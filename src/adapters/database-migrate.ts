import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { PlumblineError } from "../model/errors.ts";
import type { Tables } from "./database-tables.ts";
import * as ledger from "./migration-0001-ledger.ts";

/** Numbered, forward only. A name is never changed once it was released. */
const MIGRATIONS: { readonly [name: string]: Migration } = { "0001-ledger": ledger };

/** Brings the schema up to this version, one process at a time. Fails with `database-newer` and then changes nothing. */
export const migrate = async (database: { readonly kysely: Kysely<Tables> }): Promise<void> => {
  const migrator = new Migrator({
    db: database.kysely,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
    migrationTableName: "schema_migrations",
    migrationLockTableName: "schema_migrations_lock",
  });
  await refuseNewer(database.kysely);
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  // Another process may have brought a newer schema between the look and the lock.
  await refuseNewer(database.kysely);
  throw error;
};

const refuseNewer = async (kysely: Kysely<Tables>): Promise<void> => {
  const tables = await kysely.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === "schema_migrations")) return;
  const applied = await kysely
    .withTables<{ schema_migrations: { name: string } }>()
    .selectFrom("schema_migrations")
    .select("name")
    .orderBy("name")
    .execute();
  const unknown = applied.filter(({ name }) => !Object.hasOwn(MIGRATIONS, name));
  if (unknown.length === 0) return;
  throw new PlumblineError("database-newer", "The database was written by a newer Plumbline.", {
    detail: { migrations: unknown.map(({ name }) => name) },
  });
};
