import { expect, test } from "vitest";
import type { Json } from "../../src/model/json.ts";
import { documentText } from "../../src/web/pages/html.ts";
import { migrationSection } from "../../src/web/pages/migration.ts";
import { migrationSummary, rehearsal } from "../report/rehearsed.ts";

const page = (kept: unknown): string => documentText(migrationSection(kept as Json));

test("the run's page shows both rehearsals, each statement, the schema's changes, and no markup of a file", () => {
  const shown = page({ migration: { ...migrationSummary, rehearsal } });
  expect(shown).toContain("ACCESS EXCLUSIVE on public.orders, held 4.2 ms");
  expect(shown).toContain("From an empty database");
  expect(shown).toContain("7 migrations ran.");
  expect(shown).toContain("A second run finds nothing to do.");
  expect(shown).toContain("column total: integer -> bigint");
  expect(shown).toContain("41,000");
  expect(shown).not.toContain("<b>");
});

test("other plans have no such section", () => {
  expect(page({ resources: [] })).toBe(documentText(null));
});
