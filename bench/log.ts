import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";
import { createDirectoryArtifacts } from "../src/adapters/artifacts-directory.ts";
import { systemClock } from "../src/adapters/clock.ts";
import { type Database, openDatabase } from "../src/adapters/database.ts";
import { createLedger } from "../src/adapters/ledger.ts";
import { createReadModel } from "../src/adapters/read-model.ts";
import { createRedactor } from "../src/adapters/redactor.ts";
import type { Principal } from "../src/model/access.ts";
import type { LogWish } from "../src/model/run-log.ts";
import { followLog } from "../src/run/follow-log.ts";
import { createLogWatch } from "../src/run/log-watch.ts";
import { readRunLog } from "../src/run/read-log.ts";
import { openRunLog } from "../src/run/run-log.ts";
import type { World } from "../src/run/world.ts";
import { addLogStream } from "../src/web/api/log-stream.ts";
import { silent } from "./overhead.ts";
import { opened, worldOver } from "./pages.ts";

const LINES = 100;
const LONG = 50 * 1024 * 1024;
const STRIDE = 2 * 1024 * 1024;
const BOSS: Principal = { name: "bench", kind: "token", grants: [{ role: "viewer", workspaces: ["*"] }] };

interface Wish {
  readonly repetitions: number;
  readonly progress: (text: string) => void;
}

/** From a line of a run's log to whoever follows it over HTTP, and how a log of 50 MB opens at its end. */
export const logBench = async ({ repetitions, progress }: Wish) => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-log-bench-"));
  const database = await openDatabase({ url: null, dataDir: join(dir, "database") });
  const ledger = createLedger(database);
  const world = {
    ...{ ledger, redactor: createRedactor(), clock: systemClock, log: silent, logWatch: createLogWatch() },
    artifacts: createDirectoryArtifacts(join(dir, "artifacts"), [new Uint8Array(32).fill(1)]),
    interruptApplies: new AbortController().signal,
  } as unknown as World;
  const read = createReadModel(database);
  try {
    const here = await latencies(world, read, "here", world);
    progress("followed on the replica that runs it");
    const { logWatch: _, ...elsewhere } = world;
    const there = await latencies(world, read, "there", elsewhere);
    progress("followed on another replica");
    const long = await longLog(database, world, repetitions);
    const figures = { lines: LINES, sameReplicaMs: here, otherReplicaMs: there, ...long };
    const text = `line to client: same replica p50 ${here.p50} ms, p95 ${here.p95} ms; another replica p50 ${there.p50} ms, p95 ${there.p95} ms\n50 MB log: the run's page has its first byte in ${long.page.firstByteMs} ms (${long.page.processorMs} ms of a processor), ${long.page.bytes} bytes over the wire, ${long.loadedBytes} of ${long.longBytes} bytes loaded\n`;
    return { figures, text, failed: here.p95 >= 250 || there.p95 >= 250 };
  } finally {
    await ledger.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
};

type Follower = Parameters<typeof followLog>[0];

const latencies = async (
  world: World,
  read: ReturnType<typeof createReadModel>,
  run: string,
  follower: Follower,
) => {
  await begin(world, run);
  const app = Fastify();
  const follow = (id: string, from: number, signal: AbortSignal) => followLog(follower, id, from, signal);
  addLogStream(app, { read, follow, admitted: async () => BOSS });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const reply = await fetch(`${url}/runs/${run}/log/stream`);
  const log = openRunLog(world, run);
  const took: number[] = [];
  const reading = readLines(reply, (line) => took.push(performance.now() - Number(line)));
  for (let at = 0; at < LINES; at += 1) {
    log.line(String(performance.now()));
    // Engines do not write at an even pace.
    await systemClock.wait(20 + ((at * 37) % 160));
  }
  await finish(world, run, log);
  await reading;
  await app.close();
  const sorted = took.toSorted((left, right) => left - right);
  if (sorted.length !== LINES) throw new Error(`${sorted.length} of ${LINES} lines came.`);
  const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return { p50: at(0.5), p95: at(0.95), most: Math.round(sorted.at(-1) ?? 0) };
};

const readLines = async (reply: Response, seen: (line: string) => void): Promise<void> => {
  let rest = "";
  for await (const chunk of reply.body ?? []) {
    const lines = (rest + new TextDecoder().decode(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (/^data: [\d.]+$/.test(line)) seen(line.slice(6));
  }
};

const longLog = async (database: Database, world: World, repetitions: number) => {
  await begin(world, "long");
  const log = openRunLog(world, "long");
  const line = "module.network.aws_route.private: Refreshing state... [id=r-0123456789abcdef]".padEnd(
    127,
    ".",
  );
  for (let bytes = 0; bytes < LONG; bytes += 128) {
    log.line(line);
    // Faster than the database takes it, lines would be left out.
    if (bytes % STRIDE === 0)
      while ((await world.ledger.runLogs.size("long")) < bytes - STRIDE) await systemClock.wait(20);
  }
  await finish(world, "long", log);
  let loaded = 0;
  const counting: World = {
    ...world,
    artifacts: {
      ...world.artifacts,
      get: async (ref) => {
        const one = await world.artifacts.get(ref);
        loaded += one.length;
        return one;
      },
    },
  };
  const longBytes = (await readRunLog(counting, "long", { tail: 64 * 1024 }))?.bytes ?? 0;
  const pages = worldOver(database);
  const ask = { ...pages.ask, log: (run: string, wish: LogWish) => readRunLog(world, run, wish) };
  const page = await opened({ ...pages, ask }, "/runs/long", repetitions);
  if (longBytes < LONG) throw new Error(`${longBytes} of ${LONG} bytes were kept.`);
  return { longBytes, loadedBytes: loaded, page };
};

const begin = async ({ ledger }: World, id: string): Promise<void> => {
  const at = new Date();
  await ledger.runs.create({
    ...{ id, workspace: id, kind: "plan", pull: null, head: "h", base: "b", trigger: "bench" },
    ...{ requestedBy: "bench", createdAt: at },
  });
  await ledger.leases.acquire(id, id, "bench", at, 3_600_000);
  await ledger.runs.transition(id, { from: ["queued"], to: "running", token: 1, at });
};

const finish = async (world: World, id: string, log: ReturnType<typeof openRunLog>): Promise<void> => {
  const logArtifact = await log.save(`runs/${id}/log`);
  const end = { from: ["running"], to: "succeeded", token: 1, at: new Date(), logArtifact } as const;
  await world.ledger.runs.transition(id, end);
  await world.ledger.runLogs.forget(id);
};
