import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createActorLookups } from "./adapters/actor-lookups.ts";
import { openStore } from "./adapters/artifacts-open.ts";
import { createSealedArtifacts } from "./adapters/artifacts-sealed.ts";
import { loadCatalogue } from "./adapters/catalogue-files.ts";
import { contextCommand, healthCommand } from "./adapters/context-command.ts";
import { createCredentials } from "./adapters/credentials.ts";
import { type Database, openDatabase } from "./adapters/database.ts";
import { defaultCacheDir } from "./adapters/engine-find.ts";
import { createEngines } from "./adapters/engines.ts";
import { createForge } from "./adapters/forges.ts";
import { createGit } from "./adapters/git.ts";
import { secondOpinion } from "./adapters/hcl-second-opinion.ts";
import { loadHcl } from "./adapters/hcl-wasm.ts";
import { keyId, openInstance } from "./adapters/instance.ts";
import { createJobs } from "./adapters/jobs.ts";
import { createLedger } from "./adapters/ledger.ts";
import { loadSqlParser } from "./adapters/libpg.ts";
import { localFiles } from "./adapters/local-files.ts";
import { createNotifiers } from "./adapters/notifiers.ts";
import { createPolicyEngine } from "./adapters/opa.ts";
import { readPolicyFolder } from "./adapters/policy-files.ts";
import { createReadModel } from "./adapters/read-model.ts";
import { redactedForge, redactedNotifier } from "./adapters/redacted-exits.ts";
import type { Sandbox } from "./adapters/sandbox.ts";
import { openSandbox } from "./adapters/sandbox-open.ts";
import { secretScanner } from "./adapters/secret-scanner.ts";
import { openSigningKey } from "./adapters/signing-key.ts";
import { coversWorkspace } from "./gate/access.ts";
import { moduleReader } from "./hcl/module.ts";
import { channelNames } from "./model/alert.ts";
import type { ServerConfig } from "./model/config.ts";
import { CANCELLED } from "./model/run.ts";
import type { Clock } from "./ports/clock.ts";
import type { Ledger } from "./ports/ledger.ts";
import type { LeaseRoom } from "./ports/ledger-leases.ts";
import type { Log } from "./ports/log.ts";
import { createWithLease, isSilent } from "./queue/lease.ts";
import { startRelay } from "./queue/relay.ts";
import { codeReader } from "./run/code-at.ts";
import { createLogWatch } from "./run/log-watch.ts";
import { sqlLinter } from "./run/sql-linter.ts";
import type { World } from "./run/world.ts";
import { openBackups } from "./wire-backup.ts";
import { databasesOf } from "./wire-databases.ts";
import { type Ground, groundOf } from "./wire-ground.ts";
import { openForgePace } from "./wire-pace.ts";

export interface ServiceOptions {
  readonly version: string;
  /** The environment of this process: engines and git get what their allow lists name. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whole lines of the log, redacted. */
  readonly writeLog: (line: string) => void;
  /** A provider mirror in the file system that stands in for every registry: the demo's cloud. */
  readonly mirror?: string;
  /** False: nobody ticks by itself; tests and the demo call `tick`. */
  readonly minuteHand?: boolean;
  readonly clock?: Clock;
  /** After which a silent replica has lost its workspaces; half a minute where left out. */
  readonly leaseMs?: number;
  /** What this process does of the three; all where left out. Several processes need a PostgreSQL server. */
  readonly role?: Role;
  /** Wraps each port as it is made: the kill matrix counts calls by it. */
  readonly tap?: <Port extends object>(name: string, port: Port) => Port;
}

const tapOf = ({ tap }: ServiceOptions): NonNullable<ServiceOptions["tap"]> => tap ?? ((_name, port) => port);

export const ROLES = ["web", "worker", "scheduler"] as const;
export type Role = (typeof ROLES)[number];

/** What exists before anything is started. */
export interface Parts {
  readonly world: World;
  /** Name of this process in leases. */
  readonly holder: string;
  /** Names of its keys, the one that seals first. */
  readonly keyIds: readonly string[];
  readonly jobs: ReturnType<typeof createJobs>;
  readonly relay: ReturnType<typeof startRelay>;
  /** Runs of this process that can be cancelled, by their id. */
  readonly running: Map<string, AbortController>;
  /** Aborted, it asks running applies to end. */
  readonly applies: AbortController;
  close(): Promise<void>;
}

/** Every part that the service is made of, and the world that its pipelines see. */
export const openParts = async (server: ServerConfig, options: ServiceOptions): Promise<Parts> => {
  const ground = groundOf(server, options);
  const { clock, log } = ground;
  const instance = await openInstance(server.dataDir, server.keys);
  const store = await openStore(server, options.env);
  const database = await openDatabase({ url: server.databaseUrl, dataDir: join(server.dataDir, "database") });
  const tap = tapOf(options);
  const ledger = tap("ledger", createLedger(database));
  const key = await signingKeyOf(ledger, instance.keys, database);
  const jobs = createJobs(database, { clock, log, instance: instance.id });
  const relay = startRelay({ ledger, jobs, clock, log });
  const { version } = options;
  const backups = await openBackups(server, { database, store, instance, version, clock, log });
  const running = new Map<string, AbortController>();
  const applies = new AbortController();
  const policies = policyEngineOf(server, options, log);
  const pace = openForgePace(server, { ledger, clock, log });
  const outside = await outsideOf(server, options, ground, pace.limited);
  const leases = { ledger, clock, log, ...(options.leaseMs ? { ttlMs: options.leaseMs } : {}) };
  const world: World = {
    ...ground,
    ...outside,
    forge: pace.paced(outside.forge),
    server,
    ledger,
    read: createReadModel(database, {
      ...{ looks: server.drift, channels: channelNames(server.alerts), now: () => clock.now() },
    }),
    logWatch: createLogWatch(),
    artifacts: tap("artifacts", createSealedArtifacts(store, instance.keys)),
    ...(server.policies ? { policies: { engine: policies, readFolder: readPolicyFolder } } : {}),
    key,
    instance: instance.id,
    newId: (prefix) => `${prefix}_${clock.now().getTime().toString(36)}_${randomUUID().slice(0, 12)}`,
    withLease: createWithLease({ ...leases, holder: instance.id, rooms: roomsOf(server) }),
    isSilent: (lease) => isSilent(leases, lease),
    version: options.version,
    cancel: (run) => {
      running.get(run)?.abort(CANCELLED);
      return running.has(run);
    },
    nudge: () => relay.nudge(),
    interruptApplies: applies.signal,
  };
  return {
    world,
    holder: instance.id,
    keyIds: instance.keys.map(keyId),
    jobs,
    relay,
    running,
    applies,
    close: async () => {
      await relay.drain().catch(() => undefined);
      await relay.stop();
      await closeAll([{ close: () => policies.stop() }, ground.tracer, backups, jobs, database]);
    },
  };
};

/** A key that cannot be read ends the start, and with it the database. */
const signingKeyOf = (
  { meta }: Pick<Ledger, "meta">,
  keys: Parameters<typeof openSigningKey>[1],
  database: Pick<Database, "close">,
): ReturnType<typeof openSigningKey> =>
  openSigningKey(meta, keys).catch(async (thrown: unknown) => {
    await database.close();
    throw thrown;
  });

const policyEngineOf = ({ policies }: ServerConfig, { env }: Pick<ServiceOptions, "env">, log: Log) =>
  createPolicyEngine({ path: policies?.opa ?? null, env, cacheDir: defaultCacheDir(env), log });

/** In this order: the database last, since all others write to it to their end. */
const closeAll = async (parts: readonly ({ close(): Promise<unknown> } | undefined)[]): Promise<void> => {
  for (const part of parts) await part?.close();
};

const roomsOf = ({ accounts = [] }: ServerConfig): readonly LeaseRoom[] =>
  accounts.map(({ name, workspaces, plans, applies }) => ({
    account: name,
    covers: (workspace) => workspaces.some((pattern) => coversWorkspace(pattern, workspace)),
    most: (isApply) => (isApply ? applies : plans),
  }));

type Outside = Pick<
  World,
  | ("forge" | "git" | "engines" | "confined" | "notifiers" | "actorLookups" | "catalogue" | "codeAt")
  | ("lintSql" | "databases")
  | ("credentials" | "contextSource" | "health")
  | ("parseHcl" | "secondOpinion" | "secretScanner" | "files")
>;

/** Forge, git, engines and parsers: all that needs neither database nor keys. */
const outsideOf = async (
  server: ServerConfig,
  options: ServiceOptions,
  { clock, log, redactor, tracer }: Ground,
  limited: (seconds: number) => void,
): Promise<Outside> => {
  const { env, mirror } = options;
  const parseHcl = await loadHcl();
  const parseSql = await loadSqlParser();
  const tap = tapOf(options);
  const forge = redactedForge(tap("forge", createForge(server.forge, { log, redactor, limited })), redactor);
  const git = createGit({
    root: join(server.dataDir, "git"),
    access: (repo) => forge.cloneAccess(repo),
    env,
    clock,
    redactor,
    log,
    identity: { name: "plumbline", email: "plumbline@users.noreply.github.com" },
    submodules: server.git.submodules,
    lfs: server.git.lfs,
  });
  const sandbox = await sandboxFor(server, env, log);
  const engines = createEngines({
    mode: "service",
    sandbox,
    env,
    redactor,
    log,
    tracer,
    path: server.engine.path,
    passThrough: server.engine.env,
    cliConfig: server.engine.cliConfig,
    pins: server.engine.sha256 ?? {},
    ...(mirror === undefined ? {} : { mirror }),
  });
  return {
    forge,
    git: tap("git", git),
    engines: tap("engines", engines),
    confined: sandbox !== null,
    notifiers: createNotifiers(server.alerts, { clock, forge }).map((one) => redactedNotifier(one, redactor)),
    ...(server.actors ? { actorLookups: createActorLookups(server.actors, { env, redactor, clock }) } : {}),
    catalogue: await loadCatalogue(),
    codeAt: codeReader(git, moduleReader(parseHcl)),
    lintSql: sqlLinter(parseSql, () => clock.now()),
    ...(server.credentials
      ? { credentials: createCredentials({ rules: server.credentials, env, clock, redactor, log }) }
      : {}),
    ...databasesOf(server, { env, tap, parse: parseSql, redactor, sandbox }),
    ...commandsOf(server, env, { redactor, clock }),
    parseHcl,
    secondOpinion: (text) => secondOpinion()(text),
    secretScanner: secretScanner(),
    files: tap("files", localFiles({ dataDir: server.dataDir })),
  };
};

/** Said at every start: an operator must know whether what pull requests bring is confined. */
const sandboxFor = async (
  { sandbox: config }: ServerConfig,
  env: ServiceOptions["env"],
  log: Log,
): Promise<Sandbox | null> => {
  if (!config) return null;
  const found = await openSandbox(config, env);
  if ("sandbox" in found) {
    const { egress, cutsNetwork } = found.sandbox;
    log.info("engines and migration tools run in a sandbox", { egress: egress ?? "any host" });
    if (!cutsNetwork)
      log.warn(
        "migration tools reach MORE THAN THEIR DATABASE: bubblewrap cannot take the network away here",
      );
    return found.sandbox;
  }
  log.warn("engines and migration tools run WITHOUT a sandbox: they can read what this service can", {
    why: found.missing,
  });
  return null;
};

/** Commands of the operator's that are asked about the world around a plan. */
const commandsOf = (
  { resourceContext, applicationHealth }: ServerConfig,
  env: ServiceOptions["env"],
  { redactor, clock }: Pick<Ground, "redactor" | "clock">,
): Pick<World, "contextSource" | "health"> => {
  const how = ({ command, env: names, timeoutSeconds }: NonNullable<typeof applicationHealth>) => ({
    command,
    names,
    env,
    timeoutMs: timeoutSeconds * 1000,
    redactor,
  });
  return {
    ...(resourceContext
      ? {
          contextSource: contextCommand({
            ...how(resourceContext),
            keepMs: resourceContext.keepSeconds * 1000,
            now: () => clock.now(),
          }),
        }
      : {}),
    ...(applicationHealth ? { health: healthCommand(how(applicationHealth)) } : {}),
  };
};
