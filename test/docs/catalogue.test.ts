import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { catalogueDocument } from "../../scripts/catalogue-doc.ts";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";

test("docs/stateful-catalogue.md says what the catalogue holds", async () => {
  const written = await readFile(new URL("../../docs/stateful-catalogue.md", import.meta.url), "utf8");
  expect(written, "run `node scripts/catalogue-doc.ts`").toBe(catalogueDocument(await loadCatalogue()));
});
