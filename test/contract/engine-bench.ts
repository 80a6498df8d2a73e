import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type ZippableFile, zipSync } from "fflate";
import { buildMirror } from "../../demo/cloud/build.ts";
import { type Console, openAccount } from "../../demo/cloud/console.ts";
import { defaultCacheDir, type FoundEngine, installedEngine } from "../../src/adapters/engine-find.ts";
import { listPackages } from "../../src/adapters/engine-packages.ts";
import { createEngines, type EnginesOptions } from "../../src/adapters/engines.ts";
import type { Engine, EngineCall, EngineDistribution } from "../../src/ports/engine.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Redactor } from "../../src/ports/redactor.ts";
import { type ResidentProvider, serveResident } from "./resident-provider.ts";

/** A checkout, an account of the demo cloud and an engine, for one test. */
export interface Bench {
  readonly engine: Engine;
  readonly cloud: Console;
  readonly call: EngineCall;
  /** A path beside the checkout. */
  path(name: string): string;
  write(name: string, text: string): Promise<void>;
}

export const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** Null where this machine has no such engine; never builds one. */
export const foundHere = (distribution: EngineDistribution): Promise<FoundEngine | null> =>
  installedEngine(
    { path: null, env: process.env, cacheDir: defaultCacheDir(process.env), log: silent },
    { distribution },
  );

/** Replaces what it learnt, from 6 characters on. */
export const simpleRedactor = (): Redactor => {
  const secrets = new Set<string>();
  return {
    learn: (secret) => void (secret.length >= 6 && secrets.add(secret)),
    redact: (text) => [...secrets].reduce((all, secret) => all.replaceAll(secret, "(redacted)"), text),
  };
};

/**
 * One folder for all benches of a test file; `open` gives a fresh bench in it. With `resident`, engines attach to a
 * provider in this process: for tests of what an engine answers, not of how it finds and starts its providers.
 */
export const createWorkshop = async (binary: string, { resident = false } = {}) => {
  const root = await mkdtemp(join(tmpdir(), "plumbline-engine-"));
  const residents: ResidentProvider[] = [];
  const attach = async (accountFile: string): Promise<Readonly<Record<string, string>>> => {
    if (!resident) return {};
    const served = await serveResident(accountFile);
    residents.push(served);
    return served.env;
  };
  const { mirror } = await buildMirror(join(tmpdir(), "plumbline-test-cloud"));
  const open = async (options: Partial<EnginesOptions> = {}): Promise<Bench> => {
    const here = await mkdtemp(join(root, "bench-"));
    const dir = join(here, "checkout");
    await mkdir(dir);
    const engines = createEngines({
      mode: "service",
      env: process.env,
      redactor: simpleRedactor(),
      log: silent,
      path: binary,
      cacheDir: join(root, "cache"),
      mirror,
      graceMs: 500,
      ...options,
    });
    const cloud = openAccount(join(here, "cloud.json"));
    const env = { DEMOCLOUD_ACCOUNT_FILE: cloud.file, ...(await attach(cloud.file)) };
    return {
      engine: await engines.pick({}),
      cloud,
      call: { dir, dataDir: join(here, "data"), workspace: "default", env },
      path: (name) => join(here, name),
      write: (name, text) => writeFile(join(dir, name), text),
    };
  };
  const close = async (): Promise<void> => {
    for (const served of residents) await served.close();
    await rm(root, { recursive: true, force: true });
  };
  return { open, root, mirror, close };
};

/** The mirror's packages as zip files, which engines unpack, as they do with those of a registry. */
export const packed = async (mirror: string, to: string): Promise<string> => {
  for (const { address, version, path } of await listPackages(mirror)) {
    const names = await readdir(join(mirror, path));
    const files = await Promise.all(
      names.map(async (name) => {
        const content = await readFile(join(mirror, path, name));
        return [name, [content, { os: 3, attrs: 0o100755 << 16 }] satisfies ZippableFile] as const;
      }),
    );
    await mkdir(join(to, address), { recursive: true });
    const [type, platform] = [basename(address), basename(path)];
    const zip = join(to, address, `terraform-provider-${type}_${version}_${platform}.zip`);
    await writeFile(zip, zipSync(Object.fromEntries(files)));
  }
  return to;
};

export type Workshop = Awaited<ReturnType<typeof createWorkshop>>;

/** Ends the test where the engine failed, with what it said. */
export const mustWork = async (
  running: Promise<{ readonly failed: boolean; readonly log: string }>,
): Promise<void> => {
  const { failed, log } = await running;
  if (failed) throw new Error(log);
};
