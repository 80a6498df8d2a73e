import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorkshop, foundHere, type Workshop } from "../contract/engine-bench.ts";
import { tell } from "./bench.ts";
import { FIRST_CASES } from "./cases.ts";
import { MORE_CASES } from "./more-cases.ts";

const only = process.env["CODIFY_CASES"]?.split(",");
const CASES = [...FIRST_CASES, ...MORE_CASES];
const found = await foundHere("terraform");

describe("codify, proven by a real engine", () => {
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = await createWorkshop(found?.binary ?? "");
  });
  afterAll(() => workshop.close());

  for (const one of CASES.filter(({ id }) => !only || only.includes(id))) {
    // "not installed here" is the one reason to leave these out.
    test.skipIf(!found).concurrent(`${one.id}: ${one.form}`, { timeout: 180_000 }, async () => {
      const told = await tell(await workshop.open(), one);
      const all = Object.entries(told.texts)
        .map(([path, text]) => `--- ${path}\n${text}`)
        .join("\n");
      if (only) console.log(all, told.refused, told.findings, told.plans, told.left);
      const shown = `${all}\n${JSON.stringify(told.refused)}\n${told.findings.join("\n")}`;
      expect(told.result, shown).toBe(one.result ?? "proven");
      for (const text of one.has ?? []) expect(all, shown).toContain(text);
      for (const text of one.hasNot ?? []) expect(all, shown).not.toContain(text);
      for (const text of one.refuses ?? [])
        expect(told.refused.map(({ path, reason }) => `${path} ${reason}`).join("\n")).toContain(text);
      expect(told.left, shown).toEqual(one.left ?? []);
    });
  }
});
