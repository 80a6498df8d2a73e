import { mustWork, type RunGit } from "./git-process.ts";

export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly id: string;
  readonly path: string;
}

/** Entries of a commit at the given paths, all of it without paths; what is not there is left out. */
export const treeEntries = async (
  run: RunGit,
  commit: string,
  paths: readonly string[],
  flags: readonly string[] = [],
): Promise<readonly TreeEntry[]> => {
  const inside = paths.filter(isInside);
  if (paths.length > 0 && inside.length === 0) return [];
  const args = ["ls-tree", "-z", "--full-tree", ...flags];
  // A command line has an end; past some hundred paths the whole listing is also the faster way.
  const many = inside.join(" ").length > 100_000;
  const call = many ? [...args, "-r", "-t", commit] : [...args, commit, "--", ...inside];
  const listed = parse(mustWork("Listing files", await run(call)).stdout);
  const asked = new Set(inside);
  return many ? listed.filter((entry) => asked.has(entry.path)) : listed;
};

const isInside = (path: string): boolean =>
  path !== "" && !path.startsWith("/") && !path.split("/").some((step) => step === ".." || step === ".");

const parse = (output: Buffer): readonly TreeEntry[] =>
  output
    .toString()
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const tab = line.indexOf("\t");
      const [mode = "", type = "", id = ""] = line.slice(0, tab).split(" ");
      return { mode, type, id, path: line.slice(tab + 1) };
    });

/** Content of many files through one process. */
export const blobs = async (
  run: RunGit,
  entries: readonly TreeEntry[],
): Promise<ReadonlyMap<string, Uint8Array>> => {
  if (entries.length === 0) return new Map();
  const input = entries.map(({ id }) => `${id}\n`).join("");
  const { stdout } = mustWork("Reading files", await run(["cat-file", "--batch"], { input }));
  const files = new Map<string, Uint8Array>();
  let at = 0;
  for (const { path } of entries) {
    const end = stdout.indexOf(10, at);
    const size = Number(/ blob (\d+)$/.exec(stdout.toString("utf8", at, end))?.[1]);
    // An object that is missing has a header and nothing behind it.
    if (Number.isNaN(size)) at = end + 1;
    else {
      files.set(path, new Uint8Array(stdout.subarray(end + 1, end + 1 + size)));
      at = end + 1 + size + 1;
    }
  }
  return files;
};
