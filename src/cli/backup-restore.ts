import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openStore } from "../adapters/artifacts-open.ts";
import type { Manifest } from "../adapters/backup-manifest.ts";
import { restoreBackup, schemaOf, verifyBackup } from "../adapters/backup-restore.ts";
import { systemClock } from "../adapters/clock.ts";
import { openDatabase } from "../adapters/database.ts";
import { keepKeys, keptKeys, keyId, openInstance } from "../adapters/instance.ts";
import type { Json } from "../model/json.ts";
import type { Ledger } from "../ports/ledger.ts";
import { freezeFile, readSwitches, writeSwitches } from "../run/freeze-switch.ts";
import { settleRestored } from "../run/settle-restored.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";
import { newRecordsPlace, type RecordsPlace } from "./open-records.ts";

/** `match`: the system opens the artifacts; `restored`: by the backup's own key; `missing`: it has none; `differ`: not. */
type Keys = "match" | "restored" | "missing" | "differ";

/**
 * `plumbline backup restore FILE`: the whole file is checked before anything is written, and only an empty system takes
 * it. 2 where something is left to do: keys that do not fit, runs in doubt, an audit that was broken before.
 */
export const backupRestore = async (call: Call): Promise<number> => {
  const file = call.args[0] ?? "";
  const path = resolve(call.cwd, file);
  const look = await verifyBackup(path);
  const place = await newRecordsPlace(call);
  const database = await openDatabase({
    url: place.databaseUrl,
    dataDir: join(place.dataDir, "database"),
    upTo: schemaOf(look.manifest),
  });
  let inDoubt: readonly string[] = [];
  try {
    await restoreBackup(
      path,
      look,
      { database, store: await openStore(place, place.env) },
      async (ledger) => {
        inDoubt = await settleRestored(ledger, { at: systemClock.now(), ...look.manifest });
        await putFreeze(ledger, place, look.manifest);
      },
    );
  } finally {
    await database.close();
  }
  const keys = await fitKeys(place, look.manifest);
  const { auditBrokenAt } = look.manifest;
  const { tables, artifacts } = look;
  if (call.json) printJson(call, { file, tables, artifacts: artifacts.size, keys, inDoubt, auditBrokenAt });
  else {
    const rows = Object.values(tables).reduce((all, one) => all + one, 0);
    const lines = [
      `${file}: ${rows} rows and ${artifacts.size} artifacts are restored.`,
      KEYS[keys],
      ...(inDoubt.length === 0 ? [] : [`In doubt, to be looked at by the service: ${inDoubt.join(", ")}.`]),
      ...(auditBrokenAt === null
        ? []
        : [`The audit did not hold from entry ${auditBrokenAt} on, as before.`]),
    ];
    call.out(lines.map((line) => `${printable(line)}\n`).join(""));
  }
  const well = inDoubt.length === 0 && auditBrokenAt === null && (keys === "match" || keys === "restored");
  return well ? EXIT.done : EXIT.somethingToSay;
};

const KEYS: Readonly<Record<Keys, string>> = {
  match: "The key of this system opens the artifacts.",
  restored: "The key came with the backup and lies in the data folder.",
  missing:
    "This system has no key yet, and the backup holds none: put the old `key` into the data folder, or the old keys into PLUMBLINE_KEY, before you start it. Else no artifact can be read.",
  differ:
    "The keys of this system do not open all artifacts of the backup: add the old key behind the new one (PLUMBLINE_KEY, or a second line of `key` in the data folder).",
};

const fitKeys = async (place: RecordsPlace, manifest: Manifest): Promise<Keys> => {
  const own = place.keys.length > 0 ? place.keys : await keptKeys(place.dataDir);
  if (own.length === 0 && manifest.keys === null) return "missing";
  if (own.length === 0 && manifest.keys !== null) {
    await keepKeys(
      place.dataDir,
      manifest.keys.map((key) => Buffer.from(key, "hex")),
    );
    await openInstance(place.dataDir, []);
    return "restored";
  }
  await openInstance(place.dataDir, own);
  return manifest.keyIds.every((id) => own.some((key) => keyId(key) === id)) ? "match" : "differ";
};

/** A freeze is put where `plumbline freeze off` lifts it here: beside an embedded database, else in it. */
const putFreeze = async (ledger: Ledger, place: RecordsPlace, { freeze }: Manifest): Promise<void> => {
  const kept = (await ledger.meta.get("freeze")) ?? [];
  const beside = freeze === null ? [] : (JSON.parse(freeze) as Json);
  const switches = writeSwitches([...readSwitches(beside), ...readSwitches(kept)]);
  if (!Array.isArray(switches) || switches.length === 0) return;
  if (place.databaseUrl !== null) return ledger.meta.set("freeze", switches);
  await mkdir(place.dataDir, { recursive: true, mode: 0o700 });
  await writeFile(freezeFile(place.dataDir), JSON.stringify(switches), { mode: 0o600 });
  await ledger.meta.set("freeze", []);
};
