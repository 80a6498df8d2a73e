import { join } from "node:path";
import { createEngines } from "../../src/adapters/engines.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import type { ServerConfig } from "../../src/model/config.ts";
import type { EngineVersion } from "../../src/ports/engine.ts";
import type { Log } from "../../src/ports/log.ts";
import type { World } from "../../src/run/world.ts";
import { startService } from "../../src/wire.ts";
import { consoleLogOf } from "../cloud/account.ts";
import { buildMirror } from "../cloud/build.ts";
import { type Console, openAccount } from "../cloud/console.ts";
import { type LocalDatabase, startDatabase } from "../database/server.ts";
import { type LocalForge, startForge } from "../forge/forge.ts";
import { type StateServer, startStateServer } from "../state/server.ts";
import { type ReceivedAlert, startAlertReceiver } from "./alert-receiver.ts";
import { applyFromLaptop } from "./before.ts";
import { type MovableClock, movableClock } from "./clock.ts";
import { exampleFiles } from "./example.ts";
import { asApp, localServer } from "./local-server.ts";
import { fillOrders, ordersEnv, ordersRules } from "./orders-db.ts";
import { untilQuiet } from "./quiet.ts";

export const REPO = "acme/infra";
export const DATABASE_PASSWORD = "correct-horse-battery-staple";

/** Everything that the story plays on: real engine, real git over HTTP, a real database, a cloud that is a JSON file. */
export interface Stage {
  readonly engine: EngineVersion;
  readonly forge: LocalForge;
  /** The forge's bare repository of `REPO`. */
  readonly repository: string;
  readonly cloud: Console;
  /** What the workspace `orders-db` migrates. */
  readonly orders: LocalDatabase;
  readonly state: StateServer;
  readonly service: StageService;
  readonly alerts: readonly ReceivedAlert[];
  /** Resolves when no webhook is on its way and nothing waits or runs. */
  settled(): Promise<void>;
  /** The schedule's next half hour. */
  nextLook(): Promise<void>;
  close(): Promise<void>;
}

/** What the story needs of a service, be it one in this process or several elsewhere. */
export interface StageService {
  readonly url: string;
  readonly world: Pick<World, "ledger">;
  /** On to the next full or half hour. */
  toNextHalfHour(): Promise<void>;
  tick(): Promise<number>;
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface StageOptions {
  /** A folder of its own; everything lies below it. */
  readonly dir: string;
  /** Bundled providers are kept here, by content. */
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path or name of the engine; whatever is found where left out. */
  readonly engine?: string;
  readonly version: string;
  readonly writeLog?: (line: string) => void;
  /** Told in short words what takes a while. */
  readonly progress?: (what: string) => void;
  readonly change?: (config: ServerConfig) => ServerConfig;
  /** Starts the service otherwise than in this process. */
  readonly start?: (config: ServerConfig, mirror: string, env: StageOptions["env"]) => Promise<StageService>;
}

const PEOPLE = { dana: "write", sam: "write", lee: "maintain", noor: "write" } as const;

/** Builds the stage: the cloud with four workspaces and a database, all applied before Plumbline came, the forge, the service. */
export const openStage = async (options: StageOptions): Promise<Stage> => {
  const say = options.progress ?? (() => undefined);
  say("a cloud in a JSON file");
  const { mirror } = await buildMirror(join(options.cacheDir, "demo-cloud"));
  const clock = movableClock();
  const cloud = openAccount(join(options.dir, "cloud.json"), () => clock.now());
  const state = await startStateServer(join(options.dir, "state"));
  const files = await exampleFiles(state.url);
  const env = { DEMOCLOUD_ACCOUNT_FILE: cloud.file, TF_VAR_password: DATABASE_PASSWORD };
  say("looking for Terraform or OpenTofu");
  const engine = await pickEngine(options, mirror);
  say(
    `applying four workspaces with ${engine.version.distribution} ${engine.version.version}, as from a laptop, and a database`,
  );
  const orders = await startDatabase("orders");
  await Promise.all([applyFromLaptop(engine, join(options.dir, "laptop"), files, env), fillOrders(orders)]);
  say("a forge, Plumbline");
  const { forge, app } = await openForge(join(options.dir, "forge"), files, clock.now);
  const alerts = await startAlertReceiver();
  const own: ServerConfig = {
    ...configFor({ options, forge, app, alertUrl: alerts.url, env }),
    actors: { file: { path: consoleLogOf(cloud.file), ownPrincipals: [] } },
    databases: ordersRules,
  };
  const config = options.change?.(own) ?? own;
  const held = { ...options.env, ...ordersEnv(orders) };
  const service = await (options.start?.(config, mirror, held) ??
    startHere({ ...options, env: held }, config, mirror, clock));
  forge.addWebhook(`${service.url}/webhooks/github`, config.webhookSecrets[0] as string);
  const settled = (): Promise<void> => untilQuiet(forge, service);
  return {
    engine: engine.version,
    forge,
    repository: join(options.dir, "forge", `${REPO}.git`),
    cloud,
    orders,
    state,
    service,
    alerts: alerts.received,
    settled,
    nextLook: async () => {
      // A service elsewhere has a clock of its own; the console's goes with it.
      if (options.start) clock.toNextHalfHour();
      await service.toNextHalfHour();
      await service.tick();
      await settled();
    },
    close: async () => {
      await service.stop();
      await forge.stop();
      await alerts.close();
      await state.close();
      await orders.close();
    },
  };
};

const openForge = async (dir: string, files: Readonly<Record<string, string>>, now: () => Date) => {
  const forge = await startForge({ dir, now });
  for (const [login, permission] of Object.entries(PEOPLE)) forge.addUser(login, permission);
  const app = forge.addApp("plumbline");
  await forge.createRepo(REPO, { files, message: "Five workspaces" });
  return { forge, app };
};

const startHere = async (
  { version, env, writeLog = () => undefined }: StageOptions,
  config: ServerConfig,
  mirror: string,
  clock: MovableClock,
): Promise<StageService> => {
  const service = await startService(config, { version, env, writeLog, mirror, minuteHand: false, clock });
  return { ...service, toNextHalfHour: async () => clock.toNextHalfHour() };
};

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

const pickEngine = ({ env, engine, cacheDir }: StageOptions, mirror: string) =>
  createEngines({
    mode: "service",
    env,
    redactor: createRedactor(),
    log: silent,
    path: engine ?? env["PLUMBLINE_ENGINE"] ?? null,
    cacheDir,
    mirror,
  }).pick({});

interface Parts {
  readonly options: StageOptions;
  readonly forge: LocalForge;
  readonly app: { readonly appId: string; readonly privateKey: string; readonly installationId: number };
  readonly alertUrl: string;
  readonly env: Readonly<Record<string, string>>;
}

const configFor = ({ options, forge, app, alertUrl, env }: Parts): ServerConfig =>
  localServer({
    dir: options.dir,
    repoAllowlist: [REPO],
    forge: asApp(forge, app),
    engine: options.engine ?? options.env["PLUMBLINE_ENGINE"] ?? null,
    env,
    alertUrl,
  });
