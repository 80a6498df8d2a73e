import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, posix } from "node:path";

// Text that people keep beside code is small; what is larger is an artefact.
const LARGEST = 256 * 1024;
const MOST = 500;

const READS = /\b(?:file|templatefile)\(\s*"((?:\$\{path\.(?:module|root|cwd)\})?)([^"$]*)(\$\{)?/g;

/** Texts of the repository that `file()` and `templatefile()` read, by path in the repository. */
export const filesThatCodeReads = async (
  repoRoot: string,
  rootDir: string,
  files: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  for (const [path, text] of files) {
    if (path.startsWith("installed:")) continue;
    for (const [, base = "", rest = "", open] of text.matchAll(READS)) {
      const from = base.includes("module") ? posix.dirname(path) : rootDir;
      const named = posix.join(from, rest.replace(/^\//, base === "" ? "/" : ""));
      if (named.startsWith("..") || named.startsWith("/")) continue;
      // A name that is computed may be any file beside it.
      const paths =
        open === undefined ? [named] : await siblings(repoRoot, rest.endsWith("/") ? named : dirname(named));
      for (const one of paths) await readInto(found, repoRoot, one);
    }
  }
  return found;
};

const siblings = async (repoRoot: string, dir: string): Promise<readonly string[]> => {
  const entries = await readdir(join(repoRoot, dir), { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => posix.join(dir, name));
};

const readInto = async (found: Map<string, string>, repoRoot: string, path: string): Promise<void> => {
  if (found.has(path) || found.size >= MOST) return;
  const place = join(repoRoot, path);
  const about = await stat(place).catch(() => null);
  if (!about?.isFile() || about.size > LARGEST) return;
  const bytes = await readFile(place);
  const text = bytes.toString("utf8");
  // What is no UTF-8 would not survive an edit.
  if (Buffer.from(text, "utf8").equals(bytes) && !text.includes("\0")) found.set(path, text);
};
