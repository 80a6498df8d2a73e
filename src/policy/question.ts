import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { PolicyAnswer, PolicyMessage } from "../model/policy.ts";
import type { RegoModule } from "./rego-text.ts";

/** A rule to ask for: its package's path and its name. */
export interface AskedRule {
  readonly package: readonly string[];
  readonly rule: string;
}

/** Every rule that may deny, warn or make an exception, in the packages named (`null`: all of them). */
export const rulesOf = (
  modules: readonly Pick<RegoModule, "package" | "rules">[],
  namespaces: readonly string[] | null,
): readonly AskedRule[] => {
  const found = new Map<string, AskedRule>();
  for (const { package: path, rules } of modules) {
    if (namespaces && !namespaces.includes(path.join("."))) continue;
    for (const rule of rules) found.set(JSON.stringify([path, rule]), { package: path, rule });
  }
  return [...found.values()];
};

/**
 * The same question as a module: a query is compiled each time that it is asked, a module once. All answers are entries
 * of one object, and rules with nothing to say have none: five hundred rules of their own cost twenty times as much.
 * A set whose rules read all of `data` would read this one too, which is a recursion; such a set is asked by the query.
 */
export const entryModule = (rules: readonly AskedRule[]): string =>
  [
    "package plumbline_entry",
    "import rego.v1",
    ...rules.map((asked, index) => `said["r${index}"] := [v] if { v := ${referenceTo(asked)}; v != set() }`),
    "",
  ].join("\n");

/** One query for all rules: a rule that does not hold is an empty list, where it would make a bare query fail. */
export const questionFor = (rules: readonly AskedRule[]): string =>
  rules.map((asked, index) => `r${index} := [v | v := ${referenceTo(asked)}]`).join("; ");

const referenceTo = ({ package: path, rule }: AskedRule): string =>
  ["data", ...path.map((step) => `[${JSON.stringify(step)}]`), `.${rule}`].join("");

/**
 * Reads OPA's answer to that query. Where a set has conftest's package `main` and nobody named packages, a rule of
 * another package that is merely true is a helper of main's and no verdict of its own.
 */
export const readAnswer = (
  rules: readonly AskedRule[],
  bindings: JsonObject,
  namespaces: readonly string[] | null,
): PolicyAnswer => {
  const mainSpeaks = namespaces === null && rules.some(isOfMain);
  const values = rules.map((asked, index) => {
    const said = list(bindings[`r${index}`]);
    return { ...asked, values: mainSpeaks && !isOfMain(asked) ? said.filter((one) => one !== true) : said };
  });
  const exceptions = new Map<string, ReadonlySet<string>>();
  for (const { package: path, rule, values: said } of values)
    if (rule === "exception") exceptions.set(path.join("."), namesIn(said));
  const answer = { denied: [], warned: [], excepted: [], rules: 0 } as {
    [name in "denied" | "warned" | "excepted"]: PolicyMessage[];
  } & { rules: number };
  for (const { package: path, rule, values: said } of values) {
    const kind = rule.split("_", 1)[0];
    if (kind === "exception") continue;
    answer.rules += 1;
    const policy = [...path, rule].join(".");
    const found = said.flatMap((value) => messagesIn(value, rule)).map((message) => ({ policy, message }));
    const excepted = exceptions.get(path.join("."))?.has(rule.slice((kind?.length ?? 0) + 1)) ?? false;
    (excepted ? answer.excepted : kind === "warn" ? answer.warned : answer.denied).push(...found);
  }
  return answer;
};

const isOfMain = ({ package: path }: AskedRule): boolean => path.length === 1 && path[0] === "main";
const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

/** conftest: `exception contains rules if { rules := ["public_bucket"] }` holds back `deny_public_bucket`. */
const namesIn = (values: readonly Json[]): ReadonlySet<string> =>
  new Set(values.flat(2).filter((name) => typeof name === "string"));

/** A set of messages, an object whose keys are messages, one message, or plain `true`. */
const messagesIn = (value: Json, rule: string): readonly string[] => {
  if (Array.isArray(value)) return value.map((one) => messageOf(one, rule));
  if (value === false || value === null) return [];
  if (!isJsonObject(value)) return [messageOf(value, rule)];
  if (textOf(value) !== null) return [messageOf(value, rule)];
  return Object.entries(value)
    .filter(([, held]) => held !== false)
    .flatMap(([key, held]) => (Array.isArray(held) ? messagesIn(held, rule) : [key]));
};

const messageOf = (value: Json, rule: string): string => {
  if (typeof value === "string") return value;
  if (value === true) return `The rule ${rule} holds for this plan and says no more about it.`;
  return isJsonObject(value) ? (textOf(value) ?? JSON.stringify(value)) : JSON.stringify(value);
};

const textOf = (value: JsonObject): string | null => {
  for (const name of ["msg", "message", "reason"]) {
    const text = value[name];
    if (typeof text === "string") return text;
  }
  return null;
};
