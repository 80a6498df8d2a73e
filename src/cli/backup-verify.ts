import { resolve } from "node:path";
import { verifyBackup } from "../adapters/backup-restore.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";

/** `plumbline backup verify FILE`: fails with `backup-corrupt` or `backup-newer`; opens no database. */
export const backupVerify = async (call: Call): Promise<number> => {
  const file = call.args[0] ?? "";
  const { manifest, tables, artifacts } = await verifyBackup(resolve(call.cwd, file));
  const { plumbline, createdAt, instance, keyIds, auditBrokenAt } = manifest;
  const withKey = manifest.keys !== null;
  if (call.json)
    printJson(call, {
      ...{ file, ok: true, plumbline, createdAt, instance, withKey, keyIds, auditBrokenAt },
      tables,
      artifacts: artifacts.size,
    });
  else {
    const rows = Object.values(tables).reduce((all, one) => all + one, 0);
    const what = `${rows} rows and ${artifacts.size} artifacts of ${createdAt}, by Plumbline ${plumbline}`;
    call.out(`${printable(`${file}: in order. ${what}, ${withKey ? "with" : "without"} the key.`)}\n`);
  }
  return EXIT.done;
};
