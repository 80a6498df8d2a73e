import type { SealedStore } from "./artifacts-sealed.ts";
import { type BackupWriter, type Sink, writeBackup, writeParts } from "./backup-file.ts";
import type { Manifest } from "./backup-manifest.ts";
import { counters, rowsOf, tableShapes } from "./backup-tables.ts";
import type { Database } from "./database.ts";
import { asDatabaseError } from "./database-errors.ts";
import { appliedMigrations } from "./database-migrate.ts";
import { keyId } from "./instance.ts";
import { ledgerWithin } from "./ledger.ts";

/** What the database and the store cannot tell of themselves. */
export type BackupFacts = Pick<Manifest, "plumbline" | "createdAt" | "instance" | "freeze"> & {
  readonly keys: readonly Uint8Array[];
  /** Whether the keys themselves go into the file. */
  readonly withKey: boolean;
};

export interface BackupDone {
  /** Size and hash of the file. */
  readonly bytes: number;
  readonly sha256: string;
  readonly tables: Readonly<Record<string, number>>;
  readonly artifacts: number;
  /** The janitor removed so many while they were read. */
  readonly gone: number;
  readonly auditBrokenAt: number | null;
}

interface Records {
  readonly database: Database;
  readonly store: SealedStore;
}

/**
 * Writes all records to one file: the rows as they were at one moment, then the artifacts, which stay sealed. An
 * artifact is written before a row names it, so what the rows name is there. Memory holds one artifact at a time.
 */
export const createBackup = async (from: Records, path: string, facts: BackupFacts): Promise<BackupDone> => {
  const told: Told = {};
  const written = await writeBackup(path, (writer) => addAll(from, writer, facts, told));
  return { ...NOTHING, ...told.added, ...written };
};

/** The same to whoever reads it; `rowsDone` is called when the rows were read and the artifacts were not. */
export const streamBackup = async (
  from: Records,
  out: Sink & { rowsDone(): Promise<void> },
  facts: BackupFacts,
): Promise<BackupDone> => {
  const told: Told = {};
  const written = await writeParts(out, (writer) => addAll(from, writer, facts, told, out.rowsDone));
  return { ...NOTHING, ...told.added, ...written };
};

type Added = Omit<BackupDone, "bytes" | "sha256">;
interface Told {
  added?: Added;
}
const NOTHING: Added = { tables: {}, artifacts: 0, gone: 0, auditBrokenAt: null };

const addAll = async (
  from: Records,
  writer: BackupWriter,
  facts: BackupFacts,
  told: Told,
  rowsDone = async (): Promise<void> => {},
) => {
  const { tables, auditBrokenAt } = await addRows(from.database, writer, facts);
  await rowsDone();
  const added = await addArtifacts(from.store, writer);
  told.added = { tables, ...added, auditBrokenAt };
  return { tables, artifacts: added.artifacts };
};

const addRows = async (
  { kysely }: Database,
  writer: BackupWriter,
  facts: BackupFacts,
): Promise<{ tables: Record<string, number>; auditBrokenAt: number | null }> => {
  const snapshot = kysely.transaction().setIsolationLevel("repeatable read").setAccessMode("read only");
  try {
    return await snapshot.execute(async (transaction) => {
      const shapes = await tableShapes(transaction);
      const auditBrokenAt = await ledgerWithin(transaction).audit.verify();
      const manifest: Manifest = {
        plumbline: facts.plumbline,
        createdAt: facts.createdAt,
        instance: facts.instance,
        migrations: [...(await appliedMigrations(transaction))],
        tables: shapes.map(({ name, columns }) => ({ name, columns: [...columns] })),
        counters: [...(await counters(transaction))],
        auditBrokenAt,
        keyIds: facts.keys.map(keyId),
        keys: facts.withKey ? facts.keys.map((key) => Buffer.from(key).toString("hex")) : null,
        freeze: facts.freeze,
      };
      await writer.add({ part: "manifest" }, Buffer.from(JSON.stringify(manifest)), true);
      const tables: Record<string, number> = {};
      for (const shape of shapes) {
        tables[shape.name] = 0;
        for await (const rows of rowsOf(transaction, shape)) {
          await writer.add({ part: "rows", table: shape.name }, Buffer.from(rows.join("\n")), true);
          tables[shape.name] = (tables[shape.name] ?? 0) + rows.length;
        }
      }
      return { tables, auditBrokenAt };
    });
  } catch (thrown) {
    throw asDatabaseError(thrown);
  }
};

const addArtifacts = async (
  store: SealedStore,
  writer: BackupWriter,
): Promise<{ artifacts: number; gone: number }> => {
  let [artifacts, gone] = [0, 0];
  for await (const { key } of store.list("")) {
    const sealed = await store.get(key);
    if (sealed) await writer.add({ part: "artifact", key }, sealed, false);
    if (sealed) artifacts += 1;
    else gone += 1;
  }
  return { artifacts, gone };
};
