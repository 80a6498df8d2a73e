import { parseArgs } from "node:util";
import { PlumblineError } from "../model/errors.ts";
import { didYouMean } from "../model/similar.ts";
import { COMMON_OPTIONS, type Command, type OptionSpec, type Options } from "./command.ts";
import { usageLine } from "./usage.ts";

export interface ParsedArguments {
  readonly command: Command;
  readonly args: readonly string[];
  readonly options: Options;
}

/**
 * Finds the command and reads its arguments. `--help` and `--version` are asked for like the commands of that name;
 * nothing at all is `help`. Throws `wrong-arguments` in one sentence that names what was wrong.
 */
export const parseArguments = (argv: readonly string[], table: readonly Command[]): ParsedArguments => {
  const { command, rest } = findCommand(argv, table);
  const specs = { ...command.options, ...COMMON_OPTIONS };
  const { args, options } = readTokens(rest, command, specs);
  if (options["help"]) return { command: named("help", table), args: command.words, options: pick(options) };
  const [least, most] = command.argsCount;
  if (args.length < least) throw wrong(`${wordsOf(command)} needs ${command.argsUsage}.`, command);
  if (args.length > most) {
    const surplus = args[most] ?? "";
    throw wrong(`${wordsOf(command)} has no use for ${JSON.stringify(surplus)}.`, command);
  }
  return { command, args, options };
};

const findCommand = (
  argv: readonly string[],
  table: readonly Command[],
): { readonly command: Command; readonly rest: readonly string[] } => {
  const start = argv.findIndex((word) => !word.startsWith("-"));
  const before = start === -1 ? argv : argv.slice(0, start);
  if (before.some((word) => word === "--version" || word === "-v" || word === "-V")) {
    return { command: named("version", table), rest: before.filter((word) => word === "--json") };
  }
  if (start === -1) return { command: named("help", table), rest: before };
  const words = argv.slice(start);
  const found = table.find(({ words: own }) => own.every((word, index) => words[index] === word));
  if (found) return { command: found, rest: [...before, ...words.slice(found.words.length)] };
  throw unknownCommand(words, table);
};

const named = (word: string, table: readonly Command[]): Command => {
  const command = table.find(({ words }) => words.length === 1 && words[0] === word);
  if (!command) throw new Error(`The table has no ${word}.`);
  return command;
};

const unknownCommand = (
  [first = "", second]: readonly string[],
  table: readonly Command[],
): PlumblineError => {
  const followers = table.filter(({ words }) => words.length > 1 && words[0] === first);
  if (followers.length > 0) {
    const names = followers.map(({ words }) => words.slice(1).join(" "));
    const what = second === undefined ? "needs a word after it" : `has no ${JSON.stringify(second)}`;
    return new PlumblineError("wrong-arguments", `${first} ${what}: ${names.join(" or ")}.`);
  }
  const firsts = new Set(table.map(({ words }) => words[0] ?? ""));
  return new PlumblineError(
    "wrong-arguments",
    `There is no command ${JSON.stringify(first)}.${didYouMean(first, firsts)}`,
  );
};

type Specs = Readonly<Record<string, OptionSpec>>;

const readTokens = (
  rest: readonly string[],
  command: Command,
  specs: Specs,
): { readonly args: readonly string[]; readonly options: Options } => {
  const { tokens } = parseArgs({
    args: [...rest],
    options: Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, nodeOption(spec)])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const args: string[] = [];
  const options: Record<string, string | true | readonly string[]> = {};
  for (const token of tokens) {
    if (token.kind === "positional") args.push(token.value);
    if (token.kind === "option") options[token.name] = readOption(token, command, specs, options[token.name]);
  }
  return { args, options };
};

const nodeOption = ({ type, short }: OptionSpec) => ({
  type: type === "switch" ? ("boolean" as const) : ("string" as const),
  ...(short === undefined ? {} : { short }),
});

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

const readOption = (
  { name, rawName, value, inlineValue }: OptionToken,
  command: Command,
  specs: Specs,
  before: Options[string] | undefined,
): string | true | readonly string[] => {
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  if (!spec) {
    const meant = didYouMean(
      rawName,
      Object.keys(specs).map((known) => `--${known}`),
    );
    throw wrong(`${wordsOf(command)} has no option ${rawName}.${meant}`, command);
  }
  if (spec.type === "switch") {
    if (value !== undefined) throw wrong(`${rawName} takes no value.`, command);
    return true;
  }
  // `--config --json` forgot the value; one that does begin with a dash is written `--config=-x`.
  const forgotten = value === undefined || (!inlineValue && value !== "-" && value.startsWith("-"));
  if (forgotten || value === "")
    throw wrong(`${rawName} needs ${spec.value ?? "a value"} after it.`, command);
  if (spec.type === "texts") return [...(Array.isArray(before) ? before : []), value];
  if (before !== undefined) throw wrong(`${rawName} is given twice.`, command);
  return value;
};

const pick = ({ json }: Options): Options => (json === undefined ? {} : { json });
const wordsOf = ({ words }: Command): string => words.join(" ");

const wrong = (message: string, command: Command): PlumblineError =>
  new PlumblineError("wrong-arguments", message, { hint: `Usage: ${usageLine(command)}` });
