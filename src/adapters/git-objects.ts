import { createHash } from "node:crypto";
import type { FileEntry, Git } from "../ports/git.ts";
import { createListings, type Listings } from "./git-listings.ts";
import type { Mirrors } from "./git-mirror.ts";
import { gitRewritten, mustWork, type RunGit } from "./git-process.ts";
import { blobs, type TreeEntry, treeEntries } from "./git-trees.ts";

type Reading = Pick<
  Git,
  | "resolve"
  | "mergeBase"
  | "isAncestor"
  | "changedFiles"
  | "listFiles"
  | "readFile"
  | "readFiles"
  | "readLinks"
  | "treeHash"
  | "contributors"
>;

/** Everything that is read from a mirror without the network. A commit that is gone is `git-rewritten`. */
export const gitReading = (mirrors: Mirrors): Reading => {
  const { local } = mirrors;
  const listings = createListings();
  const readFiles: Reading["readFiles"] = async (repo, commit, paths) => {
    const run = await local(repo);
    const asked = new Set(paths);
    const files = (await listings.at(repo, await commitOf(run, commit), paths, run)).filter(
      (entry) => asked.has(entry.path) && isFile(entry),
    );
    return blobs(run, files);
  };
  return {
    resolve: async (repo, ref) => resolveRef(await local(repo), ref),
    mergeBase: async (repo, left, right) => mergeBase(await local(repo), left, right),
    isAncestor: async (repo, ancestor, descendant) => isAncestor(await local(repo), ancestor, descendant),
    changedFiles: async (repo, from, to) => changedFiles(await local(repo), from, to),
    listFiles: async (repo, commit, under) => {
      const run = await local(repo);
      const id = await commitOf(run, commit);
      const whole = under === undefined || under === "." || under === "";
      return filesOf(whole ? await listings.all(repo, id, run) : await treeEntries(run, id, [under], ["-r"]));
    },
    readFile: async (repo, commit, path) => (await readFiles(repo, commit, [path])).get(path) ?? null,
    readFiles,
    readLinks: async (repo, commit, paths) => {
      const run = await local(repo);
      const entries = await listings.at(repo, await commitOf(run, commit), paths, run);
      const links = await blobs(
        run,
        entries.filter((entry) => entry.mode === "120000"),
      );
      return new Map([...links].map(([path, target]) => [path, new TextDecoder().decode(target)]));
    },
    treeHash: async (repo, commit, paths) => {
      const run = await local(repo);
      const id = await commitOf(run, commit);
      return treeHash(run, id, paths, (named) => listings.at(repo, id, named, run));
    },
    contributors: async (repo, from, to) => contributors(await local(repo), from, to),
  };
};

const FULL_ID = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** Commit of a branch, of `pull/7/head`, of a full ref or of an id, null when the mirror does not hold it. */
export const resolveRef = async (run: RunGit, ref: string): Promise<string | null> => {
  for (const name of namesOf(ref)) {
    const found = await run(["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]);
    if (found.exitCode === 0) return found.stdout.toString().trim();
  }
  return null;
};

const namesOf = (ref: string): readonly string[] => {
  if (FULL_ID.test(ref)) return [ref];
  if (ref.startsWith("refs/")) return [ref];
  return /^pull\/\d+\/head$/.test(ref) ? [`refs/${ref}`, `refs/heads/${ref}`] : [`refs/heads/${ref}`];
};

/** As `resolveRef`; throws `git-rewritten` where the mirror does not hold it. */
export const commitOf = async (run: RunGit, ref: string): Promise<string> => {
  const commit = FULL_ID.test(ref) ? ref : await resolveRef(run, ref);
  if (commit === null) throw gitRewritten(`Reading ${ref}`);
  return commit;
};

const mergeBase = async (run: RunGit, left: string, right: string): Promise<string | null> => {
  const result = await run(["merge-base", await commitOf(run, left), await commitOf(run, right)]);
  if (result.exitCode === 1) return null;
  return mustWork("Finding the merge base", result).stdout.toString().trim().split("\n")[0] ?? null;
};

export const isAncestor = async (run: RunGit, ancestor: string, descendant: string): Promise<boolean> => {
  const [older, newer] = [await commitOf(run, ancestor), await commitOf(run, descendant)];
  const result = await run(["merge-base", "--is-ancestor", older, newer]);
  return result.exitCode === 1 ? false : mustWork("Comparing two commits", result).exitCode === 0;
};

// Without rename detection a rename shows as both of its names, which is what has to be planned.
export const changedFiles = async (run: RunGit, from: string, to: string): Promise<readonly string[]> => {
  const [left, right] = [await commitOf(run, from), await commitOf(run, to)];
  const result = await run(["diff-tree", "-r", "-z", "--no-renames", "--name-only", left, right]);
  return nulParts(mustWork("Comparing two commits", result).stdout).sort();
};

const filesOf = (entries: readonly TreeEntry[]): readonly FileEntry[] =>
  entries
    .filter(({ type }) => type !== "tree")
    .map(({ path, mode }) => ({ path, kind: KINDS[mode] ?? "file" }));

const KINDS: Readonly<Record<string, FileEntry["kind"]>> = {
  "100755": "executable",
  "120000": "symlink",
  "160000": "submodule",
};

const isFile = ({ mode }: TreeEntry): boolean => mode.startsWith("100");

const treeHash = async (
  run: RunGit,
  id: string,
  paths: readonly string[],
  entriesAt: (paths: readonly string[]) => ReturnType<Listings["at"]>,
): Promise<string> => {
  const wanted = [...new Set(paths.map((path) => path.replace(/\/+$/, "") || "."))].sort();
  const named = wanted.filter((path) => path !== ".");
  const found = named.length > 0 ? await entriesAt(named) : [];
  const entries = new Map(found.map((entry) => [entry.path, entry]));
  const hash = createHash("sha256");
  for (const path of wanted) {
    const entry = path === "." ? await rootTree(run, id) : entries.get(path);
    hash.update(entry ? `${entry.mode} ${entry.id} ${path}\0` : `missing ${path}\0`);
  }
  return hash.digest("hex");
};

const rootTree = async (run: RunGit, commit: string): Promise<TreeEntry> => {
  const result = mustWork("Reading a tree", await run(["rev-parse", "--verify", `${commit}^{tree}`]));
  return { mode: "040000", type: "tree", id: result.stdout.toString().trim(), path: "." };
};

// Whoever is named by a Co-authored-by line had a hand in it too, and counts for who may approve.
const contributors = async (run: RunGit, from: string, to: string): Promise<readonly string[]> => {
  const range = `${await commitOf(run, from)}..${await commitOf(run, to)}`;
  const format = "--format=%ae%n%ce%n%(trailers:key=Co-authored-by,valueonly)";
  const said = mustWork("Reading who committed", await run(["log", format, range])).stdout.toString();
  const people = said
    .split("\n")
    .map((line) => (/<([^<>]+)>\s*$/.exec(line)?.[1] ?? line).trim())
    .filter((person) => person !== "");
  return [...new Set(people.flatMap(withLogin))].sort();
};

/** GitHub's private addresses hold the login: `123+login@users.noreply.github.com`. */
const withLogin = (email: string): readonly string[] => {
  const login = /^(?:\d+\+)?([^@+]+)@users\.noreply\./i.exec(email)?.[1];
  return login === undefined ? [email] : [email, login];
};

export const nulParts = (output: Buffer): string[] =>
  output
    .toString()
    .split("\0")
    .filter((part) => part !== "");
