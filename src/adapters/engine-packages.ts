import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { cp, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";

/** One unpacked provider package in a folder laid out as host/namespace/type/version/platform. */
export interface Package {
  readonly address: string;
  readonly version: string;
  /** Path below the folder. */
  readonly path: string;
  readonly linked: boolean;
}

/** Packages in `root`; none where it is not there. Other files beside them are left out. */
export const listPackages = async (
  root: string,
  depth = 5,
  parts: readonly string[] = [],
): Promise<readonly Package[]> => {
  const entries = await readdir(join(root, ...parts), { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  if (parts.length === depth - 1) {
    return folders.map((entry) => ({
      address: parts.slice(0, 3).join("/"),
      version: parts[3] ?? "",
      path: [...parts, entry.name].join(sep),
      linked: entry.isSymbolicLink(),
    }));
  }
  const nested = await Promise.all(folders.map((entry) => listPackages(root, depth, [...parts, entry.name])));
  return nested.flat();
};

/** The checksum that lock files know a package by: `h1:` and a hash over its files' names and contents. */
export const packageChecksum = async (folder: string): Promise<string> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join("/"),
    )
    .sort();
  const summary = createHash("sha256");
  for (const name of files) summary.update(`${await sha256(join(folder, name))}  ${name}\n`);
  return `h1:${summary.digest("base64")}`;
};

const sha256 = async (path: string): Promise<string> => {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
};

const checksumFile = (store: string, path: string): string => join(store, `${path}.h1`);

/** Null where the package is not (wholly) in the store. */
export const storedChecksum = (store: string, path: string): Promise<string | null> =>
  readFile(checksumFile(store, path), "utf8").catch(() => null);

export const linkPackage = async (target: string, path: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
};

/**
 * Moves a package into the store, by a rename, so that nobody ever sees half of it, and leaves a link in its place.
 * What is in the store is never written again.
 */
export const keepPackage = async (store: string, from: string, path: string): Promise<void> => {
  const kept = join(store, path);
  if ((await storedChecksum(store, path)) === null) {
    const checksum = await packageChecksum(from);
    await mkdir(dirname(kept), { recursive: true });
    await moveFolder(from, kept);
    const fresh = `${checksumFile(store, path)}.${process.pid}`;
    await writeFile(fresh, checksum);
    await rename(fresh, checksumFile(store, path));
  }
  await rm(from, { recursive: true, force: true });
  await symlink(kept, from);
};

const moveFolder = async (from: string, to: string): Promise<void> => {
  await rm(to, { recursive: true, force: true }); // left by a process that died before it wrote the checksum
  try {
    await rename(from, to);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EXDEV") throw cause;
    const near = `${to}.${process.pid}.partial`;
    await cp(from, near, { recursive: true });
    await rename(near, to);
  }
};

export const isFolder = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
