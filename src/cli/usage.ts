import { COMMON_OPTIONS, type Command, type OptionSpec } from "./command.ts";

/** `plumbline doctor [--config FILE] [--json]` */
export const usageLine = (command: Command): string =>
  [
    "plumbline",
    ...command.words,
    command.argsUsage,
    ...Object.entries(command.options).map(
      ([name, spec]) => `[${flag(name, spec)}]${spec.type === "texts" ? "..." : ""}`,
    ),
    "[--json]",
  ]
    .filter((part) => part !== "")
    .join(" ");

/** Help for one command, several lines. */
export const commandHelp = (command: Command): string => {
  const rows = Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(
    ([name, spec]) =>
      [spec.short ? `-${spec.short}, ${flag(name, spec)}` : flag(name, spec), spec.about] as const,
  );
  return `${usageLine(command)}\n\n${sentence(command.about)}\n\n${columns(rows)}`;
};

/** Help for all of them. */
export const overallHelp = (table: readonly Command[]): string => {
  const rows = table.map(
    ({ words, argsUsage, about }) => [[...words, argsUsage].join(" ").trim(), about] as const,
  );
  return [
    "Plumbline keeps live infrastructure and databases true to Git.",
    "",
    "Usage: plumbline COMMAND [ARGUMENTS] [--json]",
    "",
    columns(rows),
    "Exit codes: 0 done, 2 there is something to say, 1 it could not do its work, 64 wrong arguments.",
    "",
  ].join("\n");
};

const flag = (name: string, { value }: OptionSpec): string => (value ? `--${name} ${value}` : `--${name}`);
const sentence = (about: string): string => `${about.charAt(0).toUpperCase()}${about.slice(1)}.`;

const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
};
