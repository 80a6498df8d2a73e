import { isJsonObject, type Json, type JsonObject, jsonEqual } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import type { Plan } from "../model/plan.ts";
import { isNoise, valueAt } from "../model/value-diff.ts";

/**
 * What the configuration says at a path of a resource. `silent`: it does not name the attribute. `live`: it names it
 * with just this value. `other`: with another constant. `unclear`: by an expression, or the plan holds no configuration.
 */
export type CodeSays = "silent" | "live" | "other" | "unclear";

export const codeSays = (plan: Plan, address: string, path: Path, live: Json): CodeSays => {
  const root = objectIn(plan.configuration, "root_module");
  if (!root || path.length === 0) return "unclear";
  const resource = resourceIn(root, withoutKeys(address));
  // A resource without arguments has no expressions at all.
  return resource ? saidAt(objectIn(resource, "expressions") ?? {}, path, live, plan) : "unclear";
};

/** Whether the plan's configuration leaves the path out; unknown counts as not silent. */
export const isSilent = (plan: Plan, address: string, path: Path): boolean =>
  codeSays(plan, address, path, null) === "silent";

const saidAt = (expressions: JsonObject, path: Path, live: Json, plan: Plan): CodeSays => {
  let here: Json | undefined = expressions;
  for (const [depth, step] of path.entries()) {
    if (depth > 0 && isExpression(here)) return compared(here, path.slice(depth), live, plan);
    // A single nested block is written as an object, repeated ones as a list.
    if (typeof step === "number" && isJsonObject(here)) continue;
    here = valueAt(here, [step]);
    if (here === undefined) return "silent";
  }
  return isExpression(here) ? compared(here, [], live, plan) : "unclear";
};

const isExpression = (value: Json | undefined): value is JsonObject =>
  isJsonObject(value) &&
  ("constant_value" in value || "references" in value || Object.keys(value).length === 0);

const compared = (expression: JsonObject, rest: Path, live: Json, plan: Plan): CodeSays => {
  const whole = "constant_value" in expression ? expression["constant_value"] : variableIn(expression, plan);
  if (whole === undefined) return "unclear";
  const said = valueAt(whole, rest);
  // A map without this key is silent about it, as far as its attribute is concerned it says "absent".
  return sameText(said ?? null, live) ? "live" : "other";
};

// Configuration keeps constants as written: "3" for a number attribute means 3.
const sameText = (said: Json, live: Json): boolean =>
  isNoise(said, live) || (!isContainer(said) && !isContainer(live) && String(said) === String(live));

const isContainer = (value: Json): boolean => typeof value === "object" && value !== null;

/** The value of an expression that is nothing but a root variable. */
const variableIn = (expression: JsonObject, plan: Plan): Json | undefined => {
  const references = expression["references"];
  if (!Array.isArray(references) || references.length !== 1) return undefined;
  const name = /^var\.([^.[]+)$/.exec(String(references[0]))?.[1];
  return name === undefined ? undefined : plan.variables[name];
};

/** `module.a["x"].aws_b.c[0]` -> `module.a.aws_b.c`: configuration knows no instances. */
const withoutKeys = (address: string): string => address.replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|\d+)\]/g, "");

const resourceIn = (root: JsonObject, address: string): JsonObject | undefined => {
  let module: JsonObject | undefined = root;
  let rest = address;
  for (;;) {
    const call = /^module\.([^.]+)\.(.+)$/.exec(rest);
    if (!call) break;
    module = objectIn(objectIn(objectIn(module, "module_calls"), call[1] as string), "module");
    rest = call[2] as string;
  }
  const resources = module?.["resources"];
  if (!Array.isArray(resources)) return undefined;
  const found = resources.find((one) => isJsonObject(one) && jsonEqual(one["address"], rest));
  return isJsonObject(found) ? found : undefined;
};

const objectIn = (parent: Json | undefined, name: string): JsonObject | undefined => {
  const found = valueAt(parent, [name]);
  return isJsonObject(found) ? found : undefined;
};
