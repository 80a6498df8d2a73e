import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openStore } from "../adapters/artifacts-open.ts";
import { askForBackup } from "../adapters/backup-ask.ts";
import { type BackupDone, type BackupFacts, createBackup } from "../adapters/backup-create.ts";
import { systemClock } from "../adapters/clock.ts";
import { type Database, openDatabase } from "../adapters/database.ts";
import { keyId, openInstance } from "../adapters/instance.ts";
import { PlumblineError } from "../model/errors.ts";
import { freezeFile } from "../run/freeze-switch.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";
import { type RecordsPlace, recordsPlace } from "./open-records.ts";
import { ownVersion } from "./version.ts";

/**
 * `plumbline backup create FILE`: 2 where the audit chain of the system does not hold; the file is written all the same.
 * Where a service runs on the embedded database, it reads its records, and this process writes the file.
 */
export const backupCreate = async (call: Call): Promise<number> => {
  const file = call.args[0] ?? "";
  const withKey = call.options["with-key"] === true;
  const place = await recordsPlace(call);
  const { id, keys } = await openInstance(place.dataDir, place.keys);
  const path = resolve(call.cwd, file);
  const done = await madeHere(place, path, {
    plumbline: await ownVersion(),
    createdAt: systemClock.now().toISOString(),
    instance: id,
    freeze: await readFile(freezeFile(place.dataDir), "utf8").catch(() => null),
    keys,
    withKey,
  });
  if (call.json) printJson(call, { file, withKey, keyIds: keys.map(keyId), ...done });
  else
    call.out(
      told(file, done, withKey)
        .map((line) => `${printable(line)}\n`)
        .join(""),
    );
  return done.auditBrokenAt === null ? EXIT.done : EXIT.somethingToSay;
};

const madeHere = async (place: RecordsPlace, path: string, facts: BackupFacts): Promise<BackupDone> => {
  const database = await openedHere(place);
  if (database === null) {
    const key = facts.withKey ? (facts.keys[0] ?? null) : null;
    const done = await askForBackup(place.dataDir, path, key);
    if (done !== null) return done;
    throw new PlumblineError("database-locked", `Another process uses ${place.dataDir} and does not answer.`);
  }
  try {
    return await createBackup({ database, store: await openStore(place, place.env) }, path, facts);
  } finally {
    await database.close();
  }
};

/** Null where a process has the embedded database already. */
const openedHere = async ({ databaseUrl: url, dataDir }: RecordsPlace): Promise<Database | null> => {
  try {
    return await openDatabase({ url, dataDir: join(dataDir, "database") });
  } catch (thrown) {
    if (thrown instanceof PlumblineError && thrown.code === "database-locked") return null;
    throw thrown;
  }
};

const told = (file: string, done: BackupDone, withKey: boolean): readonly string[] => [
  `${file}: ${sum(done.tables)} rows and ${done.artifacts} artifacts, ${done.bytes} bytes, sha256 ${done.sha256}.`,
  ...(done.gone > 0 ? [`${done.gone} artifacts were removed by the janitor meanwhile.`] : []),
  withKey
    ? "The file holds the key that opens the artifacts: keep it like a password."
    : "The key that opens the artifacts is not in the file: keep `key` of the data folder, or `keys`, beside it.",
  ...(done.auditBrokenAt === null
    ? []
    : [
        `The audit of this system does not hold from entry ${done.auditBrokenAt} on; the backup has it as it is.`,
      ]),
];

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, one) => all + one, 0);
