import type { Kysely, Selectable } from "kysely";
import type { DatabaseBackend, MigrationState } from "../model/migration.ts";
import type { MigrationRows, MigrationStepRow } from "../ports/ledger-migrations.ts";
import type { Tables } from "./database-tables.ts";
import { textOrNull, together, valueOrNull } from "./ledger-values.ts";

export const migrationRows = (kysely: Kysely<Tables>): MigrationRows => ({
  put: (rows) =>
    together(kysely, async (transaction) => {
      for (const row of rows) await put(transaction, row);
    }),
  of: async (run) => {
    const rows = await kysely
      .selectFrom("migration_steps")
      .selectAll()
      .where("run", "=", run)
      .orderBy("at")
      .orderBy("statement")
      .execute();
    return rows.map(stepOf);
  },
  past: (script, checksum, limit) =>
    kysely
      .selectFrom("migration_steps")
      .select(["workspace", "milliseconds", "at"])
      .where("script", "=", script)
      .where("checksum", "=", checksum)
      .where("statement", "=", 0)
      .where("state", "in", ["applied", "verifying", "verified"])
      .orderBy("at", "desc")
      .limit(limit)
      .execute(),
});

const put = async (kysely: Kysely<Tables>, row: MigrationStepRow): Promise<void> => {
  const { run, script, statement, backend, ...rest } = row;
  const values = { ...rest, backend: textOrNull(backend) };
  await kysely
    .insertInto("migration_steps")
    .values({ run, script, statement, ...values })
    .onConflict((conflict) => conflict.columns(["run", "script", "statement"]).doUpdateSet(values))
    .execute();
};

const stepOf = (row: Selectable<Tables["migration_steps"]>): MigrationStepRow => ({
  ...row,
  state: row.state as MigrationState,
  backend: valueOrNull<DatabaseBackend>(row.backend),
});
