import { isJsonObject, type Json, type JsonObject, jsonEqual } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import type { Plan } from "../model/plan.ts";
import { valueAt } from "../model/value-diff.ts";
import { areBlocksSaid, isExpression, isPartSaid, isSaid } from "./said-value.ts";

/**
 * What the configuration says at a path of a resource. `silent`: it does not name the attribute. `live`: it names it
 * with just this value. `part`: with some of the live objects. `other`: with another constant. `unclear`: by an
 * expression, or the plan holds no configuration. A plan's configuration leaves `dynamic` blocks out, so `silent` and
 * `part` may mean that the code says the rest by such a block.
 */
export type CodeSays = "silent" | "live" | "part" | "other" | "unclear";

export const codeSays = (plan: Plan, address: string, path: Path, live: Json): CodeSays => {
  const root = objectIn(plan.configuration, "root_module");
  if (!root || path.length === 0) return "unclear";
  const found = resourceIn(root, withoutKeys(address));
  if (!found) return "unclear";
  const evaluate: Evaluate = (expression) => ({
    value: valueIn(expression, found.calls, plan),
    known: found.calls.length === 0 || "constant_value" in expression,
  });
  // A resource without arguments has no expressions at all.
  return saidAt(objectIn(found.resource, "expressions") ?? {}, path, live, evaluate);
};

/**
 * The value of an expression of the resource, undefined where only the engine can tell. Within a module it is not
 * `known`: more may be made of the variable, and who formalized by way of a module is not to be alarmed.
 */
type Evaluate = (expression: JsonObject) => { readonly value: Json | undefined; readonly known: boolean };

/** Whether the plan's configuration leaves the path out; unknown counts as not silent. */
export const isSilent = (plan: Plan, address: string, path: Path): boolean =>
  codeSays(plan, address, path, null) === "silent";

const saidAt = (expressions: JsonObject, path: Path, live: Json, evaluate: Evaluate): CodeSays => {
  let here: Json | undefined = expressions;
  for (const [depth, step] of path.entries()) {
    if (depth > 0 && isExpression(here)) return compared(here, path.slice(depth), live, evaluate);
    // A single nested block is written as an object, repeated ones as a list.
    if (typeof step === "number" && isJsonObject(here)) continue;
    here = valueAt(here, [step]);
    if (here === undefined) return "silent";
  }
  if (isExpression(here)) return compared(here, [], live, evaluate);
  const said = here !== undefined && areBlocksSaid(here, live, (expression) => evaluate(expression).value);
  return said ? "live" : "unclear";
};

const compared = (expression: JsonObject, rest: Path, live: Json, evaluate: Evaluate): CodeSays => {
  const { value: whole, known } = evaluate(expression);
  if (whole === undefined) return "unclear";
  const said = valueAt(whole, rest);
  // A map without this key is silent about it, as far as its attribute is concerned it says "absent".
  if (isSaid(said ?? null, live)) return "live";
  if (!known) return "unclear";
  return isPartSaid(said ?? null, live) ? "part" : "other";
};

/**
 * A constant, or what is nothing but a variable: of the root by its value, of a module by what its call gives, from
 * the innermost of `calls` outwards.
 */
const valueIn = (expression: JsonObject, calls: readonly JsonObject[], plan: Plan): Json | undefined => {
  if ("constant_value" in expression) return expression["constant_value"];
  const [name, ...path] = variableIn(expression) ?? [];
  if (name === undefined) return undefined;
  const [call, ...outer] = calls;
  if (!call) return valueAt(plan.variables[name], path);
  const given = objectIn(objectIn(call, "expressions"), name);
  if (!given) return valueAt(call, ["module", "variables", name, "default", ...path]);
  const value = valueIn(given, outer, plan);
  return value === undefined ? undefined : valueAt(value, path);
};

/** `["db", "class"]` of `var.db.class`, to which the engine adds each traversal that lies on the way. */
const variableIn = (expression: JsonObject): readonly string[] | undefined => {
  const references = Array.isArray(expression["references"]) ? expression["references"].map(String) : [];
  const [longest = "", ...others] = references;
  const isOne = others.every((other) => longest.startsWith(`${other}.`));
  return isOne ? /^var\.([\w-]+(?:\.[\w-]+)*)$/.exec(longest)?.[1]?.split(".") : undefined;
};

/** `module.a["x"].aws_b.c[0]` -> `module.a.aws_b.c`: configuration knows no instances. */
const withoutKeys = (address: string): string => address.replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|\d+)\]/g, "");

/** The resource's block, and the calls of the modules around it, innermost first. */
const resourceIn = (
  root: JsonObject,
  address: string,
): { readonly resource: JsonObject; readonly calls: readonly JsonObject[] } | undefined => {
  const calls: JsonObject[] = [];
  let module: JsonObject | undefined = root;
  let rest = address;
  for (;;) {
    const step = /^module\.([^.]+)\.(.+)$/.exec(rest);
    if (!step) break;
    const call = objectIn(objectIn(module, "module_calls"), step[1] as string);
    if (!call) return undefined;
    calls.unshift(call);
    module = objectIn(call, "module");
    rest = step[2] as string;
  }
  const resources = valueAt(module, ["resources"]);
  const found = Array.isArray(resources) ? resources.find((one) => isAt(one, rest)) : undefined;
  return isJsonObject(found) ? { resource: found, calls } : undefined;
};

const isAt = (resource: Json, address: string): boolean =>
  isJsonObject(resource) && jsonEqual(resource["address"], address);

const objectIn = (parent: Json | undefined, name: string): JsonObject | undefined => {
  const found = valueAt(parent, [name]);
  return isJsonObject(found) ? found : undefined;
};
