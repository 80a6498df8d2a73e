import { randomUUID } from "node:crypto";
import { constants, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";

/**
 * Fills a folder that is not there yet with a fresh PGlite. What its first start makes takes seconds and is the same
 * each time, so it is kept in `cache` by version and copied. A cache that can't be used only costs those seconds:
 * the folder is then left to PGlite's own start.
 */
export const seedDatabase = async (folder: string, cache: string): Promise<void> => {
  if (existsSync(folder)) return;
  const half = `${folder}.half`;
  try {
    rmSync(half, { recursive: true, force: true });
    cpSync(await keptDatabase(cache), half, { recursive: true, mode: constants.COPYFILE_FICLONE });
    renameSync(half, folder);
  } catch {
    rmSync(half, { recursive: true, force: true });
  }
};

/**
 * The same for a database in memory: what `loadDataDir` takes, kept in `cache` as a tar file. Null where the cache
 * can't be used. Starting from it takes a quarter of the processor's time that starting afresh does.
 */
export const freshImage = async (cache: string): Promise<Blob | null> => {
  const kept = join(cache, `pglite-${pgliteVersion()}.tar`);
  try {
    if (!existsSync(kept)) await keepImage(kept);
    return new Blob([await readFile(kept)], { type: "application/x-tar" });
  } catch {
    return null;
  }
};

const keepImage = async (kept: string): Promise<void> => {
  const making = `${kept}.${process.pid}.${randomUUID()}`;
  mkdirSync(dirname(kept), { recursive: true, mode: 0o700 });
  const fresh = await PGlite.create();
  try {
    await writeFile(making, (await fresh.dumpDataDir("none")).stream(), { mode: 0o600 });
    await rename(making, kept);
  } finally {
    await fresh.close();
    rmSync(making, { force: true });
  }
};

/** Made once; of several that make it at a time one stays. */
const keptDatabase = async (cache: string): Promise<string> => {
  const kept = join(cache, `pglite-${pgliteVersion()}`);
  if (existsSync(kept)) return kept;
  const making = `${kept}.${process.pid}`;
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  try {
    await (await PGlite.create({ dataDir: making })).close();
    renameSync(making, kept);
  } catch (thrown) {
    if (!existsSync(kept)) throw thrown;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return kept;
};

/** Of the package that is installed. */
export const pgliteVersion = (): string => {
  const entry = fileURLToPath(import.meta.resolve("@electric-sql/pglite"));
  const about = JSON.parse(readFileSync(join(dirname(entry), "..", "package.json"), "utf8")) as {
    readonly version: string;
  };
  return about.version;
};
