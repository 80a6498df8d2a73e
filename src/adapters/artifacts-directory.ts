import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { Artifacts } from "../ports/artifacts.ts";
import { listArtifacts, pathOf, statOrNull, UNFINISHED } from "./artifacts-paths.ts";
import { type Change, createSealedArtifacts, type Replaced, type SealedStore } from "./artifacts-sealed.ts";

/** Artifacts as encrypted files under `directory`; see `createSealedArtifacts` for `keys`. */
export const createDirectoryArtifacts = (directory: string, keys: readonly Uint8Array[]): Artifacts =>
  createSealedArtifacts(createDirectoryStore(directory), keys);

/** A file per key under `directory`. Fails with `path-escapes` for keys that are no plain relative path. */
export const createDirectoryStore = (directory: string): SealedStore => ({
  putOnce: async (key, sealed) => storeOnce(directory, pathOf(directory, key), sealed),
  get: async (key) => readOrNull(pathOf(directory, key)),
  delete: async (key) => rm(pathOf(directory, key), { force: true }),
  replace: (key, change) => replaceFile(directory, pathOf(directory, key), change),
  list: (prefix) => listArtifacts(directory, prefix),
});

/** False where the file exists. It appears whole or not at all, and is on the disk when this resolves. */
const storeOnce = (directory: string, path: string, content: Uint8Array): Promise<boolean> =>
  writtenBeside(directory, content, async (unfinished) => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return appear(unfinished, path);
  });

/** It keeps its time of writing, by which the janitor goes. */
const replaceFile = async (directory: string, path: string, change: Change): Promise<Replaced> => {
  const was = await readOrNull(path);
  const before = was && (await statOrNull(path));
  if (!was || !before) return "gone";
  const next = await change(was);
  if (next === null) return "kept";
  return writtenBeside(directory, next, async (unfinished) => {
    await utimes(unfinished, before.atime, before.mtime);
    // What is left between this look and the next call is a moment; keys are written once, so it could only be removed.
    const now = await statOrNull(path);
    if (!now) return "gone";
    if (now.ino !== before.ino || now.mtimeMs !== before.mtimeMs) return "changed";
    await rename(unfinished, path);
    await syncFolder(dirname(path));
    return "replaced";
  });
};

/** Writes the content through to the disk under a name of its own, which `place` may take over; else it is removed. */
const writtenBeside = async <T>(
  directory: string,
  content: Uint8Array,
  place: (unfinished: string) => Promise<T>,
): Promise<T> => {
  const unfinished = join(directory, UNFINISHED, randomUUID());
  try {
    await mkdir(dirname(unfinished), { recursive: true, mode: 0o700 });
    await writeThrough(unfinished, content);
    return await place(unfinished);
  } catch (cause) {
    if (!["EACCES", "EROFS", "EPERM", "ENOSPC", "ENOTDIR"].includes(codeOf(cause))) throw cause;
    throw new PlumblineError("not-writable", `${directory} cannot be written to.`, { cause });
  } finally {
    await rm(unfinished, { force: true }).catch(() => {});
  }
};

const writeThrough = async (path: string, content: Uint8Array): Promise<void> => {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** A hard link is the one way to make a file appear under a name only if nobody has it; some file systems have none. */
const appear = async (unfinished: string, path: string): Promise<boolean> => {
  try {
    await link(unfinished, path);
  } catch (thrown) {
    if (codeOf(thrown) === "EEXIST") return false;
    if (!["ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EPERM"].includes(codeOf(thrown))) throw thrown;
    if (await statOrNull(path)) return false;
    await rename(unfinished, path);
  }
  await syncFolder(dirname(path));
  return true;
};

/** The name is on the disk only once its folder is; not every system lets a folder be opened. */
const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, "r").catch(() => null);
  await folder?.sync().catch(() => {});
  await folder?.close();
};

const readOrNull = async (path: string): Promise<Uint8Array | null> => {
  try {
    return await readFile(path);
  } catch (thrown) {
    if (["ENOENT", "ENOTDIR", "EISDIR"].includes(codeOf(thrown))) return null;
    throw thrown;
  }
};

const codeOf = (thrown: unknown): string => String((thrown as NodeJS.ErrnoException | null)?.code ?? "");
