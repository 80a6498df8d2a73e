import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Git } from "../ports/git.ts";
import { MERGE_REFS } from "./git-merge.ts";
import { exists, type Mirrors, USED_FILE } from "./git-mirror.ts";
import { gitRunner } from "./git-process.ts";
import { KEPT, type Worktrees } from "./git-worktree.ts";

const DAY_MS = 86_400_000;

/** Frees what nobody uses: worktrees that a crash left, old trial merges, mirrors idle for long, then the oldest. */
export const gitTidy =
  (mirrors: Mirrors, worktrees: Worktrees): Git["tidy"] =>
  async (limits) => {
    const { root, clock } = mirrors.options;
    const now = clock.now().getTime();
    const used = new Set([...worktrees.active(), ...limits.inUse.map(worktrees.pathOf)]);
    let freedBytes = 0;
    for (const path of await entriesOf(join(root, "worktrees"))) {
      if (path.endsWith(KEPT) || used.has(path) || (await isKept(path, now - limits.idleMs))) continue;
      freedBytes += await removeAll(path, path + KEPT);
    }
    for (const path of await entriesOf(join(root, "rescued"))) {
      if ((await changedAt(path)) < now - limits.idleMs) freedBytes += await removeAll(path);
    }
    return { freedBytes: freedBytes + (await tidyMirrors(mirrors, limits, now)) };
  };

const isKept = async (path: string, since: number): Promise<boolean> => {
  const marker = await readFile(path + KEPT, "utf8").catch(() => null);
  return marker !== null && Date.parse(marker) >= since;
};

interface Mirror {
  readonly path: string;
  readonly usedAt: number;
  readonly bytes: number;
  readonly busy: boolean;
}

const tidyMirrors = async (
  mirrors: Mirrors,
  { maxBytes, idleMs }: { readonly maxBytes: number; readonly idleMs: number },
  now: number,
): Promise<number> => {
  const all = await Promise.all((await entriesOf(join(mirrors.options.root, "mirrors"))).map(lookAt));
  let total =
    all.reduce((sum, { bytes }) => sum + bytes, 0) + (await bytesIn(join(mirrors.options.root, "worktrees")));
  let freed = 0;
  for (const mirror of all.toSorted((left, right) => left.usedAt - right.usedAt)) {
    const goes = !mirror.busy && (mirror.usedAt < now - idleMs || total > maxBytes);
    if (!goes) {
      await clean(mirrors, mirror.path, now);
      continue;
    }
    mirrors.forget(mirror.path);
    freed += await removeAll(mirror.path);
    total -= mirror.bytes;
  }
  return freed;
};

// A mirror with a worktree that still lies there is in use, whoever made it.
const lookAt = async (path: string): Promise<Mirror> => {
  const said = await readFile(join(path, USED_FILE), "utf8").catch(() => "");
  const usedAt = Date.parse(said) || (await changedAt(path));
  const linked = await entriesOf(join(path, "worktrees"));
  const trees = await Promise.all(
    linked.map((entry) => readFile(join(entry, "gitdir"), "utf8").catch(() => "")),
  );
  const there = await Promise.all(trees.filter(Boolean).map((file) => exists(file.trim())));
  return { path, usedAt, bytes: await bytesIn(path), busy: there.some(Boolean) };
};

const clean = async ({ env, options }: Mirrors, path: string, now: number): Promise<void> => {
  const run = gitRunner(path, env, options.redactor);
  const listed = await run(["for-each-ref", "--format=%(refname)", MERGE_REFS]);
  const yesterday = new Date(now - DAY_MS).toISOString().slice(0, 10);
  const old = listed.stdout
    .toString()
    .split("\n")
    .filter((ref) => ref !== "" && ref.slice(MERGE_REFS.length + 1, MERGE_REFS.length + 11) < yesterday);
  if (old.length > 0) {
    await run(["update-ref", "--stdin"], { input: old.map((ref) => `delete ${ref}\n`).join("") });
  }
  await run(["worktree", "prune", "--expire", "now"]);
  // Not detached, and with time for a commit that was just fetched to get its ref.
  await run(["-c", "gc.auto=4000", "-c", "gc.pruneExpire=3.days.ago", "gc", "--auto", "--quiet"]);
};

const entriesOf = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(() => [])).sort().map((name) => join(folder, name));

const changedAt = async (path: string): Promise<number> =>
  (await stat(path).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY;

const removeAll = async (...paths: readonly string[]): Promise<number> => {
  let bytes = 0;
  for (const path of paths) {
    bytes += await bytesIn(path);
    await rm(path, { recursive: true, force: true });
  }
  return bytes;
};

const bytesIn = async (path: string): Promise<number> => {
  const names = await readdir(path, { recursive: true }).catch(() => []);
  let total = 0;
  for (const name of names) total += (await stat(join(path, name)).catch(() => null))?.size ?? 0;
  return total;
};
