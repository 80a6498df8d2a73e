import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Whether some changeset below a folder may run without a transaction; what cannot be read counts as one. */
export const changesOutsideTransactions = async (dir: string): Promise<boolean> => {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const text = await readFile(join(entry.parentPath, entry.name), "utf8").catch(() => null);
    if (text === null || /runInTransaction/i.test(text)) return true;
  }
  return false;
};
