import { openKillBench } from "./bench.ts";
import { allPoints, mixed, nameOf } from "./points.ts";
import type { KillPoint } from "./service-program.ts";

// `npm run test:kill [-- POINTS [SECONDS]]`: the whole kill matrix, or so many of its points, or what fits into a time.
const [count = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY] = process.argv
  .slice(2)
  .map(Number);
const bench = await openKillBench();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const until = Date.now() + seconds * 1000;
const sum = { points: 0, reached: 0, once: 0, never: 0, wrong: 0 };

const tryPoint = async (point: KillPoint): Promise<void> => {
  const answer = await bench.kill(point).catch((failure: unknown) => {
    return { reached: true, applied: Number.NaN, wrong: [String(failure)] };
  });
  sum.points += 1;
  sum.reached += answer.reached ? 1 : 0;
  sum.once += answer.applied === 1 ? 1 : 0;
  sum.never += answer.applied === 0 ? 1 : 0;
  sum.wrong += answer.wrong.length > 0 ? 1 : 0;
  say(
    `${nameOf(point)}: applied ${answer.applied}${answer.reached ? "" : " (not reached)"}${answer.wrong.map((line) => `\n  WRONG: ${line}`).join("")}`,
  );
};

const calls = await bench.dryRun();
const all = allPoints(calls);
say(`${calls.length} calls, ${all.length} points`);
for (const point of mixed(all).slice(0, count)) if (Date.now() < until) await tryPoint(point);
await bench.close();
say(
  `${sum.points} of ${all.length} points, killed at ${sum.reached}: applied once ${sum.once}, not applied ${sum.never}, wrong ${sum.wrong}`,
);
process.exitCode = sum.wrong > 0 ? 1 : 0;
