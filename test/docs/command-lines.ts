import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArguments } from "../../src/cli/arguments.ts";
import { TABLE } from "../../src/cli/table.ts";
import { parseComment } from "../../src/config/comment.ts";
import { SERVER_VARIABLES } from "../../src/config/server-env.ts";
import { splitWords } from "../../src/config/shell-words.ts";
import { ROOT } from "../cli/world.ts";

/** Commands of a shell text: comments gone, lines that go on joined, `a && b` and `a | b` apart. */
export const commandsOf = (text: string): readonly (readonly string[])[] =>
  text
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .flatMap((line) => {
      const split = splitWords(line);
      if ("error" in split) throw new Error(`${line}: ${split.error}`);
      return apart(split.words.map(({ value, raw }) => (SEPARATORS.has(raw) ? raw : value)));
    })
    .filter((words) => words.length > 0);

const SEPARATORS = new Set(["&&", "||", "|", ";"]);

const apart = (words: readonly string[]): readonly (readonly string[])[] => {
  const at = words.findIndex((word) => SEPARATORS.has(word));
  return at === -1 ? [words] : [words.slice(0, at), ...apart(words.slice(at + 1))];
};

/** What is wrong with one command, `undefined` where it is known to be right. */
export const commandProblem = (words: readonly string[]): string | undefined => {
  const given = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const variables = given === -1 ? words : words.slice(0, given);
  const unknown = variables.map((word) => word.split("=", 1)[0] ?? "").find((name) => !isVariable(name));
  if (unknown !== undefined) return `There is no variable ${unknown}.`;
  const [first = "", ...rest] = given === -1 ? [] : words.slice(given);
  if (first === "" || first === "export") return undefined;
  if (first === "npx" && rest[0] === "plumbline") return argumentProblem(rest.slice(1));
  if (first === "plumbline") return argumentProblem(rest);
  if (first === "npm") return npmProblem(rest);
  if (first === "node") return nodeProblem(rest);
  return OTHERS.has(first) ? undefined : `Is ${first} a command? Add it to OTHERS of this test where it is.`;
};

/** Programs of others that pages name; what they do with their arguments is theirs. */
const OTHERS = new Set(
  "aws az bwrap cat cd chmod cp curl docker echo env gcloud get-oidc-token git grep kubectl ls mkdir openssl pg_dump psql sha256sum sudo systemctl tar terraform tofu tee unshare".split(
    " ",
  ),
);

const isVariable = (name: string): boolean =>
  !name.startsWith("PLUMBLINE_") ||
  Object.hasOwn(SERVER_VARIABLES, name.replace(/_FILE$/, "")) ||
  Object.hasOwn(SERVER_VARIABLES, name) ||
  ["PLUMBLINE_SERVER", "PLUMBLINE_TOKEN", "PLUMBLINE_CONFIG"].includes(name);

/** Words of a synopsis stand for values: `[--data DIR]` is read as if it was given. */
const argumentProblem = (argv: readonly string[]): string | undefined => {
  try {
    parseArguments(
      argv.filter((word) => word !== "..."),
      TABLE,
    );
    return undefined;
  } catch (thrown) {
    return (thrown as Error).message;
  }
};

const npmProblem = ([command = "", script = ""]: readonly string[]): string | undefined => {
  if (command === "ci" || command === "test") return undefined;
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  return command === "run" && Object.hasOwn(scripts, script)
    ? undefined
    : `There is no npm ${command} ${script}.`;
};

const nodeProblem = ([file = ""]: readonly string[]): string | undefined => {
  try {
    readFileSync(join(ROOT, file));
    return undefined;
  } catch {
    return `There is no ${file}.`;
  }
};

/** A comment in a pull request. */
export const commentProblem = (text: string): string | undefined => {
  const parsed = parseComment(text);
  if ("ignored" in parsed) return "This is no command.";
  return "error" in parsed ? parsed.error : undefined;
};
