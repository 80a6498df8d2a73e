import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { MigrationFile } from "../migration/resolve.ts";
import { PlumblineError } from "../model/errors.ts";

/** Every `.sql` file below a folder, with the settings beside it. @throws `sql-unreadable` */
export const readMigrationFiles = async (dir: string, shown: string): Promise<readonly MigrationFile[]> => {
  const there = await stat(dir).catch(() => null);
  if (!there?.isDirectory()) throw new PlumblineError("sql-unreadable", `There is no folder ${shown}.`);
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".sql"))
    .map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.toSorted().map((path) => readMigration(dir, path)));
};

const readMigration = async (dir: string, path: string): Promise<MigrationFile> => {
  const shown = relative(dir, path).split(sep).join("/");
  const [bytes, settings] = await Promise.all([
    readFile(path),
    readFile(`${path}.conf`, "utf8").catch(() => null),
  ]);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { path: shown, text, settings };
  } catch (cause) {
    throw new PlumblineError("sql-unreadable", `${shown} is no UTF-8 text.`, { cause });
  }
};
