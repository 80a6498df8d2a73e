import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isModuleFile } from "../hcl/module.ts";

/** Works while the files of a folder have other texts, and puts the true ones back. */
export const withTexts = async <Result>(
  dir: string,
  textOf: ((path: string, text: string) => string) | undefined,
  work: () => Promise<Result>,
): Promise<Result> => {
  const before = textOf ? await replaceTexts(dir, textOf) : new Map<string, string>();
  try {
    return await work();
  } finally {
    for (const [path, text] of before) await writeFile(path, text);
  }
};

const replaceTexts = async (
  dir: string,
  textOf: (path: string, text: string) => string,
): Promise<ReadonlyMap<string, string>> => {
  const before = new Map<string, string>();
  const entries = await readdir(dir, { withFileTypes: true });
  // What lies behind a link may be anywhere, and is not written to.
  for (const { name } of entries.filter((entry) => entry.isFile() && isModuleFile(entry.name))) {
    const path = join(dir, name);
    const text = await readFile(path, "utf8");
    const other = textOf(name, text);
    if (other === text) continue;
    before.set(path, text);
    await writeFile(path, other);
  }
  return before;
};
