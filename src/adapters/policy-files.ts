import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { PolicyFile } from "../model/policy.ts";

/**
 * The Rego and data files in a folder and below, or one file. Hidden folders are left out, and so are links to folders.
 * Throws `policy-invalid` where there is no such place, or no Rego in it.
 */
export const readPolicyFolder = async (place: string): Promise<readonly PolicyFile[]> => {
  const there = await stat(place).catch(() => null);
  if (!there) throw new PlumblineError("policy-invalid", `There is no policy folder ${place}.`);
  if (there.isFile()) return [{ path: basename(place), text: await readFile(place, "utf8") }];
  const found: PolicyFile[] = [];
  for (const path of (await namesBelow(place)).toSorted())
    found.push({ path: relative(place, path), text: await readFile(path, "utf8") });
  if (found.some(({ path }) => path.endsWith(".rego"))) return found;
  throw new PlumblineError("policy-invalid", `The folder ${place} holds no .rego file.`);
};

const WANTED = /\.rego$|^data\.(json|ya?ml)$/;

const namesBelow = async (folder: string): Promise<string[]> => {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
      found.push(...(await namesBelow(path)));
    else if (!entry.isDirectory() && WANTED.test(entry.name) && (await stat(path)).isFile()) found.push(path);
  }
  return found;
};
