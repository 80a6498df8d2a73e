import type { Dirent, Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { PlumblineError } from "../model/errors.ts";

/** Folder of files that are being written; no key can name it, since keys are encoded. */
export const UNFINISHED = "~unfinished";

/** Where a key's file is: below the directory, whatever the key holds. */
export const pathOf = (directory: string, key: string): string => join(directory, ...segmentsOf(key));

/**
 * The parts of a key, each a plain name. Letters, digits and a few signs stay, so that an operator can read the names;
 * all else is percent-encoded. Fails with `path-escapes`.
 */
export const segmentsOf = (key: string): readonly string[] => {
  const segments = key.split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
    throw new PlumblineError("path-escapes", `${JSON.stringify(key)} is no key of an artifact.`);
  }
  return segments.map(encoded);
};

const encoded = (segment: string): string =>
  encodeURIComponent(segment.toWellFormed()).replace(
    /[~!*'()]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

interface Listed {
  readonly key: string;
  readonly bytes: number;
  readonly writtenAt: Date;
}

export const listArtifacts = (directory: string, prefix: string): AsyncGenerator<Listed> =>
  within(directory, "", prefix);

/** Only folders that can hold keys with the prefix are opened. */
async function* within(path: string, before: string, prefix: string): AsyncGenerator<Listed> {
  for (const entry of await entriesOf(path)) {
    if (entry.name === UNFINISHED) continue;
    const key = before + decodeURIComponent(entry.name);
    const inside = join(path, entry.name);
    if (entry.isDirectory()) {
      const folder = `${key}/`;
      if (folder.startsWith(prefix) || prefix.startsWith(folder)) yield* within(inside, folder, prefix);
    } else if (entry.isFile() && key.startsWith(prefix)) {
      const found = await statOrNull(inside);
      if (found) yield { key, bytes: found.size, writtenAt: found.mtime };
    }
  }
}

const entriesOf = async (path: string): Promise<readonly Dirent[]> => {
  const entries = await unlessAbsent(path, readdir(path, { withFileTypes: true }));
  return (entries ?? []).sort((left, right) => (left.name < right.name ? -1 : 1));
};

export const statOrNull = (path: string): Promise<Stats | null> => unlessAbsent(path, stat(path));

/** Null for what is not there. What cannot be read may hold artifacts all the same: `store-unavailable`. */
const unlessAbsent = async <T>(path: string, asked: Promise<T>): Promise<T | null> => {
  try {
    return await asked;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new PlumblineError("store-unavailable", `${path} cannot be read (${code}).`, {
      hint: "Give Plumbline's user the right to read every folder of the artifact store, and look after the disk.",
      cause,
    });
  }
};
