import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openStore } from "../adapters/artifacts-open.ts";
import { createBackup, keyId } from "../adapters/backup-create.ts";
import { systemClock } from "../adapters/clock.ts";
import { openDatabase } from "../adapters/database.ts";
import { openInstance } from "../adapters/instance.ts";
import { freezeFile } from "../run/freeze-switch.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";
import { recordsPlace } from "./open-records.ts";
import { ownVersion } from "./version.ts";

/** `plumbline backup create FILE`: 2 where the audit chain of the system does not hold; the file is written all the same. */
export const backupCreate = async (call: Call): Promise<number> => {
  const file = call.args[0] ?? "";
  const withKey = call.options["with-key"] === true;
  const place = await recordsPlace(call);
  const { id, keys } = await openInstance(place.dataDir, place.keys);
  const database = await openDatabase({ url: place.databaseUrl, dataDir: join(place.dataDir, "database") });
  try {
    const done = await createBackup(
      { database, store: await openStore(place, place.env) },
      resolve(call.cwd, file),
      {
        plumbline: await ownVersion(),
        createdAt: systemClock.now().toISOString(),
        instance: id,
        freeze: await readFile(freezeFile(place.dataDir), "utf8").catch(() => null),
        keys,
        withKey,
      },
    );
    if (call.json) printJson(call, { file, withKey, keyIds: keys.map(keyId), ...done });
    else
      call.out(
        told(file, done, withKey)
          .map((line) => `${printable(line)}\n`)
          .join(""),
      );
    return done.auditBrokenAt === null ? EXIT.done : EXIT.somethingToSay;
  } finally {
    await database.close();
  }
};

const told = (
  file: string,
  done: Awaited<ReturnType<typeof createBackup>>,
  withKey: boolean,
): readonly string[] => [
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
