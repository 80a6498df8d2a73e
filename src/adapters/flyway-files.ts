import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { isSqlFile, readMigrationName } from "../migration/names.ts";
import { type MigrationFile, settingIn } from "../migration/resolve.ts";
import { strayReason } from "../migration/stray.ts";
import { undecodable } from "../migration/undecodable.ts";
import { PlumblineError } from "../model/errors.ts";
import type { PassedOver } from "../model/migration.ts";

/** What a folder of migrations holds. */
export interface ReadFolder {
  readonly files: readonly MigrationFile[];
  /** Named nearly like migrations; no run takes them. */
  readonly strays: readonly PassedOver[];
  /** Symbolic links with names of migrations, relative to the folder: Flyway would run what they point to. */
  readonly links: readonly string[];
}

/** Every `.sql` file below a folder, with its settings and what takes it back beside it. @throws `sql-unreadable` */
export const readMigrationFolder = async (
  dir: string,
  shown: string,
  encoding = "UTF-8",
): Promise<ReadFolder> => {
  const there = await stat(dir).catch(() => null);
  if (!there?.isDirectory()) throw new PlumblineError("sql-unreadable", `There is no folder ${shown}.`);
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const pathOf = (entry: Dirent): string => join(entry.parentPath, entry.name);
  const shownOf = (entry: Dirent): string => relative(dir, pathOf(entry)).split(sep).join("/");
  const paths = entries.filter((entry) => entry.isFile() && isSqlFile(entry.name)).map(pathOf);
  const strays = entries.map((entry) => ({ path: shownOf(entry), why: whyStray(entry) }));
  return {
    files: await Promise.all(paths.toSorted().map((path) => readMigration(dir, path, encoding))),
    strays: strays
      .filter((one): one is PassedOver => one.why !== null)
      .toSorted((left, right) => (left.path < right.path ? -1 : 1)),
    links: entries.filter(isLinkedMigration).map(shownOf).toSorted(),
  };
};

export const readMigrationFiles = async (dir: string, shown: string): Promise<readonly MigrationFile[]> =>
  (await readMigrationFolder(dir, shown)).files;

const isLinkedMigration = (entry: Dirent): boolean =>
  entry.isSymbolicLink() && readMigrationName(entry.name) !== null;

const whyStray = (entry: Dirent): string | null => {
  if (entry.isDirectory()) return readMigrationName(entry.name) === null ? null : "it is a folder";
  return entry.isFile() || entry.isSymbolicLink() ? strayReason(entry.name) : null;
};

const LARGEST_BYTES = 256 * 1024 * 1024;

const readMigration = async (dir: string, path: string, encoding: string): Promise<MigrationFile> => {
  const shown = relative(dir, path).split(sep).join("/");
  const [bytes, settings, back] = await Promise.all([
    bytesOf(path, shown),
    readFile(`${path}.conf`, "utf8").catch(() => null),
    readFile(`${path}.compensate`).catch(() => null),
  ]);
  const own = settingIn(settings, "encoding") ?? encoding;
  try {
    const compensation = back && decoded(back, own);
    return { path: shown, text: decoded(bytes, own), settings, compensation };
  } catch (cause) {
    const { message, hint } = undecodable(shown, bytes, own);
    throw new PlumblineError("sql-unreadable", message, { cause, hint });
  }
};

const bytesOf = async (path: string, shown: string): Promise<Buffer> => {
  try {
    if ((await stat(path)).size <= LARGEST_BYTES) return await readFile(path);
  } catch (cause) {
    const { code = "no reason" } = cause as NodeJS.ErrnoException;
    throw new PlumblineError("sql-unreadable", `${shown} cannot be read (${code}).`, {
      cause,
      hint: "See that it is there, and that whoever runs Plumbline may read it.",
    });
  }
  throw new PlumblineError("sql-unreadable", `${shown} has more than 256 MB.`, {
    hint: "Load data beside the migrations.",
  });
};

const decoded = (bytes: Buffer, encoding: string): string => {
  // What the web means by this name is another one.
  if (/^(iso-?8859-1|latin-?1|us-ascii)$/i.test(encoding)) return bytes.toString("latin1");
  return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
};
