import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { PolicyAnswer, PolicyBundle, PolicyFile } from "../model/policy.ts";
import { type ReadBundle, readBundle } from "../policy/bundle.ts";
import { configModules } from "../policy/parse-config.ts";
import { type AskedRule, entryModule, questionFor, readAnswer, rulesOf } from "../policy/question.ts";
import { readRego } from "../policy/rego-text.ts";
import type { PolicyEngine } from "../ports/policy.ts";
import { parseConfiguration } from "./config-parser.ts";
import { compileBundle, type OpaTool } from "./opa-compile.ts";
import { findOpa, type OpaSearch } from "./opa-find.ts";
import { writeCapabilities } from "./opa-process.ts";
import { type OpaServer, socketIn, startOpaServer } from "./opa-server.ts";
import { runTests } from "./opa-tests.ts";

/** So many bundles are kept loaded; the one that was asked longest ago goes first. */
const MOST_SERVERS = 6;

interface Loaded {
  readonly rules: readonly AskedRule[];
  /** The bundle holds a module that asks every rule. */
  readonly entered: boolean;
  readonly server: OpaServer;
  stop(): Promise<void>;
}

/** Policies by a real OPA: one process for each bundle, started by the first question and kept for the next. */
export const createPolicyEngine = (search: OpaSearch): PolicyEngine => {
  const root = once(() => mkdtemp(join(tmpdir(), "plumbline-opa-")));
  const tool = once(async (): Promise<OpaTool> => {
    const { binary } = await findOpa(search);
    const capabilities = join(await root(), "capabilities.json");
    await writeCapabilities(binary, capabilities);
    return { binary, capabilities };
  });
  const loaded = new Map<string, Promise<Loaded>>();

  const start = async (bundle: ReadBundle, namespaces: Namespaces): Promise<Loaded> => {
    const { binary, capabilities } = await tool();
    const folder = await mkdtemp(join(await root(), "b"));
    const modules = join(folder, "bundle");
    await mkdir(modules);
    const rules = rulesOf(bundle.modules, namespaces);
    const entered = await compileWithEntry({ binary, capabilities }, bundle, rules, modules);
    const server = await startOpaServer(binary, modules, socketIn(folder));
    return {
      rules,
      entered,
      server,
      stop: async () => {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  };

  const running = async (bundle: PolicyBundle, namespaces: Namespaces): Promise<Loaded> => {
    const key = keyOf(bundle, namespaces);
    const fresh = async () => start(rulesOnly(readBundle(bundle)), namespaces);
    const before = take(loaded, key);
    const current = before
      ? before.then((one) => (one.server.alive() ? one : one.stop().then(fresh)), fresh)
      : fresh();
    loaded.set(key, current);
    current.catch(() => {
      if (loaded.get(key) === current) loaded.delete(key);
    });
    await dropOldest(loaded);
    return current;
  };

  return {
    load: async (bundle, namespaces = null) => void (await running(bundle, namespaces)),
    evaluate: async (bundle, input, namespaces, limits = {}) => {
      const ask = async (): Promise<PolicyAnswer> => {
        const { server, rules, entered } = await running(bundle, namespaces);
        if (rules.length === 0) throw nothingToAsk(namespaces);
        const said = await server.query(entered ? null : questionFor(rules), input, limits);
        return readAnswer(rules, said, namespaces);
      };
      // A process that died between two questions is no reason to deny; one that dies of this question twice is.
      return ask().catch((failure) => {
        if (!(failure instanceof PlumblineError && failure.code === "policy-failed")) throw failure;
        return ask();
      });
    },
    verify: async (bundle, limits = {}, read = async () => null) => {
      const folder = await mkdtemp(join(await root(), "t"));
      try {
        const own = readBundle(bundle);
        const parsed = await configModules(own.modules, { read, parse: parseConfiguration });
        const whole = { ...own, modules: [...own.modules, ...parsed] };
        return await runTests(await tool(), whole, folder, limits);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    stop: async () => {
      const all = [...loaded.values()];
      loaded.clear();
      for (const one of all) await one.then((running) => running.stop()).catch(() => {});
      if (root.begun()) await rm(await root(), { recursive: true, force: true });
    },
  };
};

type Namespaces = readonly string[] | null;

/** True where the entry module is in; false where it cannot be, and the bundle compiles without it. */
const compileWithEntry = async (
  tool: OpaTool,
  bundle: ReadBundle,
  rules: readonly AskedRule[],
  folder: string,
): Promise<boolean> => {
  const text = entryModule(rules);
  const entry = { path: "plumbline_entry.rego", text, ...readRego(text), version: 1 as const };
  try {
    await compileBundle(tool, { ...bundle, modules: [...bundle.modules, entry] }, folder);
    return true;
  } catch (failure) {
    if (!(failure instanceof PlumblineError) || !/recursi|plumbline_entry/.test(failure.message))
      throw failure;
  }
  await rm(join(folder, entry.path));
  await compileBundle(tool, bundle, folder);
  return false;
};

/** Rules that are never asked would look like rules that hold. */
const nothingToAsk = (namespaces: readonly string[] | null): PlumblineError => {
  const where = namespaces ? `in ${namespaces.join(", ")}` : "in any package";
  return new PlumblineError("policy-invalid", `There is no deny, violation or warn rule ${where}.`);
};

const keyOf = ({ files, data = {} }: PolicyBundle, namespaces: Namespaces): string =>
  createHash("sha256")
    .update(JSON.stringify([data, namespaces]))
    .update(hashOf(files))
    .digest("hex");

/** Reading five hundred files takes as long as asking a hundred rules, so one list is read once. */
const hashes = new WeakMap<readonly PolicyFile[], string>();
const hashOf = (files: readonly PolicyFile[]): string => {
  const known = hashes.get(files);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  for (const { path, text } of files) hash.update(`\0${path}\0${text}`);
  const fresh = hash.digest("hex");
  hashes.set(files, fresh);
  return fresh;
};

/** Unit tests decide nothing about a plan, and may use what only a test runner has. */
const rulesOnly = (bundle: ReadBundle): ReadBundle => ({
  ...bundle,
  modules: bundle.modules.filter(({ path }) => !path.endsWith("_test.rego")),
});

const take = <V>(map: Map<string, V>, key: string): V | undefined => {
  const value = map.get(key);
  map.delete(key);
  return value;
};

const dropOldest = async (loaded: Map<string, Promise<Loaded>>): Promise<void> => {
  const [oldest] = loaded.keys();
  if (loaded.size <= MOST_SERVERS || oldest === undefined) return;
  const dropped = await take(loaded, oldest)?.catch(() => null);
  await dropped?.stop();
};

/** Work that is done at most once, and again after it failed. */
const once = <T>(work: () => Promise<T>): (() => Promise<T>) & { begun(): boolean } => {
  let result: Promise<T> | null = null;
  const get = (): Promise<T> => {
    result ??= work().catch((failure) => {
      result = null;
      throw failure;
    });
    return result;
  };
  return Object.assign(get, { begun: () => result !== null });
};
