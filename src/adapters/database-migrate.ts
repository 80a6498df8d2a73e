import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { PlumblineError } from "../model/errors.ts";
import type { Tables } from "./database-tables.ts";
import * as ledger from "./migration-0001-ledger.ts";
import * as operators from "./migration-0002-operators.ts";
import * as replicas from "./migration-0003-replicas.ts";
import * as alerts from "./migration-0004-alerts.ts";
import * as runLogs from "./migration-0005-run-logs.ts";
import * as replicaKeys from "./migration-0006-replica-keys.ts";
import * as proposed from "./migration-0007-proposed.ts";
import * as migrations from "./migration-0008-migrations.ts";
import * as backfills from "./migration-0009-backfills.ts";
import * as owners from "./migration-0010-owners.ts";
import * as overview from "./migration-0011-overview.ts";
import * as backfillChecks from "./migration-0012-backfill-checks.ts";
import * as lockWaits from "./migration-0013-lock-waits.ts";

/** Numbered, forward only. A name is never changed once it was released. */
const MIGRATIONS: { readonly [name: string]: Migration } = {
  "0001-ledger": ledger,
  "0002-operators": operators,
  "0003-replicas": replicas,
  "0004-alerts": alerts,
  "0005-run-logs": runLogs,
  "0006-replica-keys": replicaKeys,
  "0007-proposed": proposed,
  "0008-migrations": migrations,
  "0009-backfills": backfills,
  "0010-owners": owners,
  "0011-overview": overview,
  "0012-backfill-checks": backfillChecks,
  "0013-lock-waits": lockWaits,
};

/** Names of all migrations that this version knows, in order. */
export const migrationNames = (): readonly string[] => Object.keys(MIGRATIONS).sort();

/**
 * Brings the schema up to this version, or to the migration `upTo` where it is not that far yet; one process at a time.
 * Fails with `database-newer` and then changes nothing.
 */
export const migrate = async (
  database: { readonly kysely: Kysely<Tables> },
  upTo: string | null = null,
): Promise<void> => {
  const migrator = new Migrator({
    db: database.kysely,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
    migrationTableName: "schema_migrations",
    migrationLockTableName: "schema_migrations_lock",
  });
  const applied = await refuseNewer(database.kysely);
  if (upTo !== null && applied.includes(upTo)) return;
  const { error } = await (upTo === null ? migrator.migrateToLatest() : migrator.migrateTo(upTo));
  if (error === undefined) return;
  // Another process may have brought a newer schema between the look and the lock.
  await refuseNewer(database.kysely);
  throw error;
};

/** Names of the migrations that the database has. */
export const appliedMigrations = async (kysely: Kysely<Tables>): Promise<readonly string[]> => {
  const tables = await kysely.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === "schema_migrations")) return [];
  const applied = await kysely
    .withTables<{ schema_migrations: { name: string } }>()
    .selectFrom("schema_migrations")
    .select("name")
    .orderBy("name")
    .execute();
  return applied.map(({ name }) => name);
};

const refuseNewer = async (kysely: Kysely<Tables>): Promise<readonly string[]> => {
  const applied = await appliedMigrations(kysely);
  const unknown = applied.filter((name) => !Object.hasOwn(MIGRATIONS, name));
  if (unknown.length === 0) return applied;
  throw new PlumblineError("database-newer", "The database was written by a newer Plumbline.", {
    detail: { migrations: unknown },
  });
};
