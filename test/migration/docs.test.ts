import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { RULES } from "../../src/migration/rules.ts";

test("the documentation lists every rule as it is, and no other", () => {
  const text = readFileSync(fileURLToPath(new URL("../../docs/sql.md", import.meta.url)), "utf8");
  const listed = [...text.matchAll(/^\| `([\w-]+)` \| (R\d) \| (error|warn) \|/gm)].map(
    ([, ...cells]) => cells,
  );
  expect(listed).toEqual(Object.entries(RULES).map(([id, rule]) => [id, rule.class, rule.severity]));
});
