import { posix } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import type { PolicyFile } from "../model/policy.ts";
import { type RegoModule, readRego } from "./rego-text.ts";

/** conftest's own functions for unit tests of policies. */
type ConfigFunction = "parse_config" | "parse_config_file" | "parse_combined_config_files";

export interface ConfigReading {
  /** Text of a file, by a path such as those of the modules; null where there is none. */
  readonly read: (path: string) => Promise<string | null>;
  /** Throws an Error where the text is none of that kind. */
  readonly parse: (parser: string, text: string) => Json;
}

interface ConfigCall {
  readonly name: ConfigFunction;
  readonly file: string;
  readonly line: number;
  /** The literal arguments; null where something has to be computed. */
  readonly values: readonly Json[] | null;
}

/**
 * One module for each package that calls conftest's `parse_config`, `parse_config_file` or `parse_combined_config_files`:
 * OPA takes no functions from outside, and with literal arguments all that they can answer is known beforehand. Throws
 * `policy-invalid` with file and line where an argument is computed, a file is missing, or a text does not parse.
 */
export const configModules = async (
  modules: readonly (PolicyFile & RegoModule)[],
  reading: ConfigReading,
): Promise<readonly (PolicyFile & RegoModule)[]> => {
  const byPackage = new Map<string, Set<string>>();
  for (const module of modules.filter(({ text }) => CALLED.test(text))) {
    const name = packageText(module.package);
    const rules = byPackage.get(name) ?? new Set();
    for (const call of callsIn(module)) rules.add(await answerTo(call, reading));
    byPackage.set(name, rules);
  }
  return [...byPackage]
    .filter(([, rules]) => rules.size > 0)
    .map(([name, rules], index) => {
      const text = [`package ${name}`, ...rules, ""].join("\n");
      return { path: `plumbline_parse_config_${index}.rego`, text, ...readRego(text), version: 1 };
    });
};

const CALLED = /\bparse_(config|config_file|combined_config_files)\s*\(/;

const packageText = ([first = "", ...rest]: readonly string[]): string =>
  `${first}${rest.map((step) => `[${JSON.stringify(step)}]`).join("")}`;

// Strings and comments first, so that a call inside of one is none.
const TOKEN =
  /"(?:[^"\\\n]|\\.)*"|`[^`]*`|#[^\n]*|(?<![\w.])(parse_config_file|parse_combined_config_files|parse_config)\s*\(/g;

const callsIn = ({ path, text }: PolicyFile): readonly ConfigCall[] =>
  [...text.matchAll(TOKEN)].flatMap((match) => {
    const name = match[1] as ConfigFunction | undefined;
    // At the start of a line the set has a function of that name itself.
    if (name === undefined || match.index === 0 || text[match.index - 1] === "\n") return [];
    const line = text.slice(0, match.index).split("\n").length;
    return [{ name, file: path, line, values: literalsFrom(text.slice(match.index + match[0].length)) }];
  });

const PART = /^(?:\s|#[^\n]*(?:\n|$))*("(?:[^"\\\n]|\\.)*"|`[^`]*`|[[\](),])/;

/** What stands up to the closing bracket, as the literals that it is made of. */
const literalsFrom = (text: string): readonly Json[] | null => {
  const values: Json[] = [];
  let list: string[] | null = null;
  let rest = text;
  for (;;) {
    const part = PART.exec(rest);
    const token = part?.[1];
    if (part === null || token === undefined) return null;
    rest = rest.slice(part[0].length);
    if (token === ")") return list === null ? values : null;
    if (token === "(" || (token === "[" && list !== null) || (token === "]" && list === null)) return null;
    if (token === "[") list = [];
    else if (token === "]") {
      values.push(list);
      list = null;
    } else if (token !== ",") {
      const value = stringOf(token);
      if (value === null) return null;
      (list ?? values).push(value);
    }
  }
};

const stringOf = (token: string): string | null => {
  if (token.startsWith("`")) return token.slice(1, -1);
  try {
    return JSON.parse(token) as string;
  } catch {
    return null;
  }
};

const answerTo = async (call: ConfigCall, reading: ConfigReading): Promise<string> => {
  const { name, values } = call;
  if (values === null)
    throw problem(
      call,
      `${name} is answered for literal texts and names only: what is computed is not known here`,
    );
  const [first, second] = values;
  const args = values.map((value) => JSON.stringify(value)).join(", ");
  if (
    name === "parse_config" &&
    typeof first === "string" &&
    typeof second === "string" &&
    values.length === 2
  )
    return head(name, args, parsed(call, first, second, reading));
  if (name === "parse_config_file" && typeof first === "string" && values.length === 1)
    return head(name, args, await fileAt(call, first, reading));
  if (name === "parse_combined_config_files" && isList(first) && values.length === 1) {
    const files: Json[] = [];
    for (const path of first) files.push({ path, contents: await fileAt(call, path, reading) });
    return head(name, args, files);
  }
  throw problem(call, `${name} does not take these arguments`);
};

const isList = (value: Json | undefined): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

const head = (name: ConfigFunction, args: string, value: Json): string =>
  `${name}(${args}) := ${JSON.stringify(value)}`;

/** Beside the module that names it, as conftest has it. */
const fileAt = async (call: ConfigCall, name: string, { read, parse }: ConfigReading): Promise<Json> => {
  const path = posix.join(posix.dirname(call.file), name);
  const text = name.startsWith("/") ? null : await read(path);
  if (text === null) throw problem(call, `there is no file ${path}`);
  const parser = PARSERS.find(([pattern]) => pattern.test(name))?.[1];
  if (parser === undefined)
    throw problem(call, `${name} is of no kind that is read here: HCL, YAML and JSON are`);
  return parsed(call, parser, text, { read, parse });
};

const PARSERS: readonly (readonly [RegExp, string])[] = [
  [/\.(tf|tofu|hcl|tfvars)$/i, "hcl2"],
  [/\.ya?ml$/i, "yaml"],
  [/\.json$/i, "json"],
];

const parsed = (call: ConfigCall, parser: string, text: string, { parse }: ConfigReading): Json => {
  try {
    return parse(parser, text);
  } catch (failure) {
    throw problem(call, (failure as Error).message.split("\n", 1)[0] ?? "");
  }
};

const problem = ({ file, line }: ConfigCall, why: string): PlumblineError =>
  new PlumblineError("policy-invalid", `${file}:${line}: ${why}.`);
