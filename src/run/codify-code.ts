import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import type { CodeFacts } from "../codify/configuration.ts";
import { filesThatCodeReads } from "./codify-read-files.ts";

/** The texts of a root module with all modules that it calls, as codify wants them. Paths inside are the repository's. */
export type CodeTexts = Pick<CodeFacts, "files" | "dir" | "installed" | "varFiles" | "foreign"> & {
  /** Those of `varFiles` that the command line names. */
  readonly given: readonly string[];
};

export interface CodeToRead {
  /** Absolute; also of the root module, its data folder, and the variable files of the command line. */
  readonly repoRoot: string;
  readonly dir: string;
  readonly dataDir: string;
  readonly varFiles: readonly string[];
}

/** Reads the root module, local modules at any depth, installed ones, and every variable file that counts. */
export const readCode = async ({ repoRoot, dir, dataDir, varFiles }: CodeToRead): Promise<CodeTexts> => {
  const files = new Map<string, string>();
  const inRepo = (path: string): string => relative(repoRoot, path).split(sep).join("/") || ".";
  await readModules(dir, (path, text) => void files.set(inRepo(path), text), new Set());
  const installed = await readInstalled(dir, dataDir, files);
  const automatic = await automaticVarFiles(dir);
  const given = varFiles.map((file) => (isAbsolute(file) ? file : join(dir, file)));
  for (const path of [...automatic, ...given]) files.set(inRepo(path), await readFile(path, "utf8"));
  const readToo = await filesThatCodeReads(repoRoot, inRepo(dir), files);
  for (const [path, text] of readToo) files.set(path, text);
  const foreign = await linksAmong(repoRoot, files);
  const paths = { varFiles: [...automatic, ...given].map(inRepo), given: given.map(inRepo) };
  return { files, foreign, dir: inRepo(dir), installed, ...paths };
};

/** A link's target may lie outside of the repository, and a commit would put a plain file in the link's place. */
const linksAmong = async (
  repoRoot: string,
  files: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> => {
  const root = await realpath(repoRoot);
  const found = new Map<string, string>();
  for (const path of files.keys()) {
    if (path.startsWith("installed:") || path.startsWith("..")) continue;
    const real = await realpath(join(root, path)).catch(() => null);
    if (real !== join(root, path))
      found.set(path, `${path} lies behind a symbolic link: edit its target by hand`);
  }
  return found;
};

const SOURCE = /^[ \t]*"?source"?\s*[=:]\s*"(\.\.?(?:\/[^"]*)?)"/gm;

/** A folder that two paths lead to is read by both; one that calls itself by way of a link, once. */
const readModules = async (
  dir: string,
  add: (path: string, text: string) => void,
  seen: Set<string>,
  above: readonly string[] = [],
): Promise<void> => {
  const real = await realpath(dir).catch(() => dir);
  if (seen.has(dir) || above.includes(real)) return;
  seen.add(dir);
  for (const name of await namesIn(dir)) {
    if (!/\.(tf|tofu)(\.json)?$/.test(name)) continue;
    const text = await readFile(join(dir, name), "utf8");
    add(join(dir, name), text);
    for (const [, source = ""] of text.matchAll(SOURCE))
      await readModules(join(dir, source), add, seen, [...above, real]);
  }
};

const namesIn = async (dir: string): Promise<readonly string[]> => {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .sort();
};

/** Modules that an installer fetched, under paths that no file of a repository can have. */
const readInstalled = async (
  dir: string,
  dataDir: string,
  files: Map<string, string>,
): Promise<ReadonlyMap<string, string>> => {
  const installed = new Map<string, string>();
  const manifest = await readFile(join(dataDir, "modules", "modules.json"), "utf8").catch(
    () => '{"Modules":[]}',
  );
  const { Modules } = JSON.parse(manifest) as {
    Modules?: readonly { Key: string; Source: string; Dir: string }[];
  };
  for (const { Key, Source, Dir } of Modules ?? []) {
    if (Key === "" || /^\.\.?(\/|$)/.test(Source)) continue;
    const folder = isAbsolute(Dir) ? Dir : join(dir, Dir);
    const place = `installed:${Key}`;
    installed.set(Key, place);
    await readModules(
      folder,
      (path, text) => void files.set(`${place}/${relative(folder, path)}`, text),
      new Set(),
    );
  }
  return installed;
};

/** terraform.tfvars, its JSON twin, then *.auto.tfvars in their order: each counts more than those before. */
const automaticVarFiles = async (dir: string): Promise<readonly string[]> => {
  const names = await namesIn(dir);
  const fixed = ["terraform.tfvars", "terraform.tfvars.json"].filter((name) => names.includes(name));
  const auto = names.filter((name) => /\.auto\.tfvars(\.json)?$/.test(name));
  return [...fixed, ...auto].map((name) => join(dir, name));
};

/**
 * The repository around a folder: the nearest parent with a `.git`, else the smallest folder that holds the root
 * module and every local module that it calls.
 */
export const repositoryAround = async (dir: string): Promise<string> => {
  for (let here = dir; ; here = dirname(here)) {
    if ((await readdir(here).catch(() => [] as string[])).includes(".git")) return here;
    if (dirname(here) === here) break;
  }
  let root = dir;
  await readModules(
    dir,
    (path) => {
      while (relative(root, path).startsWith("..")) root = dirname(root);
    },
    new Set(),
  );
  return root;
};
