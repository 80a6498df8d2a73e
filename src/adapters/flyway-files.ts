import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { type MigrationFile, settingIn } from "../migration/resolve.ts";
import { PlumblineError } from "../model/errors.ts";

/** Every `.sql` file below a folder, with its settings and what takes it back beside it. @throws `sql-unreadable` */
export const readMigrationFiles = async (
  dir: string,
  shown: string,
  encoding = "UTF-8",
): Promise<readonly MigrationFile[]> => {
  const there = await stat(dir).catch(() => null);
  if (!there?.isDirectory()) throw new PlumblineError("sql-unreadable", `There is no folder ${shown}.`);
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".sql"))
    .map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.toSorted().map((path) => readMigration(dir, path, encoding)));
};

const readMigration = async (dir: string, path: string, encoding: string): Promise<MigrationFile> => {
  const shown = relative(dir, path).split(sep).join("/");
  const [bytes, settings, back] = await Promise.all([
    readFile(path),
    readFile(`${path}.conf`, "utf8").catch(() => null),
    readFile(`${path}.compensate`).catch(() => null),
  ]);
  const own = settingIn(settings, "encoding") ?? encoding;
  try {
    const compensation = back && decoded(back, own);
    return { path: shown, text: decoded(bytes, own), settings, compensation };
  } catch (cause) {
    throw new PlumblineError("sql-unreadable", `${shown} is no ${own} text.`, { cause });
  }
};

const decoded = (bytes: Buffer, encoding: string): string => {
  // What the web means by this name is another one.
  if (/^(iso-?8859-1|latin-?1|us-ascii)$/i.test(encoding)) return bytes.toString("latin1");
  return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
};
