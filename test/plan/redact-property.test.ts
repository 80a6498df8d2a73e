import fc from "fast-check";
import { expect, test } from "vitest";
import { readPlan } from "../../src/plan/read.ts";
import { redactPlan } from "../../src/plan/redact.ts";
import { changeEntry, planText } from "./plan-document.ts";

const SECRET = "s3cr3t-needle-value";

/** A path to a secret, as object keys and list positions. */
const path = fc.array(fc.oneof(fc.constantFrom("a", "b.c", "constructor"), fc.nat({ max: 2 })), {
  minLength: 1,
  maxLength: 5,
});

const nest = (steps: readonly (string | number)[], inner: unknown, filler: unknown): unknown =>
  steps.reduceRight<unknown>((value, step) => {
    if (typeof step === "string") return { [step]: value, other: filler };
    return Array.from({ length: step + 1 }, (_, index) => (index === step ? value : filler));
  }, inner);

test("no marked value survives redaction, wherever it stands and however high its mark", () => {
  fc.assert(
    fc.property(path, fc.nat(), fc.boolean(), (steps, cut, isOld) => {
      const marks = nest(steps.slice(0, cut % (steps.length + 1)), true, false);
      const value = { v: nest(steps, `x${SECRET}y`, "open") };
      const sides = isOld
        ? { before: value, before_sensitive: { v: marks }, after: { v: 1 } }
        : { after: value, after_sensitive: { v: marks } };
      const plan = readPlan(
        planText({
          resource_changes: [changeEntry("a.b", [isOld ? "update" : "create"], sides)],
          output_changes: { o: { actions: ["create"], before: null, after: `seen: x${SECRET}y` } },
        }),
      );
      expect(JSON.stringify(redactPlan(plan).plan)).not.toContain(SECRET);
    }),
  );
});
