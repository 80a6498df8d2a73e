import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { configDocument } from "../../scripts/config-doc.ts";

test("docs/config.md names every key as the schemas have it", async () => {
  const written = await readFile(new URL("../../docs/config.md", import.meta.url), "utf8");
  expect(written, "run `node scripts/config-doc.ts`").toBe(configDocument());
});

test("every key has its meaning", () => {
  const rows = (configDocument().split("## Variables")[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  expect(rows.filter((line) => line.endsWith("|  |"))).toEqual([]);
});
