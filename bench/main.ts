import { parseArgs } from "node:util";
import { asPlumblineError, PlumblineError } from "../src/model/errors.ts";
import { codifyBench } from "./codify.ts";
import { inspectBench } from "./inspect.ts";
import { overhead } from "./overhead.ts";
import { policyBench } from "./policy.ts";

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
} as const;
type BenchName = keyof typeof BENCHES;

const HELP = `Usage: npm run bench -- NAME [--repetitions N] [--json]

${Object.entries(BENCHES)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join("\n")}

  --repetitions N   measured rounds after one that is not counted (default 7)
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
  const result = await BENCHES[name].run({
    env: process.env,
    repetitions,
    progress: (text) => process.stderr.write(`${text}\n`),
  });
  process.stdout.write(values.json ? `${JSON.stringify(result.figures, null, 2)}\n` : result.text);
  return 0;
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
