import { access, constants, mkdtemp, rm, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { openStore } from "../adapters/artifacts-open.ts";
import { probeDatabase } from "../adapters/database-probe.ts";
import { secretValues } from "../adapters/engine-environment.ts";
import { defaultCacheDir, installedEngine } from "../adapters/engine-find.ts";
import { gitVersion } from "../adapters/git-version.ts";
import { installedOpa } from "../adapters/opa-find.ts";
import { openSandbox } from "../adapters/sandbox-open.ts";
import type { ServerConfig } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Log } from "../ports/log.ts";
import type { CliWorld } from "./command.ts";

/** One thing to look at: a sentence when it is well, `message` when there is nothing to look at; else it throws. */
export interface Check {
  readonly name: string;
  readonly look: () => Promise<string | { readonly message: string }>;
}

/** What every use of Plumbline needs. */
export const localChecks = (world: CliWorld, config: ServerConfig | null): readonly Check[] => [
  { name: "node", look: async () => nodeVersion() },
  { name: "git", look: () => git(world) },
  { name: "engine", look: () => engine(world, config) },
  { name: "opa", look: () => opa(world, config) },
  { name: "temporary", look: () => writable(tmpdir(), "TMPDIR") },
  {
    name: "data",
    look: () => writable(resolve(world.cwd, config?.dataDir ?? dataDirOf(world)), "PLUMBLINE_DATA"),
  },
  {
    name: "port",
    look: () => port(config?.listen.host ?? "127.0.0.1", config?.listen.port ?? portOf(world)),
  },
];

/** What the service needs beside it. */
export const serverChecks = (world: CliWorld, config: ServerConfig | null): readonly Check[] => [
  { name: "database", look: () => database(config) },
  { name: "queue", look: async () => (config ? "Kept in the database." : NO_CONFIGURATION) },
  { name: "store", look: () => store(world, config) },
  { name: "sandbox", look: () => sandbox(world, config) },
  { name: "credentials", look: async () => credentials(config) },
  { name: "forge", look: () => forge(config) },
  { name: "clock", look: () => clock(config) },
];

const nodeVersion = (): string => {
  const { node } = process.versions;
  if (Number(node.split(".")[0]) >= 24) return `Node ${node}.`;
  throw new PlumblineError("bug", `This is Node ${node}, and Plumbline needs 24.`, {
    hint: "Run `npm ci` without --ignore-scripts: the `node` package brings Node 24.",
  });
};

// `merge-tree --write-tree` came with 2.38.
const git = async ({ env }: CliWorld): Promise<string> => {
  const version = await gitVersion(env);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 2 || (major === 2 && minor >= 38)) return `git ${version}.`;
  throw new PlumblineError("git-missing", `git ${version} is too old.`, {
    hint: "Install git 2.38 or newer.",
  });
};

const engine = async ({ env }: CliWorld, config: ServerConfig | null): Promise<string> => {
  const path = config?.engine.path ?? env["PLUMBLINE_ENGINE"] ?? null;
  const pins = config?.engine.sha256 ?? {};
  const search = { path: path || null, env, cacheDir: defaultCacheDir(env), log: SILENT, pins };
  const found = await installedEngine(search, {});
  if (found) return `${found.distribution} ${found.version} at ${found.binary}.`;
  if (await onPath("go", env))
    return "None is installed; Go is, so OpenTofu will be built once (some minutes).";
  throw new PlumblineError("engine-missing", "There is neither Terraform nor OpenTofu, nor Go to build one.");
};

// Only policies need it; then plans are denied without it.
const opa = async ({ env }: CliWorld, config: ServerConfig | null) => {
  const path = config?.policies?.opa ?? env["PLUMBLINE_OPA"] ?? null;
  const found = await installedOpa({ path: path || null, env, cacheDir: defaultCacheDir(env), log: SILENT });
  if (found) return `OPA ${found.version} at ${found.binary}.`;
  if ((config?.policies?.sets ?? []).length === 0)
    return { message: "None is installed; only policies need one." };
  if (await onPath("go", env)) return "None is installed; Go is, so one will be built once (a minute).";
  throw new PlumblineError(
    "policy-engine-missing",
    "Policy sets are configured, and there is neither OPA nor Go to build one: every plan would be denied.",
  );
};

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => SILENT };

const onPath = async (name: string, env: CliWorld["env"]): Promise<boolean> => {
  for (const folder of (env["PATH"] ?? "").split(":").filter((part) => part !== "")) {
    if (await may(join(folder, name), constants.X_OK)) return true;
  }
  return false;
};

const may = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

const dataDirOf = ({ env }: CliWorld): string => env["PLUMBLINE_DATA"] || "plumbline-data";
const portOf = ({ env }: CliWorld): number => Number(env["PLUMBLINE_PORT"]) || DEFAULT_PORT;
const DEFAULT_PORT = 8080;

// The folder may not be there yet; then the nearest one above it must take it. Nothing is left behind.
const writable = async (wanted: string, variable: string): Promise<string> => {
  let folder = wanted;
  while (!(await may(folder, constants.F_OK)) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    await rm(await mkdtemp(join(folder, ".plumbline-doctor-")), { recursive: true });
  } catch (failure) {
    throw new PlumblineError("not-writable", `${folder} cannot be written to.`, {
      cause: failure,
      hint: `Give Plumbline a folder that it may write to with ${variable}.`,
    });
  }
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free > LEAST_FREE) return `${wanted} can be written to, ${gigabytes(free)} GB free.`;
  throw new PlumblineError("not-writable", `${folder} has only ${gigabytes(free)} GB free.`, {
    hint: `Free some room, or set ${variable} to a larger disk.`,
  });
};

const LEAST_FREE = 500_000_000;
const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);

const port = (host: string, number: number): Promise<string> =>
  new Promise((done, fail) => {
    const server = createServer();
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === "EADDRINUSE" ? "is taken by another process" : `cannot be used (${cause.code})`;
      fail(new PlumblineError("port-taken", `Port ${number} on ${host} ${why}.`, { cause }));
    });
    server.listen(number, host, () => server.close(() => done(`${number} on ${host} is free.`)));
  });

const NO_CONFIGURATION = { message: "Not checked without a configuration." };

const database = async (config: ServerConfig | null) => {
  if (!config) return NO_CONFIGURATION;
  if (config.databaseUrl === null) return "Embedded, in the data folder.";
  return `PostgreSQL ${await probeDatabase(config.databaseUrl)} answers.`;
};

// Where plans, logs and evidence go.
const store = async ({ env }: CliWorld, config: ServerConfig | null) => {
  if (!config) return NO_CONFIGURATION;
  if (config.artifacts.startsWith("s3://")) {
    await openStore(config, env);
    return `${config.artifacts} takes objects, and replaces none.`;
  }
  return writable(resolve(config.artifacts), "PLUMBLINE_ARTIFACTS");
};

const sandbox = async ({ env }: CliWorld, config: ServerConfig | null) => {
  const wish = config?.sandbox ?? { mode: "auto", read: [], write: [], egress: null };
  const found = await openSandbox(wish, env);
  if ("missing" in found)
    return { message: `Engines run WITHOUT a sandbox and can read what the service can: ${found.missing}.` };
  const { egress } = found.sandbox;
  const hosts = egress === null ? "any host is reached" : `${egress.length} listed hosts are reached`;
  return `Engines see their own run only; ${hosts}.`;
};

/** Same values in both phases let a pull request's plan do what an apply may. */
const credentials = (config: ServerConfig | null) => {
  if (!config) return NO_CONFIGURATION;
  const { planEnv, applyEnv } = config.engine;
  const rules = config.credentials ?? [];
  const pairs = [
    { plan: planEnv, apply: applyEnv },
    ...rules.map(({ plan, apply }) => ({ plan: plan?.env ?? {}, apply: apply?.env ?? {} })),
  ];
  const shared = pairs.flatMap(({ plan, apply }) =>
    secretValues(plan).some((value) => secretValues(apply).includes(value)) ? ["shared"] : [],
  );
  if (shared.length > 0)
    return { message: "A secret of the plan is the apply's too: give plans read-only credentials." };
  const sources = pairs.filter(({ plan }) => Object.keys(plan).length > 0).length + rules.length;
  return sources === 0
    ? { message: "None are given: engines get only what the machine itself lends." }
    : "Plans and applies have their own.";
};

const forge = async (config: ServerConfig | null) => {
  if (!config) return NO_CONFIGURATION;
  const { status } = await askForge(config);
  if (status < 500) return `${config.forge.apiUrl} answers.`;
  throw new PlumblineError("forge-unavailable", `${config.forge.apiUrl} answers with ${status}.`);
};

// Tokens and webhook signatures are dated: a clock that is a minute wrong shows as refused credentials.
const clock = async (config: ServerConfig | null) => {
  if (!config) return NO_CONFIGURATION;
  const asked = Date.now();
  const answer = await askForge(config).catch(() => null);
  const theirs = Date.parse(answer?.headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return { message: "The forge tells no time." };
  const seconds = Math.round(Math.abs(theirs - (asked + Date.now()) / 2) / 1000);
  if (seconds <= 30) return "As the forge's, within half a minute.";
  throw new PlumblineError("forge-refused", `This clock is ${seconds} s off the forge's.`, {
    hint: "Set this machine's clock by NTP.",
  });
};

const askForge = async ({ forge: { apiUrl } }: ServerConfig): Promise<Response> => {
  try {
    const headers = { connection: "close", "user-agent": "plumbline-doctor" };
    const answer = await fetch(apiUrl, { redirect: "manual", headers, signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
    return answer;
  } catch (cause) {
    throw new PlumblineError("forge-unavailable", `${apiUrl} does not answer.`, {
      cause,
      hint: "Check the address, the proxy settings and the network.",
    });
  }
};
