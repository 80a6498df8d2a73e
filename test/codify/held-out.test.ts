import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorkshop, foundHere, type Workshop } from "../contract/engine-bench.ts";
import { type Told, tell } from "./bench.ts";
import { HELD_OUT } from "./held-out-cases.ts";
import type { HeldOut } from "./held-out-stories.ts";

const found = await foundHere("terraform");
const only = process.env["CODIFY_CASES"]?.split(",");
const GROUPS = HELD_OUT.filter(({ folder }) => !only || only.includes(folder));

// The other folders have not been looked through for comments that rightly go with what they stand at.
const LOOKED_THROUGH = ["text"];

/** Forms as authors of public modules write them, many to an engine run. */
describe.each(GROUPS)("codify, held-out forms: $folder", ({ folder, varFiles = [], stories }) => {
  let workshop: Workshop | undefined;
  let told: Told;
  beforeAll(async () => {
    if (!found) return;
    workshop = await createWorkshop(found.binary, { resident: true });
    told = await tell(await workshop.open(), {
      files: await filesIn(join(import.meta.dirname, "held-out", folder)),
      varFiles,
      console: (cloud) => {
        for (const story of stories) story.console(cloud);
      },
    });
  }, 300_000);
  afterAll(() => workshop?.close());

  (found && LOOKED_THROUGH.includes(folder) ? test : test.skip)("besides the edits nothing changed", () => {
    expect(told.besides).toEqual([]);
  });

  for (const story of stories) {
    const tested = story.open === undefined ? test : test.fails;
    (found ? tested : test.skip)(`${story.id}: ${story.form}`, () => {
      const all = Object.values(told.texts).join("\n");
      const missing = (story.has ?? []).filter((text) => !all.includes(text));
      const unwanted = (story.hasNot ?? []).filter((text) => all.includes(text));
      expect({ troubles: troubles(told, story), missing, unwanted }, told.texts[`${story.id}.tf`]).toEqual({
        troubles: [],
        missing: [],
        unwanted: [],
      });
    });
  }
});

/** What keeps a story from being proven. */
const troubles = (told: Told, { id }: HeldOut): readonly string[] => {
  const isOwn = (text: string): boolean => new RegExp(`\\.${id}(_|\\W|$)`).test(text);
  return [
    ...told.refused.filter(({ address }) => isOwn(address)).map(({ path, reason }) => `${path}: ${reason}`),
    ...told.left.filter(isOwn),
    ...(told.formalized.some(({ address }) => isOwn(address)) ? [] : ["nothing was formalized"]),
  ];
};

const filesIn = async (dir: string): Promise<Readonly<Record<string, string>>> => {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    paths.map(async (path) => [path.slice(dir.length + 1), await readFile(path, "utf8")] as const),
  );
  return Object.fromEntries(texts);
};
