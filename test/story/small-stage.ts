import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildMirror } from "../../demo/cloud/build.ts";
import { type Console, openAccount } from "../../demo/cloud/console.ts";
import { type LocalForge, startForge } from "../../demo/forge/forge.ts";
import type { Status } from "../../demo/forge/state.ts";
import { startStateServer } from "../../demo/state/server.ts";
import { type ReceivedAlert, startAlertReceiver } from "../../demo/story/alert-receiver.ts";
import { type MovableClock, movableClock } from "../../demo/story/clock.ts";
import { asApp, localServer } from "../../demo/story/local-server.ts";
import { untilQuiet } from "../../demo/story/quiet.ts";
import { createEngines } from "../../src/adapters/engines.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import type { ServerConfig } from "../../src/model/config.ts";
import { PLAN_CHECKS, PLAN_GATE } from "../../src/model/plan-gate.ts";
import type { Engine } from "../../src/ports/engine.ts";
import { type Service, startService } from "../../src/wire.ts";
import type { ServiceOptions } from "../../src/wire-parts.ts";
import { silent } from "../contract/engine-bench.ts";
import { serveResident } from "../contract/resident-provider.ts";

/**
 * A service with real parts, and repositories so small that a plan takes a third of a second. Tests of one file
 * share it, each with a repository of its own.
 */
export interface SmallStage {
  readonly forge: LocalForge;
  readonly cloud: Console;
  readonly clock: MovableClock;
  readonly alerts: readonly ReceivedAlert[];
  readonly config: ServerConfig;
  readonly logged: readonly string[];
  /** The running service; another object after `start`. */
  service(): Service;
  /** A new repository `acme/NAME`, its roots applied as from a laptop where named. */
  repo(name: string, files: Files, options?: { readonly applied?: readonly string[] }): Promise<TestRepo>;
  /** Resolves when no webhook is on its way and nothing waits or runs. */
  settled(): Promise<void>;
  /** A place where an engine waits until the test lets it go on. */
  gate(): Promise<Gate>;
  stop(): Promise<void>;
  start(change?: (config: ServerConfig) => ServerConfig): Promise<void>;
  close(): Promise<void>;
}

export interface Gate {
  /** Configuration whose plan waits here. */
  readonly data: string;
  /** Command of a provisioner that waits here. */
  readonly command: string;
  /** Resolves when somebody waits. */
  readonly reached: Promise<void>;
  open(): void;
}

export type Files = Readonly<Record<string, string | null>>;

/** One repository as a test uses it. */
export interface TestRepo {
  readonly name: string;
  key(dir: string, workspace?: string): string;
  /** Pushes a branch as `who` and opens a pull request from it; settled. Returns its number. */
  propose(files: Files, options?: ProposeOptions): Promise<number>;
  push(branch: string, files: Files, who?: string): Promise<string>;
  comment(number: number, body: string, who?: string): Promise<number>;
  merge(number: number, method?: "merge" | "squash" | "rebase"): Promise<string>;
  ref(number: number): { readonly repo: string; readonly number: number };
  /** Comments of the service, oldest first, without hidden markers. */
  said(number: number): readonly string[];
  /** The one comment that holds this text; fails where there are none or several. */
  saying(number: number, text: string): string;
  /** `context: state` of the head, sorted. */
  statuses(number: number): readonly string[];
  status(number: number, context: string): Status | undefined;
  /** Inputs of the `terraform_data` resources in a root's state, by address. */
  live(dir: string): Promise<Readonly<Record<string, unknown>>>;
  /** `apply -refresh-only` from a laptop: reality goes into the state. */
  refreshOnly(dir: string): Promise<void>;
  /** Looks for drift in these roots now, as the schedule does; settled. */
  look(...dirs: readonly string[]): Promise<void>;
}

export interface ProposeOptions {
  readonly who?: string;
  readonly branch?: string;
  readonly base?: string;
  readonly title?: string;
  readonly draft?: boolean;
  /** False: returns at once. */
  readonly settle?: boolean;
}

export const PEOPLE = { dana: "write", sam: "write", lee: "maintain", noor: "write", rita: "read" } as const;

export const openSmallStage = async (
  change: (config: ServerConfig) => ServerConfig = (config) => config,
  options: Partial<ServiceOptions> = {},
): Promise<SmallStage> => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-small-"));
  const { mirror } = await buildMirror(join(tmpdir(), "plumbline-test-cloud"));
  const clock = movableClock();
  const cloud = openAccount(join(dir, "cloud.json"), () => clock.now());
  const state = await startStateServer(join(dir, "state"));
  const forge = await startForge({ dir: join(dir, "forge"), now: clock.now });
  for (const [login, permission] of Object.entries(PEOPLE)) forge.addUser(login, permission);
  forge.addUser("renovate[bot]", "write", { bot: true });
  const app = forge.addApp("plumbline");
  const alerts = await startAlertReceiver();
  const provider = await serveResident(cloud.file);
  const env = { DEMOCLOUD_ACCOUNT_FILE: cloud.file, ...provider.env };
  const logged: string[] = [];
  const config = change(configOf({ dir, forge, app, alertUrl: alerts.url, env }));
  const laptop = await engineOf(mirror, join(dir, "cache"));
  const gates: OpenGate[] = [];
  let hook: { remove(): void } | null = null;
  let service: Service | null = null;
  const running = (): Service => {
    if (!service) throw new Error("The service is stopped.");
    return service;
  };
  const stage: SmallStage = {
    forge,
    cloud,
    clock,
    alerts: alerts.received,
    config,
    logged,
    service: running,
    repo: async (name, files, { applied = [] } = {}) => {
      const placed = withBackends(files, state.url, name);
      for (const root of applied) await applyFrom(laptop, join(dir, "laptop", name), placed, root, env);
      await forge.createRepo(`acme/${name}`, { files: placed });
      await stage.settled();
      return testRepo(stage, name, {
        stateDir: join(dir, "state"),
        stateUrl: state.url,
        refresh: (root) => applyFrom(laptop, join(dir, "laptop", name), placed, root, env, ["-refresh-only"]),
      });
    },
    settled: () => untilQuiet(forge, running()),
    gate: async () => {
      const gate = await startGate();
      gates.push(gate);
      return gate;
    },
    stop: async () => {
      const ending = running();
      hook?.remove();
      service = null;
      await ending.stop();
    },
    start: async (again = (same) => same) => {
      service = await startService(again(config), {
        version: "0.0.0",
        env: process.env,
        writeLog: (line) => logged.push(line),
        mirror,
        minuteHand: false,
        clock,
        ...options,
      });
      hook = forge.addWebhook(`${service.url}/webhooks/github`, config.webhookSecrets[0] ?? null);
    },
    close: async () => {
      if (service) await stage.stop();
      for (const gate of gates) await gate.close();
      await forge.stop();
      await alerts.close();
      await state.close();
      await provider.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  await stage.start();
  return stage;
};

interface OpenGate extends Gate {
  close(): Promise<void>;
}

/** Looks like a state without outputs to whoever reads it, in its own time. */
const startGate = async (): Promise<OpenGate> => {
  const { promise: reached, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const server = createServer(async (_request, response) => {
    arrive();
    await opened;
    response.end(JSON.stringify({ version: 4, terraform_version: "1.0.0", serial: 1, lineage: "gate" }));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    data: `data "terraform_remote_state" "gate" {\n  backend = "http"\n  config = {\n    address = "${url}"\n  }\n}\n`,
    command: `'${process.execPath}' -e 'fetch(process.argv[1])' '${url}'`,
    reached,
    open,
    close: () =>
      new Promise((done) => {
        open();
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};

/** Every `main.tf` gets a backend of its own beside it. */
const withBackends = (files: Files, stateUrl: string, repo: string): Record<string, string> => {
  const placed: Record<string, string> = { ".gitignore": ".terraform/\n.terraform.lock.hcl\n" };
  for (const [path, text] of Object.entries(files)) {
    if (text === null) continue;
    placed[path] = text.replaceAll("STATE_URL", stateUrl).replaceAll("REPO_NAME", repo);
    if (!path.endsWith("/main.tf") || path.startsWith("modules/")) continue;
    placed[`${dirname(path)}/backend.tf`] = backend(
      `${stateUrl}/state/${repo}-${dirname(path).replaceAll("/", "-")}`,
    );
  }
  return placed;
};

const backend = (address: string): string =>
  `terraform {\n  backend "http" {\n    address        = "${address}"\n    lock_address   = "${address}"\n    unlock_address = "${address}"\n  }\n}\n`;

/** One root module with one resource that needs no provider. */
export const root = (input: string, more = ""): string =>
  `resource "terraform_data" "it" {\n  input = "${input}"\n}\n${more}`;

const testRepo = (
  stage: SmallStage,
  short: string,
  where: {
    readonly stateDir: string;
    readonly stateUrl: string;
    readonly refresh: (root: string) => Promise<void>;
  },
): TestRepo => {
  const name = `acme/${short}`;
  const { forge } = stage;
  const me = "plumbline[bot]";
  let branches = 0;
  const place = (files: Files): Record<string, string | null> => ({
    ...Object.fromEntries(Object.entries(files).filter(([, text]) => text === null)),
    ...withoutIgnore(withBackends(files, where.stateUrl, short)),
  });
  const ref = (number: number) => ({ repo: name, number });
  const said = (number: number): readonly string[] =>
    forge
      .comments(name, number)
      .filter((comment) => comment.author.login === me)
      .map((comment) => comment.body.replaceAll(/<!--[\s\S]*?-->/g, ""));
  const head = (number: number): string => forge.pull(name, number).pull.headSha;
  const repo: TestRepo = {
    name,
    key: (dir, workspace = "default") => `${name}//${dir}#${workspace}`,
    propose: async (
      files,
      {
        who = "dana",
        branch = `change-${++branches}`,
        base = "main",
        title,
        draft = false,
        settle = true,
      } = {},
    ) => {
      await forge
        .as(who)
        .pushFiles(name, branch, place(files) as Record<string, string>, "Change", { from: base });
      const number = await forge
        .as(who)
        .openPull(name, { title: title ?? branch, head: branch, base, draft });
      if (settle) await stage.settled();
      return number;
    },
    push: async (branch, files, who = "dana") => {
      const sha = await forge.as(who).pushFiles(name, branch, place(files) as Record<string, string>);
      await stage.settled();
      return sha;
    },
    comment: async (number, body, who = "dana") => {
      const id = await forge.as(who).comment(ref(number), body);
      await stage.settled();
      return id;
    },
    merge: async (number, method = "merge") => {
      const sha = await forge.as("dana").merge(ref(number), method);
      await stage.settled();
      return sha;
    },
    ref,
    said,
    saying: (number, text) => {
      const found = said(number).filter((body) => body.includes(text));
      const [only] = found;
      if (found.length !== 1 || only === undefined)
        throw new Error(
          `${found.length} comments say ${JSON.stringify(text)}:\n${said(number).join("\n----\n")}`,
        );
      return only;
    },
    statuses: (number) =>
      forge
        .statuses(name, head(number))
        .map((status) => `${status.context}: ${status.state}`)
        .toSorted(),
    status: (number, context) =>
      forge.statuses(name, head(number)).find((status) => status.context === context),
    live: async (dir) => {
      const file = join(where.stateDir, `${short}-${dir.replaceAll("/", "-")}.tfstate`);
      const text = await readFile(file, "utf8").catch(() => null);
      return text === null ? {} : inputsIn(JSON.parse(text) as StateFile);
    },
    refreshOnly: where.refresh,
    look: async (...dirs) => {
      const { ledger, clock, nudge } = stage.service().world;
      await ledger.outbox.add(
        dirs.map((dir) => ({ job: { kind: "drift", workspace: repo.key(dir), slot: "test" } }) as const),
        clock.now(),
      );
      nudge();
      await stage.settled();
    },
  };
  return repo;
};

const withoutIgnore = ({ ".gitignore": _ignore, ...files }: Record<string, string>): Record<string, string> =>
  files;

interface StateFile {
  readonly resources: readonly {
    readonly type: string;
    readonly name: string;
    readonly instances: readonly { readonly attributes: { readonly input?: { readonly value: unknown } } }[];
  }[];
}

const inputsIn = (state: StateFile): Record<string, unknown> =>
  Object.fromEntries(
    state.resources
      .filter(({ type, instances }) => type === "terraform_data" && instances.length > 0)
      .map(({ type, name, instances }) => [`${type}.${name}`, instances[0]?.attributes.input?.value]),
  );

const applyFrom = async (
  engine: Engine,
  folder: string,
  files: Readonly<Record<string, string>>,
  root: string,
  env: Readonly<Record<string, string>>,
  extraArgs: readonly string[] = [],
): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const call = { dir: join(folder, root), dataDir: join(folder, ".data", root), workspace: "default", env };
  const out = join(folder, "out.tfplan");
  for (const step of [
    () => engine.init(call),
    () => engine.plan(call, { out, lock: true, extraArgs }),
    () => engine.apply(call, out),
  ]) {
    const result = await step();
    if (result.failed) throw new Error(`The laptop failed. ${result.diagnostics || result.shortMessage}`);
  }
};

const engineOf = (mirror: string, cacheDir: string): Promise<Engine> =>
  createEngines({
    mode: "service",
    env: process.env,
    redactor: createRedactor(),
    log: silent,
    path: process.env["PLUMBLINE_ENGINE"] ?? null,
    cacheDir,
    mirror,
  }).pick({});

interface Parts {
  readonly dir: string;
  readonly forge: LocalForge;
  readonly app: { readonly appId: string; readonly privateKey: string };
  readonly alertUrl: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Repositories of tests begin with almost nothing, so that nearly everything would be new; one file tests the gate. */
export const NO_PLAN_GATE = {
  ...PLAN_GATE,
  checks: Object.fromEntries(PLAN_CHECKS.map((check) => [check, "allow"])) as typeof PLAN_GATE.checks,
};

const configOf = ({ dir, forge, app, alertUrl, env }: Parts): ServerConfig => ({
  planGate: NO_PLAN_GATE,
  ...localServer({
    dir,
    repoAllowlist: ["acme/*"],
    forge: asApp(forge, app),
    engine: process.env["PLUMBLINE_ENGINE"] ?? null,
    env,
    alertUrl,
  }),
});
