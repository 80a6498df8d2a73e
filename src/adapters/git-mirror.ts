import { createHash, randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openAccess, type Remote } from "./git-access.ts";
import { type Environment, gitEnvironment } from "./git-environment.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS, type GitOptions } from "./git-options.ts";
import { type GitResult, gitRunner, mustWork, type RunGit } from "./git-process.ts";
import { removeStaleLock } from "./git-stale-lock.ts";
import { singleFlight } from "./single-flight.ts";

/** The bare mirrors of all repositories, each made when it is first asked for. */
export interface Mirrors {
  readonly options: GitOptions;
  readonly env: Environment;
  /** Absolute path of a repository's mirror, whether or not it is there. */
  pathOf(repo: string): string;
  /** Runs git in the mirror, without any way out to the network. */
  local(repo: string): Promise<RunGit>;
  /** Runs git in the mirror with the address and the credentials of its remote. */
  outward(repo: string, args: (url: string) => readonly string[]): Promise<GitResult>;
  remote(repo: string): Promise<Remote>;
  fetch(repo: string): Promise<void>;
  forget(path: string): void;
}

export const createMirrors = (options: GitOptions): Mirrors => {
  const env = gitEnvironment(options);
  const remote = openAccess(options, env);
  const made = new Map<string, Promise<void>>();
  const pathOf = (repo: string): string => join(options.root, "mirrors", `${safeName(repo)}.git`);

  const local = async (repo: string): Promise<RunGit> => {
    const path = pathOf(repo);
    if (!made.has(path)) made.set(path, makeMirror(path, env, options));
    try {
      await made.get(path);
    } catch (failure) {
      made.delete(path);
      throw failure;
    }
    return gitRunner(path, env, options.redactor);
  };

  const outward: Mirrors["outward"] = async (repo, args) => {
    const run = await local(repo);
    const { url, env: answering } = await remote(repo);
    const timeoutMs = options.networkTimeoutMs ?? DEFAULT_NETWORK_TIMEOUT_MS;
    return run(args(url), { env: answering, timeoutMs });
  };

  const mayTryAgain = async (repo: string, { exitCode, stderr }: GitResult): Promise<boolean> => {
    if (exitCode === 0) return false;
    const olderThanMs = 2 * (options.networkTimeoutMs ?? DEFAULT_NETWORK_TIMEOUT_MS);
    return removeStaleLock(stderr, { mirror: pathOf(repo), now: options.clock.now(), olderThanMs });
  };

  const fetch = singleFlight(async (repo, begin) => {
    const attempt = () =>
      outward(repo, (url) => {
        begin();
        return [...FETCH, url, ...REFSPECS];
      });
    let result = await attempt();
    // Several locks may have been left; each attempt meets the next one.
    for (let tried = 0; tried < 20 && (await mayTryAgain(repo, result)); tried += 1) result = await attempt();
    mustWork(`Fetching ${repo}`, result);
    await markUsed(pathOf(repo), options.clock.now());
  });

  return { options, env, pathOf, local, outward, remote, fetch, forget: (path) => made.delete(path) };
};

const FETCH = ["fetch", "--quiet", "--prune", "--force", "--no-tags", "--no-write-fetch-head"];
// GitHub and Gitea keep heads of pull requests under refs/pull, GitLab under refs/merge-requests.
const REFSPECS = [
  "+refs/heads/*:refs/heads/*",
  "+refs/pull/*/head:refs/pull/*/head",
  "+refs/merge-requests/*/head:refs/pull/*/head",
];

/** A readable name that no two texts share and that is safe as one step of a path. */
export const safeName = (text: string): string => {
  const readable = text.replaceAll(/[^A-Za-z0-9_-]+/g, "_").slice(0, 80);
  return `${readable}-${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
};

// Made aside and renamed, so that a half-made mirror is never taken for one.
const makeMirror = async (path: string, env: Environment, options: GitOptions): Promise<void> => {
  await mkdir(join(options.root, "mirrors"), { recursive: true, mode: 0o700 });
  if (await exists(path)) return;
  const fresh = `${path}.${randomUUID()}.new`;
  const run = gitRunner(join(options.root, "mirrors"), env, options.redactor);
  mustWork("Making a mirror", await run(["init", "--quiet", "--bare", "--template=", fresh]));
  await markUsed(fresh, options.clock.now());
  await rename(fresh, path).catch(async (failure) => {
    await rm(fresh, { recursive: true, force: true });
    if (!(await exists(path))) throw failure;
  });
};

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Name of the file in a mirror that says when it was last asked for something. */
export const USED_FILE = "plumbline-used";

const markUsed = (mirror: string, now: Date): Promise<void> =>
  writeFile(join(mirror, USED_FILE), now.toISOString()).catch(() => {});
