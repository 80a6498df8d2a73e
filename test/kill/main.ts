import { appendFile, readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { openKillBench } from "./bench.ts";
import type { Answered } from "./judge.ts";
import { allPoints, mixed, nameOf } from "./points.ts";
import type { KillPoint } from "./service-program.ts";
import { walkSql } from "./sql-main.ts";

// `npm run test:kill [-- POINTS [SECONDS]] [--resume FILE]`: the whole kill matrix, or so many of its points, or what
// fits into a time. With a file it goes on where an earlier call ended, and counts what both found. `--sandboxed`: every
// engine in bubblewrap. `--sql`: SQL migrations on a PostgreSQL server, in each state; `--sql --every` around every call.
const { values, positionals } = parseArgs({
  options: {
    resume: { type: "string" },
    sandboxed: { type: "boolean", default: false },
    sql: { type: "boolean", default: false },
    every: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const [count = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY] = positionals.map(Number);
const until = Date.now() + seconds * 1000;

interface Line extends Pick<Answered, "reached" | "applied" | "wrong"> {
  readonly name: string;
}

const earlier = async (file: string | undefined): Promise<readonly Line[]> => {
  const text = file === undefined ? "" : await readFile(file, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
};

const tryPoint = async (point: KillPoint): Promise<Line> => {
  const name = nameOf(point);
  const { reached, applied, wrong } = await bench.kill(point).catch((failure: unknown) => {
    return { reached: true, applied: -1, wrong: [String(failure)] };
  });
  const told = wrong.map((each) => `\n  WRONG: ${each}`).join("");
  process.stdout.write(`${name}: applied ${applied}${reached ? "" : " (not reached)"}${told}\n`);
  const line = { name, reached, applied, wrong };
  if (values.resume !== undefined) await appendFile(values.resume, `${JSON.stringify(line)}\n`);
  return line;
};

if (values.sql) {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  process.exit((await walkSql(values.every, { most: count, until, say })) > 0 ? 1 : 0);
}

const bench = await openKillBench({ sandboxed: values.sandboxed });
const calls = await bench.dryRun();
const all = allPoints(calls);
process.stdout.write(`${calls.length} calls, ${all.length} points\n`);
const lines = [...(await earlier(values.resume))];
const known = new Set(lines.map(({ name }) => name));
for (const point of mixed(all).slice(0, count))
  if (Date.now() < until && !known.has(nameOf(point))) lines.push(await tryPoint(point));
await bench.close();

const of = (is: (line: Line) => boolean): number => lines.filter(is).length;
const wrong = of((line) => line.wrong.length > 0);
process.stdout.write(
  `${lines.length} of ${all.length} points, killed at ${of(({ reached }) => reached)}: applied once ${of(({ applied }) => applied === 1)}, not applied ${of(({ applied }) => applied === 0)}, wrong ${wrong}\n`,
);
process.exitCode = wrong > 0 ? 1 : 0;
