import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { formsTable } from "./forms.ts";

const FILE = new URL("../../docs/codify.md", import.meta.url);
const MARK = /(<!-- forms -->\n)[\s\S]*?(\n<!-- end of forms -->)/;

test("docs/codify.md lists every form that the proof tests hold", async () => {
  const written = await readFile(FILE, "utf8");
  const wanted = written.replace(MARK, (_, open: string, close: string) => `${open}${formsTable()}${close}`);
  if (process.env["WRITE_DOCS"] === "1") await writeFile(FILE, wanted);
  else expect(written, "run it with WRITE_DOCS=1").toBe(wanted);
  expect(wanted).toMatch(MARK);
});
