import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import manifest from "../../package.json" with { type: "json" };
import { type Database, openDatabase } from "../../src/adapters/database.ts";

const FOLDER = new URL("../../node_modules/.cache/plumbline/", import.meta.url);
const IMAGE = new URL(`pglite-${manifest.dependencies["@electric-sql/pglite"]}.tar.gz`, FOLDER);

/** A migrated database in memory. The first one on a machine keeps an image, so that later ones start in a second. */
export const openTestDatabase = async (): Promise<Database> => {
  if (!existsSync(IMAGE)) await keepImage();
  const image = new Blob([await readFile(IMAGE)], { type: "application/x-gzip" });
  return openDatabase({ url: null, dataDir: null, image });
};

const keepImage = async (): Promise<void> => {
  const fresh = await PGlite.create();
  const image = await fresh.dumpDataDir("gzip");
  await fresh.close();
  await mkdir(FOLDER, { recursive: true });
  const unfinished = new URL(`${process.pid}-${Date.now()}.tmp`, FOLDER);
  await writeFile(unfinished, image.stream());
  await rename(unfinished, IMAGE);
};
