import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { apiDocument } from "../../scripts/api-doc.ts";
import { commandsDocument } from "../../scripts/commands-doc.ts";
import { COMMANDS } from "../../src/model/command.ts";

const written = await readFile(new URL("../../docs/commands.md", import.meta.url), "utf8");

test("docs/commands.md has every command, option and flag as the code has it", () => {
  expect(written, "run `node scripts/commands-doc.ts`").toBe(commandsDocument(written));
});

test("docs/commands.md has a row for every comment", () => {
  expect(COMMANDS.filter((name) => !written.includes(`\`plumbline ${name}`))).toEqual([]);
});

test("docs/commands.md tells of each comment once", () => {
  const [comments = ""] = written.split("### Flags");
  const named = [...comments.matchAll(/^\| `(plumbline [^`]+)`/gm)].map(([, text = ""]) =>
    text.replaceAll(/ \[.*$/g, ""),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name, place) => named.indexOf(name) !== place)).toEqual([]);
});

test("docs/api.md has every operation as the OpenAPI document has it", async () => {
  const page = await readFile(new URL("../../docs/api.md", import.meta.url), "utf8");
  expect(page, "run `node scripts/api-doc.ts`").toBe(apiDocument(page));
});
