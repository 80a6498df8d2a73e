import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { errorsDocument } from "../../scripts/errors-doc.ts";

test("docs/errors.md names every error code as the code has it", async () => {
  const written = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
  expect(written, "run `node scripts/errors-doc.ts`").toBe(errorsDocument());
});
