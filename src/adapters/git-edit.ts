import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stepsTo } from "../config/code-tree.ts";
import { PlumblineError } from "../model/errors.ts";
import type { BranchCommit } from "../ports/git.ts";
import { mustWork, type RunGit } from "./git-process.ts";
import { type TreeEntry, treeEntries } from "./git-trees.ts";

/**
 * The tree of a commit with some files written or (null) deleted; nothing is checked out. Throws `path-escapes` for a
 * path that leaves the tree, enters `.git`, or passes through or overwrites a symbolic link or a submodule.
 */
export const treeWithFiles = async (
  run: RunGit,
  commit: string,
  files: BranchCommit["files"],
): Promise<string> => {
  const paths = Object.keys(files);
  for (const path of paths) refuseBadPath(path);
  const known = await entriesOnTheWay(run, commit, paths);
  for (const path of paths) refuseDetour(path, known);
  const lines: string[] = [];
  for (const [path, content] of Object.entries(files)) {
    if (content !== null)
      lines.push(`${modeFor(known.get(path))} ${await writeBlob(run, content)}\t${path}\0`);
    else if (known.has(path)) lines.push(`0 ${"0".repeat(commit.length)}\t${path}\0`);
  }
  return writeTree(run, commit, lines.join(""));
};

const refuseBadPath = (path: string): void => {
  const steps = path.split("/");
  const bad =
    path.includes("\0") ||
    path.includes("\\") ||
    steps.some((step) => step === "" || step === "." || step === ".." || GIT_FOLDER.test(step));
  if (bad) throw escapes(path, "is no path inside the repository");
};

// Names that some file systems take for `.git`.
const GIT_FOLDER = /^(\.git|git~\d+)[. ]*$/i;

const entriesOnTheWay = async (
  run: RunGit,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, TreeEntry>> => {
  const onTheWay = new Set(paths.flatMap(stepsTo));
  if (onTheWay.size === 0) return new Map();
  const entries = await treeEntries(run, commit, [...onTheWay]);
  return new Map(entries.map((entry) => [entry.path, entry]));
};

const refuseDetour = (path: string, known: ReadonlyMap<string, TreeEntry>): void => {
  for (const step of stepsTo(path)) {
    const entry = known.get(step);
    if (entry?.mode === "120000") throw escapes(path, `leads through the symbolic link ${step}`);
    if (entry?.mode === "160000") throw escapes(path, `leads into the submodule ${step}`);
    if (entry && step !== path && entry.type !== "tree")
      throw escapes(path, `leads through the file ${step}`);
    if (entry && step === path && entry.type === "tree") throw escapes(path, "is a folder");
  }
};

const escapes = (path: string, why: string): PlumblineError =>
  new PlumblineError("path-escapes", `${JSON.stringify(path)} ${why}.`);

const modeFor = (entry: TreeEntry | undefined): string => (entry?.mode === "100755" ? "100755" : "100644");

const writeBlob = async (run: RunGit, content: string | Uint8Array): Promise<string> => {
  const result = await run(["hash-object", "-w", "--stdin"], { input: content });
  return mustWork("Writing a file", result).stdout.toString().trim();
};

const writeTree = async (run: RunGit, commit: string, lines: string): Promise<string> => {
  const index = join(tmpdir(), `plumbline-index-${randomUUID()}`);
  const more = { GIT_INDEX_FILE: index };
  try {
    mustWork("Reading the base", await run(["read-tree", commit], { more }));
    mustWork("Writing the tree", await run(["update-index", "-z", "--index-info"], { more, input: lines }));
    return mustWork("Writing the tree", await run(["write-tree"], { more }))
      .stdout.toString()
      .trim();
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
};
