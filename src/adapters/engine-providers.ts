import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EngineResult } from "../ports/engine.ts";
import { exclusively } from "./engine-lock.ts";
import { lockedProviders, withStableAdditions } from "./engine-lockfile.ts";
import {
  keepPackage,
  linkPackage,
  listPackages,
  packageChecksum,
  storedChecksum,
} from "./engine-packages.ts";

/** Runs the engine's `init`, and its workspace commands after it. */
export type Init = (
  env: Readonly<Record<string, string>>,
  options?: {
    readonly args: readonly string[];
    /** A try: its lines are shown only where it works. */
    readonly quiet: boolean;
  },
) => Promise<EngineResult>;

export interface ProviderFolders {
  /** Shared by all workspaces of this machine. */
  readonly store: string;
  /** The workspace's own `TF_DATA_DIR`. */
  readonly dataDir: string;
  readonly dir: string;
  /** Packages of an `init` that the user made here, read only; null in service mode, where it is untrusted. */
  readonly userData: string | null;
}

/**
 * Installs providers without two engines ever writing one folder: each `init` gets a plugin cache of its own, in
 * which the shared store's packages are links; what it downloaded is then moved into the store. A set of providers
 * that was never seen is installed by one `init` at a time, so that many workspaces do not download the same.
 */
export const withProviderStore = async (folders: ProviderFolders, init: Init): Promise<EngineResult> => {
  const seen = join(folders.store, "seen", await requirementsKey(folders.dir));
  if (await exists(seen)) return initFromStore(folders, init);
  const first = await exclusively(join(folders.store, "install.lock"), async () => {
    if (await exists(seen)) return null;
    const result = await initFromStore(folders, init);
    if (!result.failed) {
      await mkdir(join(folders.store, "seen"), { recursive: true });
      await writeFile(seen, "");
    }
    return result;
  });
  return first ?? initFromStore(folders, init);
};

const initFromStore = async (folders: ProviderFolders, init: Init): Promise<EngineResult> => {
  const cache = join(folders.dataDir, "plugin-cache");
  const locked = join(folders.dataDir, "plugin-packages");
  const before = await readLockFile(folders.dir);
  // The engine would remember the last `-plugin-dir`, and the packages that it linked to.
  for (const name of ["plugin_path", "providers", "plugin-cache", "plugin-packages"])
    await rm(join(folders.dataDir, name), { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  const env = {
    TF_PLUGIN_CACHE_DIR: cache,
    // Safe here: only packages that fit the lock file are in the cache.
    TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: "1",
  };
  const complete = await seed(folders, { cache, locked }, before);
  const quick = complete ? await init(env, { args: [`-plugin-dir=${locked}`], quiet: true }) : null;
  if (quick && (!quick.failed || quick.aborted || quick.timedOut)) return quick;
  await rm(join(folders.dataDir, "plugin_path"), { force: true });
  const result = await init(env);
  if (!result.failed) {
    await harvest(folders.store, cache);
    await steadyLockFile(folders, cache, before);
  }
  return result;
};

/**
 * Links what is here already. True where it is all that the lock file names: then the engine need not ask the
 * registries, which it does at every `init` else, even about packages that it has.
 */
const seed = async (
  { store, userData }: ProviderFolders,
  into: { readonly cache: string; readonly locked: string },
  lockText: string,
): Promise<boolean> => {
  const locks = lockedProviders(lockText);
  const done = new Set<string>();
  for (const source of [packagesFolder(store), ...(userData ? [join(userData, "providers")] : [])]) {
    for (const { address, version, path } of await listPackages(source)) {
      const lock = locks.get(address);
      const ours = source === packagesFolder(store);
      if (done.has(lock ? address : path) || !(lock ? lock.version === version : ours)) continue;
      const checksum = ours ? await storedChecksum(source, path) : await checksumOf(join(source, path));
      if (checksum === null || (lock && !lock.hashes.includes(checksum))) continue;
      await linkPackage(join(source, path), join(into.cache, path));
      if (lock) await linkPackage(join(source, path), join(into.locked, path));
      done.add(lock ? address : path);
    }
  }
  return locks.size > 0 && [...locks.keys()].every((address) => done.has(address));
};

const checksumOf = (folder: string): Promise<string | null> => packageChecksum(folder).catch(() => null);

const packagesFolder = (store: string): string => join(store, "packages");

const harvest = async (store: string, cache: string): Promise<void> => {
  const packages = packagesFolder(store);
  const fresh = (await listPackages(cache)).filter(({ linked }) => !linked);
  for (const { path } of fresh)
    await exclusively(join(store, "keep.lock"), () => keepPackage(packages, join(cache, path), path));
};

const steadyLockFile = async (
  { store, dir }: ProviderFolders,
  cache: string,
  before: string,
): Promise<void> => {
  const after = await readLockFile(dir);
  if (after === before || after === "") return;
  const checksums = new Map<string, string>();
  for (const { address, version, path } of await listPackages(cache)) {
    const checksum = await storedChecksum(packagesFolder(store), path);
    if (checksum) checksums.set(`${address} ${version}`, checksum);
  }
  const steady = withStableAdditions(before, after, ({ address, version }) =>
    checksums.get(`${address} ${version}`),
  );
  if (steady !== after) await writeFile(join(dir, LOCK_FILE), steady);
};

const LOCK_FILE = ".terraform.lock.hcl";
/** Empty where there is none. */
export const readLockFile = (dir: string): Promise<string> =>
  readFile(join(dir, LOCK_FILE), "utf8").catch(() => "");

// Names what an `init` here would install, well enough to tell sets apart: a wrong guess costs time, not safety.
const requirementsKey = async (dir: string): Promise<string> => {
  const lock = await readLockFile(dir);
  const text = lock || (await mentionedProviders(dir));
  return createHash("sha256").update(text).digest("hex");
};

const MENTION =
  /\b(?:source|version)\s*=\s*"[^"\n]*"|^\s*(?:resource|data|ephemeral|provider)\s+"[a-z0-9-]+/gm;

const mentionedProviders = async (dir: string): Promise<string> => {
  const names = await readdir(dir).catch(() => []);
  const mentions = new Set<string>();
  for (const name of names.filter((each) => /\.(tf|tofu)(\.json)?$/.test(each))) {
    const text = await readFile(join(dir, name), "utf8").catch(() => "");
    for (const [mention] of name.endsWith(".json") ? [[text]] : text.matchAll(MENTION))
      mentions.add(mention ?? "");
  }
  return [...mentions].sort().join("\n");
};

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
