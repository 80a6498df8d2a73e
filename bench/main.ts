import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { asPlumblineError, PlumblineError } from "../src/model/errors.ts";
import { codifyBench } from "./codify.ts";
import { floodBench } from "./flood.ts";
import { inspectBench } from "./inspect.ts";
import { logBench } from "./log.ts";
import { overhead } from "./overhead.ts";
import { pagesBench } from "./pages.ts";
import { policyBench } from "./policy.ts";
import { soak } from "./soak.ts";
import { sqlBench } from "./sql.ts";

/** What `npm run bench -- NAME` can measure. */
const BENCHES = {
  overhead: {
    about: "a pull request's plan from webhook to published comment, beside the bare init + plan + show",
    run: overhead,
  },
  codify: {
    about: "parsing of code, and drift to proven code beside an engine that answers at once",
    run: codifyBench,
  },
  inspect: {
    about: "plans of 10,000 and 100,000 resources read and judged, beside JSON.parse of the same bytes",
    run: inspectBench,
  },
  policy: {
    about: "500 Rego rules over a plan of 200 changed resources",
    run: policyBench,
  },
  sql: {
    about: "lint of 1,000 migrations beside squawk, and drift of a schema with 2,000 tables beside pg_dump",
    run: sqlBench,
  },
  pages: {
    about: "the overview of 2,000 workspaces over HTTP: first byte and bytes over the wire",
    run: pagesBench,
  },
  log: {
    about: "a line of a run's log to whoever follows it, and a log of 50 MB opened at its end",
    run: logBench,
  },
  flood: {
    about:
      "ten thousand webhooks in a minute while people push and comment: nothing lost, nothing planned twice",
    run: floodBench,
  },
  soak: {
    about: "ten minutes of events against 200 workspaces while everything around the service fails by chance",
    run: soak,
  },
} as const;
type BenchName = keyof typeof BENCHES;

const HELP = `Usage: npm run bench -- NAME [--repetitions N] [--minutes N] [--seed N] [--json]

${Object.entries(BENCHES)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join("\n")}

  --repetitions N   measured rounds after one that is not counted (default 7)
  --minutes N       of the soak (default 10)
  --seed N          of the soak's chance (default: another one each time; it is printed)
  --json            figures as JSON on standard output
`;

const USAGE = 64;
const isBench = (name: string): name is BenchName => Object.hasOwn(BENCHES, name);

const readArguments = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        repetitions: { type: "string", default: "7" },
        minutes: { type: "string", default: "10" },
        seed: { type: "string", default: String(randomInt(2 ** 31)) },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (thrown) {
    return (thrown as Error).message;
  }
};

const main = async (argv: readonly string[]): Promise<number> => {
  const read = readArguments(argv);
  if (typeof read === "string") return refuse(read);
  const { values, positionals } = read;
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [name, ...more] = positionals;
  if (name === undefined) return refuse("Which bench?");
  if (!isBench(name)) return refuse(`There is no bench ${name}.`);
  if (more.length > 0) return refuse(`${more.join(" ")} is more than the name of a bench.`);
  const repetitions = Number(values.repetitions);
  if (!Number.isInteger(repetitions) || repetitions < 1)
    return refuse("--repetitions takes a whole number from 1 on.");
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes > 0)) return refuse("--minutes takes a number above 0.");
  if (!Number.isInteger(seed)) return refuse("--seed takes a whole number.");
  const result = await BENCHES[name].run({
    env: process.env,
    ...{ repetitions, minutes, seed },
    progress: (text) => process.stderr.write(`${text}\n`),
  });
  process.stdout.write(values.json ? `${JSON.stringify(result.figures, null, 2)}\n` : result.text);
  return "failed" in result && result.failed ? 1 : 0;
};

const refuse = (why: string): number => {
  process.stderr.write(`bench: ${why}\n\n${HELP}`);
  return USAGE;
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  const error = asPlumblineError(thrown);
  const told = thrown instanceof PlumblineError ? `${error.message}\n${error.hint}` : (thrown as Error).stack;
  process.stderr.write(`bench: ${told}\n`);
  process.exitCode = 1;
}
