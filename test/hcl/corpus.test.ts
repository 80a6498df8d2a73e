import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { secondOpinion } from "../../src/adapters/hcl-second-opinion.ts";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";

const corpus = join(import.meta.dirname, "../../../shared/corpora/hcl");
const isThere = existsSync(corpus);

/** Files that we cannot read although the reference parser can, with the reason. None is known. */
const KNOWN_LIMITS: Readonly<Record<string, string>> = {};

test.skipIf(!isThere)(
  `every published file is read without a false error${isThere ? "" : " (skipped: ../shared/corpora/hcl is absent)"}`,
  async () => {
    const parse = await loadHcl();
    let read = 0;
    const unread: string[] = [];
    for (const { file, text } of publishedFiles()) {
      read += 1;
      // The reference parser is asked only where ours complains: it takes longer than all of ours.
      if (parse(file, text).problems.length > 0 && secondOpinion()(text)) unread.push(file);
    }
    expect(read).toBeGreaterThan(1000);
    expect(unread).toEqual(Object.keys(KNOWN_LIMITS));
  },
  20_000,
);

/** One text in memory at a time, those in hidden folders too. */
function* publishedFiles(): Generator<{ readonly file: string; readonly text: string }> {
  const names = readdirSync(corpus, { recursive: true, encoding: "utf8" });
  for (const file of names.filter((name) => /\.(tf|tofu|tfvars)$/.test(name)).toSorted())
    yield { file, text: readFileSync(join(corpus, file), "utf8") };
}
