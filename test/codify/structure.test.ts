import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorkshop, foundHere, type Workshop } from "../contract/engine-bench.ts";
import { type Told, tell } from "./bench.ts";
import { belongsTo, filesOf, type Part, together } from "./structure.ts";
import { BATCHES } from "./structure-batches.ts";

const found = { terraform: await foundHere("terraform"), tofu: await foundHere("tofu") };
const only = process.env["CODIFY_CASES"]?.split(",");

// All stories of a batch drift at once in one root module: few plans, and each must find its own way among the rest.
describe.each(BATCHES)("structure, proven by $engine: $name", ({ engine, parts: all }) => {
  const parts = all.filter(({ id }) => !only || only.includes(id));
  const binary = found[engine]?.binary;
  let workshop: Workshop;
  let told: Told;
  beforeAll(async () => {
    if (!binary || parts.length === 0) return;
    workshop = await createWorkshop(binary, { resident: true });
    told = await tell(await workshop.open(), {
      files: together(parts, filesOf),
      merged: together(parts, ({ merged = {} }) => merged),
      console: (cloud) => {
        for (const part of parts) part.console(cloud);
      },
    });
  }, 240_000);
  afterAll(() => workshop?.close());

  test.skipIf(!binary || parts.length === 0)("besides the edits nothing changed", () => {
    const gone = parts.flatMap(({ loses = [] }) => loses.map((comment) => JSON.stringify(comment)));
    const other = told.besides.filter((line) => !gone.some((comment) => line.endsWith(`comment ${comment}`)));
    expect(other).toEqual([]);
  });

  test.skipIf(!binary).each(parts)("$id: $form", (part) => {
    const { id, result = "proven", has = [], hasNot = [], refuses = [], left = [] } = part;
    const mine = outcome(told, part);
    expect(mine.result, mine.shown).toBe(result);
    for (const text of has) expect(mine.text, mine.shown).toContain(text);
    for (const text of hasNot) expect(mine.text, mine.shown).not.toContain(text);
    for (const text of refuses) expect(mine.reasons).toContain(text);
    expect(
      told.left.filter((line) => belongsTo(id, line)),
      mine.shown,
    ).toEqual(left);
  });
});

const outcome = (told: Told, part: Part) => {
  const findings = told.findings.filter((line) => belongsTo(part.id, line));
  const refused = told.refused.filter(({ address }) => belongsTo(part.id, address));
  const edits = told.edits.filter(({ address }) => belongsTo(part.id, address));
  const paths = Object.keys({ ...filesOf(part), ...part.merged });
  const text = paths.map((path) => `--- ${path}\n${told.texts[path]}`).join("\n");
  const reasons = refused.map(({ address, path, reason }) => `${address} ${path}: ${reason}`).join("\n");
  const result =
    edits.length === 0
      ? refused.length === 0
        ? "clean"
        : "refused"
      : refused.length === 0
        ? "proven"
        : "partial";
  return {
    text,
    reasons,
    result,
    shown: `${text}\n${reasons}\n${findings.join("\n")}`,
  };
};
