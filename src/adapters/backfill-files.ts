import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { BACKFILL_ENDING, readBackfill } from "../migration/backfill.ts";
import type { SqlParser } from "../migration/script.ts";
import type { Backfill } from "../model/backfill.ts";
import { PlumblineError } from "../model/errors.ts";

export interface BackfillFile {
  readonly backfill: Backfill;
  /** Relative to the folder, with slashes. */
  readonly file: string;
}

/** The backfills of a folder by path. @throws `sql-invalid` */
export const readBackfills = async (
  dir: string,
  words: { readonly schema: string; readonly parse: SqlParser },
): Promise<readonly BackfillFile[]> => {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(BACKFILL_ENDING))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const found = await Promise.all(
    paths.map(async (path) => {
      const file = relative(dir, path).split(sep).join("/");
      return { file, backfill: readBackfill(file, await readFile(path, "utf8"), words) };
    }),
  );
  const names = found.map(({ backfill }) => backfill);
  const twin = names.find(({ name }, index) => names.findIndex((other) => other.name === name) !== index);
  if (twin) throw new PlumblineError("sql-invalid", `Two backfills are called ${twin.name}.`);
  return found;
};
