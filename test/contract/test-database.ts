import { homedir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "../../src/adapters/database.ts";
import { freshImage } from "../../src/adapters/database-seed.ts";

/** A migrated database in memory. The first one on a machine keeps an image, so that later ones start in a second. */
export const openTestDatabase = async (): Promise<Database> => {
  const image = await freshImage(join(homedir(), ".cache", "plumbline"));
  return openDatabase({ url: null, dataDir: null, ...(image ? { image } : {}) });
};
