import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { driftOfFolder } from "../src/adapters/flyway-drift.ts";
import { readFolder } from "../src/adapters/flyway-folder.ts";
import { loadSqlParser } from "../src/adapters/libpg.ts";
import { openTarget } from "../src/adapters/pg-target.ts";
import { binaries, startServer } from "../test/contract/databases.ts";
import { median } from "./overhead-table.ts";
import { rehearsalTime } from "./rehearsal.ts";

const FILES = 1000;
const TABLES = 2000;
const LIMITS = { lintMs: 2000, driftMs: 5000, rehearsalMs: 30_000 };
const run = promisify(execFile);

interface Wish {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly repetitions: number;
  readonly progress: (text: string) => void;
}

/** Lint of 1,000 migrations beside squawk, drift of 2,000 tables beside pg_dump, a rehearsal of 100 migrations: commands from start to end, in turn. */
export const sqlBench = async ({ repetitions, progress }: Wish) => {
  const root = mkdtempSync(join(tmpdir(), "plumbline-bench-sql-"));
  const bin = binaries();
  const server = bin === null ? null : await startServer(bin);
  try {
    const lint = await lintTimes(root, repetitions, progress);
    const drift = server ? await driftTimes(root, server.url, repetitions, progress) : null;
    const again = server ? await driftAgain(root, server.url) : null;
    const rehearsal = server ? await rehearsalTime(root, server.url) : null;
    const figures = {
      again,
      rehearsal,
      load: Math.round(loadavg()[0] ?? 0),
      files: FILES,
      tables: TABLES,
      lint,
      drift,
    };
    const lines = [
      `load ${figures.load}`,
      `lint of ${FILES} migrations: ${row(lint, "squawk", LIMITS.lintMs)}`,
      drift
        ? `drift of ${TABLES} tables, first: ${row(drift, "pg_dump", LIMITS.driftMs)}`
        : "drift: no PostgreSQL server here",
      ...(again === null
        ? []
        : [`drift of ${TABLES} tables, again in one process as the service looks: ${again} ms`]),
      ...(rehearsal === null
        ? []
        : [
            `rehearsal of 100 migrations beside these tables, which it makes too: ${rehearsal} ms (${rehearsal <= LIMITS.rehearsalMs ? "within" : "OVER"} ${LIMITS.rehearsalMs} ms)`,
          ]),
    ];
    return { figures, text: `${lines.join("\n")}\n` };
  } finally {
    await server?.stop();
    rmSync(root, { recursive: true, force: true });
  }
};

/** Milliseconds, the middle of all rounds; `theirs` null where the other command is not there. */
interface Pair {
  readonly ours: number;
  readonly theirs: number | null;
}

const row = ({ ours, theirs }: Pair, other: string, limit: number): string => {
  const beside =
    theirs === null ? `${other} is not there` : `${other} ${theirs} ms, ratio ${(ours / theirs).toFixed(1)}`;
  return `${ours} ms (${ours <= limit ? "within" : "OVER"} ${limit} ms); ${beside}`;
};

const lintTimes = async (root: string, repetitions: number, progress: Wish["progress"]): Promise<Pair> => {
  const dir = join(root, "lint");
  mkdirSync(dir);
  for (let index = 1; index <= FILES; index += 1)
    writeFileSync(join(dir, `V${index}__step.sql`), migration(index));
  // Brought by `npm i --no-save squawk-cli`: its packages for other platforms break `npm ci` where a lock names them.
  const squawk = join(import.meta.dirname, "../node_modules/.bin/squawk");
  const theirs = existsSync(squawk) ? [squawk, join(dir, "*.sql")] : null;
  return timesOf(repetitions, progress, plumbline("lint", dir), theirs);
};

/** The same table is made, widened, indexed, filled and read, as migrations do. */
const migration = (index: number): string => {
  const table = `app.t${Math.ceil(index / 5)}`;
  const kinds = [
    `create table ${table} (id bigint primary key, name text not null, made timestamptz default now());`,
    `alter table ${table} add column note text;\nalter table ${table} add column total numeric(12, 2) default 0;`,
    `create index concurrently t${index}_name on ${table} (name);`,
    `update ${table} set note = 'none' where note is null and id between 1 and 1000;`,
    `create or replace view ${table}_v as select id, name from ${table} where made > now() - interval '1 day';`,
  ];
  return `set lock_timeout = '5s';\n${kinds[(index - 1) % kinds.length]}\n`;
};

const driftTimes = async (
  root: string,
  url: string,
  repetitions: number,
  progress: Wish["progress"],
): Promise<Pair> => {
  const dir = join(root, "drift");
  mkdirSync(dir);
  for (let file = 0; file < 20; file += 1)
    writeFileSync(join(dir, `V${file + 1}__tables.sql`), tables(file * (TABLES / 20), TABLES / 20));
  progress(`${TABLES} tables are made`);
  await quiet(plumbline("migrate", dir, "--url", url));
  return timesOf(repetitions, progress, plumbline("drift", dir, "--url", url), [
    "pg_dump",
    "--schema-only",
    url,
  ]);
};

/** The service remembers what a folder's replay made, and compares the live schema with that. */
const driftAgain = async (root: string, url: string): Promise<number> => {
  const parse = await loadSqlParser();
  const target = await openTarget(url);
  const dir = join(root, "drift");
  const ask = {
    dir,
    shown: "drift",
    schemas: [],
    table: null,
    placeholders: {},
    outOfOrder: false,
    baselineVersion: null,
  };
  try {
    const folder = await readFolder(target, ask);
    await driftOfFolder(target, folder, { parse, rehearsal: null });
    const began = performance.now();
    await driftOfFolder(target, folder, { parse, rehearsal: null });
    return Math.round(performance.now() - began);
  } finally {
    await target.close();
  }
};

const tables = (from: number, count: number): string =>
  Array.from({ length: count }, (_, offset) => {
    const name = `t${from + offset}`;
    return `create table ${name} (id bigint primary key, name text not null, total numeric(12, 2) default 0 check (total >= 0), made timestamptz);\ncreate index ${name}_made on ${name} (made);`;
  }).join("\n");

const plumbline = (...args: readonly string[]): readonly string[] => [
  process.execPath,
  join(import.meta.dirname, "../src/main.ts"),
  "sql",
  ...args,
];

const timesOf = async (
  repetitions: number,
  progress: Wish["progress"],
  ours: readonly string[],
  theirs: readonly string[] | null,
): Promise<Pair> => {
  const [own, other]: [number[], number[]] = [[], []];
  for (let round = 0; round <= repetitions; round += 1) {
    const took = await timed(ours);
    const beside = theirs ? await timed(theirs) : null;
    progress(
      `${ours[3]}: ${Math.round(took)} ms${beside === null ? "" : ` beside ${Math.round(beside)} ms`}\n`,
    );
    // The first round fills caches.
    if (round > 0 || repetitions === 0) own.push(took);
    if (beside !== null && (round > 0 || repetitions === 0)) other.push(beside);
  }
  return { ours: Math.round(median(own)), theirs: other.length === 0 ? null : Math.round(median(other)) };
};

const timed = async (command: readonly string[]): Promise<number> => {
  const began = performance.now();
  await quiet(command);
  return performance.now() - began;
};

// What is found is told by the exit code; only a command that did not run at all is an error.
const quiet = async ([program = "", ...args]: readonly string[]): Promise<void> => {
  const call = run(program, args, { maxBuffer: 2 ** 28 });
  await call.catch((thrown: { code?: unknown }) => {
    if (typeof thrown.code !== "number" || thrown.code === 127) throw thrown;
  });
};
