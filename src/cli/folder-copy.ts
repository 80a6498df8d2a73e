import { constants, type Dirent } from "node:fs";
import { copyFile, lstat, mkdir, readdir, readlink, realpath, symlink, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Copies a folder to the same place below `root` (`/tmp/x` + `/home/me/infra`) and links everything around it, so
 * that `../modules/x` leads where it leads from the folder itself. An engine that works in the copy cannot leave a
 * trace in the folder, even when it is killed. What is large or belongs to other tools is linked. Gives the copy.
 */
export const copyFolder = async (folder: string, root: string): Promise<string> => {
  const real = await realpath(folder);
  const copy = await placeBelow(real, root);
  await copyInto(real, copy, { root, left: MOST_ENTRIES });
  return copy;
};

/** Makes the empty folder `root` + `real`, and links all that lies around `real` on the way to it. */
export const placeBelow = async (real: string, root: string): Promise<string> => {
  const place = join(root, real);
  await mkdir(place, { recursive: true, mode: 0o700 });
  for (let inner = real; dirname(inner) !== inner; inner = dirname(inner))
    await linkNeighbours(dirname(inner), basename(inner), join(root, dirname(inner)));
  return place;
};

const linkNeighbours = async (folder: string, except: string, to: string): Promise<void> => {
  // A folder may be open to pass through and closed to look into.
  const names = await readdir(folder).catch(() => []);
  for (const name of names)
    if (name !== except) await symlink(join(folder, name), join(to, name)).catch(() => undefined);
};

interface Limits {
  /** Never copied into itself. */
  readonly root: string;
  left: number;
}

const copyInto = async (from: string, to: string, limits: Limits): Promise<void> => {
  // What may not be read here the engine could not read either.
  for (const entry of await readdir(from, { withFileTypes: true }).catch(() => [])) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    limits.left -= 1;
    if (isLinked(entry, source, limits)) await symlink(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (entry.isDirectory()) {
      await mkdir(target);
      await copyInto(source, target, limits);
    } else if (entry.isFile()) await copyOne(source, target);
    // Whoever opens a pipe waits for its other end.
    else await symlink(source, target);
  }
};

// A root module is some dozens of files; what else lies at the top of a repository need not be copied.
const MOST_ENTRIES = 5_000;
const LARGEST_FILE = 20_000_000;
const OF_OTHER_TOOLS = new Set([".git", ".terraform", ".terragrunt-cache", "node_modules", ".venv"]);

const isLinked = (entry: Dirent, source: string, { root, left }: Limits): boolean =>
  left < 0 || OF_OTHER_TOOLS.has(entry.name) || root === source || root.startsWith(`${source}/`);

// Modes and times count: an archive of the folder must get the same hash. What cannot be copied the engine may not need.
const copyOne = async (source: string, target: string): Promise<void> => {
  const { size, atime, mtime } = await lstat(source);
  if (size > LARGEST_FILE) return symlink(source, target);
  try {
    await copyFile(source, target, constants.COPYFILE_FICLONE);
    await utimes(target, atime, mtime);
  } catch {
    await symlink(source, target);
  }
};
