import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { ArtifactRef, Artifacts } from "../ports/artifacts.ts";
import { listArtifacts, pathOf, UNFINISHED } from "./artifacts-paths.ts";
import { createSeal, type Seal } from "./artifacts-seal.ts";

/**
 * Artifacts as encrypted files under `directory`. The first of `keys` (32 bytes each) encrypts, all decrypt, so that a
 * key is changed by putting the new one in front. Fails with `path-escapes` for keys that are no plain relative path.
 */
export const createDirectoryArtifacts = (directory: string, keys: readonly Uint8Array[]): Artifacts => {
  const seal = createSeal(keys);
  return {
    put: async (key, content) => {
      const path = pathOf(directory, key);
      const ref = { key, sha256: sha256(content), bytes: content.byteLength };
      const stored = await storeOnce(directory, path, seal.close(key, content));
      if (!stored && sha256(await opened(seal, key, path)) !== ref.sha256) {
        throw new PlumblineError("artifact-corrupt", `The artifact ${key} exists with other content.`);
      }
      return ref;
    },
    get: async (ref) => {
      const content = await opened(seal, ref.key, pathOf(directory, ref.key));
      if (isContentOf(ref, content)) return content;
      throw new PlumblineError("artifact-corrupt", `The artifact ${ref.key} is not what was written.`);
    },
    delete: (key) => rm(pathOf(directory, key), { force: true }),
    list: (prefix) => listArtifacts(directory, prefix, seal.overhead),
  };
};

const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

const isContentOf = (ref: ArtifactRef, content: Uint8Array): boolean =>
  content.byteLength === ref.bytes && sha256(content) === ref.sha256;

/** False where the file exists. It appears whole or not at all, and is on the disk when this resolves. */
const storeOnce = async (directory: string, path: string, content: Uint8Array): Promise<boolean> => {
  const unfinished = join(directory, UNFINISHED, randomUUID());
  try {
    await mkdir(dirname(unfinished), { recursive: true, mode: 0o700 });
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeThrough(unfinished, content);
    return await appear(unfinished, path);
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
    if (await stat(path).catch(() => null)) return false;
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

const opened = async (seal: Seal, key: string, path: string): Promise<Uint8Array> => {
  const sealed = await readFile(path).catch((cause: unknown) => {
    if (!["ENOENT", "ENOTDIR", "EISDIR"].includes(codeOf(cause))) throw cause;
    throw new PlumblineError("artifact-missing", `The artifact ${key} is not there.`, { cause });
  });
  const content = seal.open(key, sealed);
  if (content) return content;
  throw new PlumblineError("artifact-corrupt", `The artifact ${key} cannot be decrypted.`);
};

const codeOf = (thrown: unknown): string => String((thrown as NodeJS.ErrnoException | null)?.code ?? "");
