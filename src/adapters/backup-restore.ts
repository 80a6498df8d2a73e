import type { Kysely } from "kysely";
import { PlumblineError } from "../model/errors.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { SealedStore } from "./artifacts-sealed.ts";
import { readBackup } from "./backup-file.ts";
import { type Manifest, readManifest } from "./backup-manifest.ts";
import { corrupt } from "./backup-parts.ts";
import { filledTable, insertRows, setCounters } from "./backup-tables.ts";
import type { Database } from "./database.ts";
import { asDatabaseError } from "./database-errors.ts";
import { appliedMigrations, migrate, migrationNames } from "./database-migrate.ts";
import type { Tables } from "./database-tables.ts";
import { ledgerWithin } from "./ledger.ts";
import { oneAfterAnother } from "./ledger-values.ts";

export interface BackupLook {
  readonly manifest: Manifest;
  readonly tables: Readonly<Record<string, number>>;
  /** Keys of all artifacts that the file holds. */
  readonly artifacts: ReadonlySet<string>;
}

/** Reads a whole backup and holds every part against its hash; writes nothing. Fails as `readBackup` does. */
export const verifyBackup = async (path: string): Promise<BackupLook> => {
  let manifest: Manifest | null = null;
  const tables: Record<string, number> = {};
  const artifacts = new Set<string>();
  for await (const { kind, content } of readBackup(path)) {
    if (kind.part === "manifest") {
      manifest = readManifest(content);
      for (const { name } of manifest.tables) tables[name] = 0;
    } else if (!manifest) throw corrupt("its first part is no manifest");
    else if (kind.part === "rows")
      tables[tableOf(kind)] = (tables[tableOf(kind)] ?? 0) + linesOf(content).length;
    else if (kind.part === "artifact" && kind.key !== undefined) artifacts.add(kind.key);
  }
  if (!manifest) throw corrupt("it is empty");
  return { manifest, tables, artifacts };
};

/** Opens the database at the backup's own schema, so that later migrations change its rows as they changed others. */
export const schemaOf = ({ migrations }: Manifest): string => migrations.toSorted().at(-1) ?? "";

/**
 * Restores a backup that `verifyBackup` found in order into an empty database (opened up to `schemaOf`) and an empty
 * store. Artifacts come first and rows in one transaction, so what breaks off can be called again. `settle` works within
 * that transaction, after rows and audit chain were checked; for rows of an older version after they were migrated. Fails with `restore-not-empty` before anything is written.
 */
export const restoreBackup = async (
  path: string,
  look: BackupLook,
  to: { readonly database: Database; readonly store: SealedStore },
  settle: (ledger: Ledger) => Promise<void>,
): Promise<void> => {
  await refuseFilled(look, to);
  const isCurrent = schemaOf(look.manifest) === migrationNames().at(-1);
  for await (const { kind, content } of readBackup(path))
    if (kind.part === "artifact") await putArtifact(to.store, kind.key ?? "", content);
  try {
    await to.database.kysely.transaction().execute(async (transaction) => {
      await oneAfterAnother(transaction, "restore");
      await refuseRows(transaction);
      await putRows(transaction, path, look.manifest);
      const brokenAt = await ledgerWithin(transaction).audit.verify();
      if (brokenAt !== look.manifest.auditBrokenAt)
        throw corrupt(`its audit does not hold from entry ${String(brokenAt)} on`);
      if (isCurrent) await settle(ledgerWithin(transaction));
    });
    if (isCurrent) return;
    await migrate(to.database);
    await to.database.kysely.transaction().execute((transaction) => settle(ledgerWithin(transaction)));
  } catch (thrown) {
    throw asDatabaseError(thrown);
  }
};

const refuseFilled = async (
  { manifest, artifacts }: BackupLook,
  { database, store }: { readonly database: Database; readonly store: SealedStore },
): Promise<void> => {
  await refuseRows(database.kysely);
  const ahead = (await appliedMigrations(database.kysely)).filter(
    (name) => !manifest.migrations.includes(name),
  );
  if (ahead.length > 0)
    throw notEmpty(`the database has a newer schema (${ahead.join(", ")}) than the backup`);
  for await (const { key } of store.list(""))
    if (!artifacts.has(key)) throw notEmpty(`the artifact store holds ${key}`);
};

const refuseRows = async (kysely: Kysely<Tables>): Promise<void> => {
  const filled = await filledTable(kysely);
  if (filled !== null) throw notEmpty(`the database holds rows in the table ${filled}`);
};

const notEmpty = (what: string): PlumblineError =>
  new PlumblineError("restore-not-empty", `Nothing was restored: ${what}.`);

/** The same bytes may lie there from a restore that broke off. */
const putArtifact = async (store: SealedStore, key: string, sealed: Uint8Array): Promise<void> => {
  if (await store.putOnce(key, sealed)) return;
  const there = await store.get(key);
  if (!there || !Buffer.from(sealed).equals(there)) throw notEmpty(`the artifact store holds another ${key}`);
};

const putRows = async (transaction: Kysely<Tables>, path: string, manifest: Manifest): Promise<void> => {
  for await (const { kind, content } of readBackup(path)) {
    if (kind.part !== "rows") continue;
    const shape = manifest.tables.find(({ name }) => name === tableOf(kind));
    if (!shape) throw corrupt(`its manifest does not know the table ${tableOf(kind)}`);
    await insertRows(transaction, shape, linesOf(content));
  }
  await setCounters(transaction, manifest.counters);
};

const tableOf = ({ table }: { readonly table?: string }): string => table ?? "";
const linesOf = (content: Uint8Array): readonly string[] => Buffer.from(content).toString().split("\n");
