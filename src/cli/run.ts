import { asPlumblineError, type PlumblineError } from "../model/errors.ts";
import { parseArguments } from "./arguments.ts";
import { type CliWorld, type Command, EXIT, printable, printJson } from "./command.ts";
import { withPatience } from "./patience.ts";
import { TABLE } from "./table.ts";

/** Runs one command line and gives its exit code; never throws, and never shows a stack. */
export const runCli = async (
  argv: readonly string[],
  world: CliWorld,
  table: readonly Command[] = TABLE,
): Promise<number> => {
  try {
    const { command, args, options } = parseArguments(argv, table);
    const run = await command.load();
    const call = { args, options, json: options["json"] === true };
    // These speak for themselves for as long as they run.
    if (command.isTalkative) return await run({ ...world, ...call });
    return await withPatience(world, command.words, (patient) => run({ ...patient, ...call }));
  } catch (thrown) {
    return tell(asPlumblineError(thrown), argv, world);
  }
};

const tell = (error: PlumblineError, argv: readonly string[], world: CliWorld): number => {
  const { code, message, hint } = error;
  if (asksForJson(argv)) printJson(world, { error: { code, message, hint } });
  const lines = message.split("\n").map(printable).join("\n");
  world.err(`plumbline: ${lines}\n${hint === "" ? "" : `${hint}\n`}`);
  return code === "wrong-arguments" ? EXIT.wrongArguments : EXIT.failed;
};

const asksForJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).includes("--json");
};
