import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorkshop, foundHere, type Workshop } from "../contract/engine-bench.ts";
import { tell } from "./bench.ts";
import { CASES as ALL } from "./forms.ts";

const only = process.env["CODIFY_CASES"]?.split(",");
const everything = process.env["CODIFY_ALL"] === "1";
const CASES = ALL.filter(({ id }) => !only || only.includes(id));

const found = { terraform: await foundHere("terraform"), tofu: await foundHere("tofu") };
// The second engine differs in how it plans, not in how code is written: some of the stories show that.
const SOME = 6;

describe.each(["terraform", "tofu"] as const)("codify, proven by %s", (distribution) => {
  const binary = found[distribution]?.binary;
  const cases = CASES.filter(
    ({ engine = distribution }, index) =>
      engine === distribution && (distribution === "terraform" || everything || index % SOME === 0),
  );
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = await createWorkshop(binary ?? "", { resident: true });
  });
  afterAll(() => workshop.close());

  for (const one of cases) {
    // "not installed here" is the one reason to leave these out.
    test.skipIf(!binary).concurrent(`${one.id}: ${one.form}`, { timeout: 240_000 }, async () => {
      const told = await tell(await workshop.open(), one);
      const all = Object.entries(told.texts)
        .map(([path, text]) => `--- ${path}\n${text}`)
        .join("\n");
      const shown = `${all}\n${JSON.stringify(told.refused)}\n${told.findings.join("\n")}`;
      expect(told.result, shown).toBe(one.result ?? "proven");
      for (const text of one.has ?? []) expect(all, shown).toContain(text);
      for (const text of one.hasNot ?? []) expect(all, shown).not.toContain(text);
      const reasons = told.refused.map(({ path, reason }) => `${path} ${reason}`).join("\n");
      for (const text of one.refuses ?? []) expect(reasons).toContain(text);
      expect(told.enginePlans).toBe(told.plans);
      if (one.plans !== undefined) expect(told.plans, "plans of the proof").toBe(one.plans);
      expect(told.left, shown).toEqual(one.left ?? []);
    });
  }
});
