import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { atlantisDocument } from "../../scripts/atlantis-doc.ts";

test("docs/atlantis.md has the tables that the import uses", async () => {
  const written = await readFile(new URL("../../docs/atlantis.md", import.meta.url), "utf8");
  expect(written, "run `node scripts/atlantis-doc.ts`").toBe(atlantisDocument(written));
});
