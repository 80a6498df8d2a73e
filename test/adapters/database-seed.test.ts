import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshImage, seedDatabase } from "../../src/adapters/database-seed.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "plumbline-seed-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("a fresh embedded database from the cache", () => {
  test("is kept once, copied, works, and is nobody else's", async () => {
    const [cache, first, second] = [join(root, "cache"), join(root, "first"), join(root, "second")];
    await Promise.all([seedDatabase(first, cache), seedDatabase(second, cache)]);
    expect(readdirSync(cache)).toEqual([expect.stringMatching(/^pglite-\d/)]);
    const one = await PGlite.create({ dataDir: first });
    await one.exec("create table only_here (n int)");
    await one.close();
    const other = await PGlite.create({ dataDir: second });
    expect((await other.query("select to_regclass('only_here') as there")).rows).toEqual([{ there: null }]);
    await other.close();
  });

  test("in memory it comes from one kept image, and from none where none can be kept", async () => {
    const cache = join(root, "images");
    const images = await Promise.all([freshImage(cache), freshImage(cache)]);
    expect(readdirSync(cache)).toEqual([expect.stringMatching(/^pglite-\d.*\.tar$/)]);
    const [image] = images;
    const loaded = await PGlite.create(image ? { loadDataDir: image } : {});
    expect(
      (
        await loaded.query(
          "select count(*)::int as own from pg_class where relnamespace = 'public'::regnamespace",
        )
      ).rows,
    ).toEqual([{ own: 0 }]);
    await loaded.close();
    writeFileSync(join(root, "no-folder"), "");
    expect(await freshImage(join(root, "no-folder", "cache"))).toBeNull();
  });

  test("a folder that is there is left as it is", async () => {
    const folder = join(root, "there");
    mkdirSync(folder);
    writeFileSync(join(folder, "mine"), "kept");
    await seedDatabase(folder, join(root, "cache"));
    expect(readdirSync(folder)).toEqual(["mine"]);
    expect(readFileSync(join(folder, "mine"), "utf8")).toBe("kept");
  });

  test("a cache that can't be written leaves the folder to PGlite", async () => {
    const file = join(root, "a-file");
    writeFileSync(file, "");
    await seedDatabase(join(root, "third"), join(file, "cache"));
    expect(existsSync(join(root, "third"))).toBe(false);
  });
});
