import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { Worktree } from "../ports/git.ts";
import type { Remote } from "./git-access.ts";
import { type Environment, withSettings } from "./git-environment.ts";
import { exists, type Mirrors, safeName } from "./git-mirror.ts";
import { commitOf, resolveRef } from "./git-objects.ts";
import { gitFailed, gitRewritten } from "./git-process.ts";
import { checkedOut } from "./git-simple.ts";
import { updateSubmodules } from "./git-submodules.ts";

export interface Worktrees {
  checkout(repo: string, commit: string, slot: string): Promise<Worktree>;
  /** Absolute path of a slot's worktree. */
  pathOf(slot: string): string;
  /** Paths of the worktrees that this process has checked out and not released. */
  active(): ReadonlySet<string>;
}

/** Beside a worktree that a run left for rescue. */
export const KEPT = ".kept";

/** Worktrees of the mirrors, one per slot; gone after release, so that nothing of a run meets the next one. */
export const createWorktrees = (mirrors: Mirrors): Worktrees => {
  const active = new Set<string>();
  const pathOf = (slot: string): string => join(mirrors.options.root, "worktrees", safeName(slot));

  const checkout: Worktrees["checkout"] = async (repo, ref, slot) => {
    const path = pathOf(slot);
    if (active.has(path)) throw inUse(slot);
    active.add(path);
    try {
      const commit = await place(mirrors, repo, ref, path);
      return { root: path, commit, release: releaseOnce(mirrors, repo, path, active) };
    } catch (failure) {
      await remove(mirrors, repo, path).catch(() => {});
      active.delete(path);
      throw failure;
    }
  };
  return { checkout, pathOf, active: () => active };
};

const inUse = (slot: string): PlumblineError =>
  new PlumblineError("workspace-busy", `The checkout of ${slot} is in use by another run.`);

const place = async (mirrors: Mirrors, repo: string, ref: string, path: string): Promise<string> => {
  const { options } = mirrors;
  const run = await mirrors.local(repo);
  const commit = await commitOf(run, ref);
  await makeRoom(mirrors, path);
  await link(mirrors, repo, path, commit);
  const outward = options.submodules || options.lfs ? await mirrors.remote(repo) : null;
  await fill(mirrors, path, outward ? withLfs(outward) : mirrors.env).catch(async (failure) => {
    throw (await resolveRef(run, commit)) === null ? gitRewritten(`Checking out ${commit}`) : failure;
  });
  if (options.submodules && outward) await updateSubmodules(mirrors, path, outward);
  return commit;
};

/**
 * What `git worktree add` would write: four lines in two places (gitrepository-layout). Git takes four processes for
 * it, one repository's worktrees one after another. Made aside, so that a `worktree prune` never meets half of it.
 */
const link = async (mirrors: Mirrors, repo: string, path: string, commit: string): Promise<void> => {
  const admin = adminOf(mirrors, repo, path);
  const fresh = await mkdtemp(join(mirrors.pathOf(repo), "worktree-"));
  await mkdir(path, { mode: 0o700 });
  await mkdir(dirname(admin), { recursive: true });
  await Promise.all([
    writeFile(join(path, ".git"), `gitdir: ${admin}\n`),
    writeFile(join(fresh, "HEAD"), `${commit}\n`),
    writeFile(join(fresh, "commondir"), "../..\n"),
    writeFile(join(fresh, "gitdir"), `${join(path, ".git")}\n`),
    rm(admin, { recursive: true, force: true }),
  ]);
  await rename(fresh, admin);
};

const adminOf = (mirrors: Mirrors, repo: string, path: string): string =>
  join(mirrors.pathOf(repo), "worktrees", basename(path));

// A mirror has no `origin` for LFS to ask; its place beside the repository is the same on every forge.
const withLfs = ({ env, url }: Remote): Environment =>
  withSettings(env, [["lfs.url", `${url.replace(/(\.git)?\/*$/, ".git")}/info/lfs`]]);

// The folder is new, so that there is nothing to clean.
const fill = async (mirrors: Mirrors, path: string, env: Environment): Promise<void> => {
  try {
    await checkedOut(path, env).raw(["reset", "--hard"]);
  } catch (failure) {
    throw gitFailed("Checking out", mirrors.options.redactor.redact(String(failure)));
  }
};

// What a crash left is thrown away; what a run kept on purpose moves aside.
const makeRoom = async (mirrors: Mirrors, path: string): Promise<void> => {
  const { root, clock } = mirrors.options;
  await mkdir(join(root, "worktrees"), { recursive: true, mode: 0o700 });
  if (await exists(path + KEPT)) {
    const rescued = join(root, "rescued");
    await mkdir(rescued, { recursive: true, mode: 0o700 });
    const when = clock.now().toISOString().replaceAll(/[:.]/g, "-");
    await rename(path, `${join(rescued, path.slice(join(root, "worktrees").length + 1))}-${when}`).catch(
      () => {},
    );
    await rm(path + KEPT, { force: true });
  }
  await rm(path, { recursive: true, force: true });
};

const releaseOnce = (
  mirrors: Mirrors,
  repo: string,
  path: string,
  active: Set<string>,
): Worktree["release"] => {
  let released: Promise<void> | undefined;
  const release = async (keep: boolean): Promise<void> => {
    try {
      if (keep) await writeFile(path + KEPT, mirrors.options.clock.now().toISOString());
      else await remove(mirrors, repo, path);
    } finally {
      active.delete(path);
    }
  };
  return ({ keep = false } = {}) => {
    released ??= release(keep);
    return released;
  };
};

const remove = async (mirrors: Mirrors, repo: string, path: string): Promise<void> => {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
  await rm(adminOf(mirrors, repo, path), { recursive: true, force: true });
};
