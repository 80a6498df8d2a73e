import { randomUUID } from "node:crypto";
import { join } from "node:path";
import Fastify from "fastify";
import { openStore } from "./adapters/artifacts-open.ts";
import { createSealedArtifacts } from "./adapters/artifacts-sealed.ts";
import { loadCatalogue } from "./adapters/catalogue-files.ts";
import { systemClock } from "./adapters/clock.ts";
import { contextCommand } from "./adapters/context-command.ts";
import { openDatabase } from "./adapters/database.ts";
import { defaultCacheDir } from "./adapters/engine-find.ts";
import { createEngines } from "./adapters/engines.ts";
import { createGit } from "./adapters/git.ts";
import { createGiteaForge } from "./adapters/gitea.ts";
import { createGithubForge } from "./adapters/github.ts";
import { secondOpinion } from "./adapters/hcl-second-opinion.ts";
import { loadHcl } from "./adapters/hcl-wasm.ts";
import { openInstance } from "./adapters/instance.ts";
import { createJobs } from "./adapters/jobs.ts";
import { createLedger } from "./adapters/ledger.ts";
import { loadSqlParser } from "./adapters/libpg.ts";
import { localFiles } from "./adapters/local-files.ts";
import { createLog } from "./adapters/log.ts";
import { startMinuteHand } from "./adapters/minute-hand.ts";
import { createPolicyEngine } from "./adapters/opa.ts";
import { readPolicyFolder } from "./adapters/policy-files.ts";
import { createRedactor } from "./adapters/redactor.ts";
import { webhookNotifier } from "./adapters/webhook-notifier.ts";
import { tick } from "./entry/schedule.ts";
import { receiveWebhook } from "./entry/webhook.ts";
import { allowsRepo } from "./entry/webhook-allowlist.ts";
import { moduleReader } from "./hcl/module.ts";
import type { ServerConfig } from "./model/config.ts";
import { PlumblineError } from "./model/errors.ts";
import type { Job } from "./model/job.ts";
import type { Clock } from "./ports/clock.ts";
import type { Forge } from "./ports/forge.ts";
import type { Log } from "./ports/log.ts";
import type { Redactor } from "./ports/redactor.ts";
import { createWithLease } from "./queue/lease.ts";
import { startRelay, untilIdle } from "./queue/relay.ts";
import { startWorker } from "./queue/worker.ts";
import { codeReader } from "./run/code-at.ts";
import { CANCELLED } from "./run/frame.ts";
import { handlersOf } from "./run/handlers.ts";
import { readSealedLog } from "./run/log-link.ts";
import { recover } from "./run/recover.ts";
import { sqlLinter } from "./run/sql-linter.ts";
import type { World } from "./run/world.ts";
import { runLogRoutes } from "./web/run-log.ts";
import { webhookRoutes } from "./web/webhooks.ts";

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
  /** What this process does of the three; all where left out. Several processes need a PostgreSQL server. */
  readonly role?: Role;
}

export const ROLES = ["web", "worker", "scheduler"] as const;
export type Role = (typeof ROLES)[number];

export interface Service {
  /** `http://HOST:PORT`, as bound. */
  readonly url: string;
  readonly world: World;
  /** What the minute hand does every minute. Returns how many workspaces were due. */
  tick(): Promise<number>;
  /** Resolves when nothing waits and nothing runs; jobs due later left out. */
  idle(): Promise<void>;
  /** Takes no new work, lets applies finish within the grace time, records, closes. */
  stop(): Promise<void>;
}

/** The one place where every part meets. Starts web, worker and scheduler in this process. */
export const startService = async (server: ServerConfig, options: ServiceOptions): Promise<Service> => {
  const redactor = createRedactor();
  const log = createLog({ redactor, level: server.logLevel, write: options.writeLog });
  const clock = options.clock ?? systemClock;
  for (const secret of secretsOf(server)) redactor.learn(secret);
  const instance = await openInstance(server.dataDir, server.keys);
  const store = await openStore(server, options.env);
  const database = await openDatabase({ url: server.databaseUrl, dataDir: join(server.dataDir, "database") });
  const ledger = createLedger(database);
  const jobs = createJobs(database, { clock, log });
  const relay = startRelay({ ledger, jobs, clock, log });
  const parseHcl = await loadHcl();
  const running = new Map<string, AbortController>();
  const applies = new AbortController();
  const forge = forgeOf(server, log, redactor);
  const git = createGit({
    root: join(server.dataDir, "git"),
    access: (repo) => forge.cloneAccess(repo),
    env: options.env,
    clock,
    redactor,
    log,
    identity: { name: "plumbline", email: "plumbline@users.noreply.github.com" },
    submodules: server.git.submodules,
    lfs: server.git.lfs,
  });
  const policies = createPolicyEngine({
    path: server.policies?.opa ?? null,
    env: options.env,
    cacheDir: defaultCacheDir(options.env),
    log,
  });
  const world: World = {
    server,
    ledger,
    git,
    forge,
    engines: createEngines({
      mode: "service",
      env: options.env,
      redactor,
      log,
      path: server.engine.path,
      passThrough: server.engine.env,
      cliConfig: server.engine.cliConfig,
      ...(options.mirror === undefined ? {} : { mirror: options.mirror }),
    }),
    artifacts: createSealedArtifacts(store, instance.keys),
    notifiers: server.alerts.map((alert) => webhookNotifier(alert)),
    clock,
    log,
    redactor,
    catalogue: await loadCatalogue(),
    codeAt: codeReader(git, moduleReader(parseHcl)),
    lintSql: sqlLinter(await loadSqlParser(), () => clock.now()),
    ...(server.resourceContext
      ? {
          contextSource: contextCommand({
            command: server.resourceContext.command,
            names: server.resourceContext.env,
            env: options.env,
            timeoutMs: server.resourceContext.timeoutSeconds * 1000,
            redactor,
          }),
        }
      : {}),
    ...(server.policies ? { policies: { engine: policies, readFolder: readPolicyFolder } } : {}),
    parseHcl,
    secondOpinion: (text) => secondOpinion()(text),
    key: instance.keys[0] as Uint8Array,
    newId: (prefix) => `${prefix}_${clock.now().getTime().toString(36)}_${randomUUID().slice(0, 12)}`,
    files: localFiles({ dataDir: server.dataDir }),
    withLease: createWithLease({ ledger, clock, log, holder: instance.id }),
    version: options.version,
    cancel: (run) => {
      running.get(run)?.abort(CANCELLED);
      return running.has(run);
    },
    nudge: () => relay.nudge(),
    interruptApplies: applies.signal,
  };
  const does = (role: Role): boolean => options.role === undefined || options.role === role;
  if (does("worker")) await recover(world, instance.id);
  const handle = handlersOf(world);
  const startWork = () =>
    startWorker({
      jobs,
      ledger,
      clock,
      log,
      redactor,
      nudge: world.nudge,
      concurrency: server.concurrency,
      handle: (job, signal) => cancellable(running, job, signal, handle),
    });
  const worker = does("worker") ? await startWork() : null;
  const schedule = {
    ledger,
    log,
    now: () => clock.now(),
    defaultSchedule: server.drift.schedule,
    jitterSeconds: server.drift.jitterSeconds,
    nudge: world.nudge,
  };
  const everyMinute = async (): Promise<number> => {
    await housekeeping(world);
    return tick(schedule);
  };
  const web = does("web") ? await openWeb(world) : { url: "", close: async () => {} };
  const ticks = does("scheduler") && options.minuteHand !== false;
  const stopHand = ticks ? startMinuteHand(everyMinute, log) : async () => {};
  if (does("scheduler")) await housekeeping(world);
  log.info("Plumbline listens", { url: web.url });
  return {
    url: web.url,
    world,
    tick: () => tick(schedule),
    idle: () => untilIdle(relay, jobs),
    stop: async () => {
      log.info("Plumbline stops: no new work, running applies are waited for");
      await stopHand();
      await web.close();
      worker?.interrupt();
      await drained(worker?.stop() ?? Promise.resolve(), clock, server.shutdownGraceSeconds, applies);
      await relay.drain().catch(() => undefined);
      await relay.stop();
      await policies.stop();
      await jobs.close();
      await database.close();
    },
  };
};

const secretsOf = (server: ServerConfig): readonly string[] => [
  ...server.webhookSecrets,
  ...passwordIn(server.databaseUrl),
  ...Object.values(server.engine.planEnv),
  ...Object.values(server.engine.applyEnv),
  ...server.alerts.flatMap((alert) => (alert.secret === null ? [] : [alert.secret])),
];

const forgeOf = ({ forge }: ServerConfig, log: Log, redactor: Redactor): Forge =>
  forge.type === "github"
    ? createGithubForge({ apiUrl: forge.apiUrl, auth: forge.auth, log, redactor })
    : createGiteaForge({ apiUrl: forge.apiUrl, token: forge.token, log, clock: systemClock });

/** Waits for what runs; after the grace time applies are asked, once and gracefully, to come to an end. */
const drained = async (
  ended: Promise<void>,
  clock: Clock,
  graceSeconds: number,
  applies: AbortController,
): Promise<void> => {
  const done = new AbortController();
  const grace = clock.wait(graceSeconds * 1000, done.signal).then(() => {
    if (!done.signal.aborted) applies.abort();
  });
  await ended;
  done.abort();
  await grace;
};

/** A plan or a look for drift can be cancelled by the id of its run. */
const cancellable = async <T>(
  running: Map<string, AbortController>,
  job: Job,
  signal: AbortSignal,
  handle: (job: Job, signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  if (job.kind !== "plan") return handle(job, signal);
  const cancel = new AbortController();
  running.set(job.run, cancel);
  try {
    return await handle(job, AbortSignal.any([signal, cancel.signal]));
  } finally {
    running.delete(job.run);
  }
};

/** Polls and sweeps by the clock; of many replicas one does it, since a slot is remembered by the first. */
const housekeeping = async (world: World): Promise<void> => {
  const { server, ledger, clock } = world;
  const now = clock.now();
  const seconds = server.polling.enabled
    ? server.polling.intervalSeconds
    : Math.max(server.polling.intervalSeconds, SLOW_POLL);
  const due = async (what: string, everySeconds: number): Promise<boolean> =>
    ledger.deliveries.remember(`${what}:${Math.floor(now.getTime() / 1000 / everySeconds)}`, now);
  if (await due("sweep", SWEEP))
    await ledger.outbox.add([{ job: { kind: "sweep" }, dedupeKey: "sweep" }], now);
  if (await due("poll", seconds)) {
    const named = server.repoAllowlist.filter((repo) => !repo.includes("*"));
    const known = (await ledger.workspaces.list({ removed: false })).map((row) => row.repo);
    const repos = [...new Set([...named, ...known.filter((repo) => allowsRepo(server.repoAllowlist, repo))])];
    await ledger.outbox.add(
      repos.map((repo) => ({ job: { kind: "poll", repo }, dedupeKey: `poll:${repo}` }) as const),
      now,
    );
  }
  world.nudge();
};

const SWEEP = 300;
/** Beside webhooks the poll only finds what they missed. */
const SLOW_POLL = 300;

/** The embedded password of a database URL is as secret as the URL. */
const passwordIn = (url: string | null): readonly string[] => {
  const password = url === null ? "" : decodeURIComponent(new URL(url).password);
  return password === "" ? [] : [password];
};

const openWeb = async (world: World): Promise<{ url: string; close(): Promise<void> }> => {
  const { ledger, clock, log, server, nudge } = world;
  const app = Fastify({ logger: false });
  await app.register(
    webhookRoutes({
      log,
      receive: (request) =>
        receiveWebhook(
          { ledger, clock, log, secrets: server.webhookSecrets, allowlist: server.repoAllowlist, nudge },
          request,
        ),
      ready: async () => {
        await ledger.meta.get("ready");
        return { ok: true, problems: [] };
      },
    }),
  );
  await app.register(runLogRoutes({ readLog: (run, seal) => readSealedLog(world, run, seal) }));
  const { host, port } = server.listen;
  try {
    const url = await app.listen({ host, port });
    return { url, close: () => app.close() };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new PlumblineError("port-taken", `Port ${port} on ${host} is taken.`, { cause });
  }
};
