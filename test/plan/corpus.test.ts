import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import type { Catalogue } from "../../src/model/catalogue.ts";
import { worstClass } from "../../src/model/change-class.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import { isMarkedWithin } from "../../src/model/value-diff.ts";
import { compareDigests, planDigest } from "../../src/plan/digest.ts";
import { inspectPlan } from "../../src/plan/inspect.ts";
import { decodePlanBytes } from "../../src/plan/plan-text.ts";
import { readPlans } from "../../src/plan/read.ts";
import { redactPlan } from "../../src/plan/redact.ts";
import { summarize } from "../../src/plan/summary.ts";

// Other projects' plans lie beside the checkout on the project's own machines only.
const corpora = fileURLToPath(new URL("../../../shared/corpora/", import.meta.url));
const files = existsSync(corpora) ? globSync("{plans,drift}/**/*.json", { cwd: corpora }).sort() : [];

// A move and an import that change nothing else are counted as such alone; an unknown action has no count.
const APART = ["unknown", "read", "move", "import"];
const isPlanText = (text: string): boolean => text.includes('"format_version"');

const readText = (file: string): string => decodePlanBytes(readFileSync(`${corpora}${file}`));

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadCatalogue();
});

/** The plans of a file; none where it is refused, which must be in one plain sentence. */
const plansIn = (text: string) => {
  try {
    return readPlans(text);
  } catch (error) {
    expect(error).toBeInstanceOf(PlumblineError);
    expect((error as PlumblineError).message).toMatch(/^[^\n]+\.$/);
    return [];
  }
};

describe.skipIf(files.length === 0)("every plan of the corpora (skipped where they are absent)", () => {
  test.each(files)("%s", (file) => {
    const text = readText(file);
    if (!isPlanText(text)) return;
    for (const plan of plansIn(text)) {
      const { counts, ...inspection } = inspectPlan(plan, catalogue);
      const managed = plan.changes.filter((change) => change.mode === "managed");
      const { create, update, delete: removed, replace, forget, noop } = counts;
      const apart = managed.filter((change) => APART.includes(change.action)).length;
      expect(create + update + removed + replace + forget + noop + apart).toBe(managed.length);
      expect(counts.drift).toBe(plan.drift.length);
      expect(inspection.changes).toHaveLength(plan.changes.length);
      expect(inspection.class).toBe(worstClass(inspection.changes.map((change) => change.class)));
      for (const change of inspection.changes) {
        if (change.destructive) expect(["R2", "R3", "R4", "R5"]).toContain(change.class);
        if (change.class !== "R0") expect(change.reasons.length).toBeGreaterThan(0);
      }
    }
  });

  test.each(files)("%s gives nothing secret away and has a steady digest", (file) => {
    const text = readText(file);
    if (!isPlanText(text)) return;
    for (const plan of plansIn(text)) {
      const { plan: redacted, secrets } = redactPlan(plan);
      const summary = summarize(redacted, inspectPlan(plan, catalogue));
      const rows = JSON.stringify([summary.resources.map((one) => one.diff), summary.outputs]);
      for (const secret of secrets) expect(rows).not.toContain(JSON.stringify(secret).slice(1, -1));
      for (const change of redacted.changes) {
        if (isMarkedWithin(change.afterSensitive, []) && change.afterSensitive === true) {
          expect(String(change.after)).toMatch(/^\(sensitive|^null/);
        }
      }
      const input = {
        engine: { distribution: "terraform", version: "1" },
        lockFile: null,
        inputTree: "",
        variables: {},
        flags: [],
        key: new Uint8Array(32),
        ignore: [],
      };
      const again = planDigest({ ...input, plan: readPlans(text)[0]! });
      expect(compareDigests(planDigest({ ...input, plan: readPlans(text)[0]! }).parts, again).equal).toBe(
        true,
      );
    }
  });
});
