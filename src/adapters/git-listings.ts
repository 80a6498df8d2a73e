import type { RunGit } from "./git-process.ts";
import { type TreeEntry, treeEntries } from "./git-trees.ts";

/** Whole listings of commits that were read lately; commits never change, so that each is read once. */
export interface Listings {
  /** Everything in the commit, folders included. */
  all(repo: string, commit: string, run: RunGit): Promise<readonly TreeEntry[]>;
  /** Entries at the given paths; what is not there is left out. */
  at(repo: string, commit: string, paths: readonly string[], run: RunGit): Promise<readonly TreeEntry[]>;
}

const MOST_ENTRIES = 200_000;

export const createListings = (): Listings => {
  const known = new Map<string, ReadonlyMap<string, TreeEntry>>();

  const keep = (key: string, entries: ReadonlyMap<string, TreeEntry>): void => {
    known.set(key, entries);
    let total = [...known.values()].reduce((sum, { size }) => sum + size, 0);
    for (const [oldest, { size }] of known) {
      if (total <= MOST_ENTRIES) break;
      known.delete(oldest);
      total -= size;
    }
  };

  const all: Listings["all"] = async (repo, commit, run) => {
    const key = `${repo} ${commit}`;
    const before = known.get(key);
    if (before) return [...before.values()];
    const entries = await treeEntries(run, commit, [], ["-r", "-t"]);
    keep(key, new Map(entries.map((entry) => [entry.path, entry])));
    return entries;
  };

  const at: Listings["at"] = async (repo, commit, paths, run) => {
    const listing = known.get(`${repo} ${commit}`);
    // One path of a large repository is asked for alone; an empty list of paths would mean all of it.
    if (!listing || paths.length === 0 || !paths.every(isPlain)) return treeEntries(run, commit, paths);
    return [...new Set(paths)].flatMap((path) => listing.get(path) ?? []);
  };
  return { all, at };
};

const isPlain = (path: string): boolean => !/^\/|\/\/|\/$|(^|\/)\.{1,2}(\/|$)/.test(path);
