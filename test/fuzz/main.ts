import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { type Fuzzed, fuzz } from "./fuzz.ts";
import { TARGETS, type TargetName } from "./targets.ts";

// `npm run fuzz [-- TARGET...] [--inputs N] [--seed N] [--from N]`: a finding is made again by its seed and number.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: "string", default: "100000" },
    seed: { type: "string", default: String(randomInt(1_000_000)) },
    from: { type: "string", default: "0" },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const isTarget = (name: string): name is TargetName => Object.hasOwn(TARGETS, name);
const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);
const unknown = names.find((name) => !isTarget(name));
const options = {
  seed: Number(values.seed),
  inputs: Number(values.inputs),
  from: Number(values.from),
  limitMs: 5_000,
  memoryMegabytes: 512,
};

const report = ({ target, inputs, slowestMs, slowest, heapMegabytes, faults, stopped }: Fuzzed): boolean => {
  say(
    `${target.padEnd(8)} ${inputs} inputs, slowest ${slowestMs.toFixed(0)} ms (number ${slowest}), heap at most ${heapMegabytes.toFixed(0)} MB, ${faults.length} wrong`,
  );
  for (const { index, input, why } of faults)
    say(`  number ${index}: ${why.slice(0, 600)}\n    ${JSON.stringify(input.slice(0, 400))}`);
  if (stopped) say(`  stopped at number ${stopped.index}: ${stopped.why}`);
  return faults.length === 0 && stopped === null;
};

if (unknown === undefined) {
  say(`seed ${options.seed}`);
  for (const name of names.filter(isTarget)) {
    say(`${name}: ${TARGETS[name].about}`);
    if (!report(await fuzz(name, options))) process.exitCode = 1;
  }
} else {
  say(`There is no ${unknown} to fuzz; there are ${Object.keys(TARGETS).join(", ")}.`);
  process.exitCode = 64;
}
