import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** Whether the lifecycle rules after delete something that was kept before, or delete it sooner. */
export const expiresSooner = (before: Json | undefined, after: Json | undefined): boolean => {
  const old = expiries(before);
  return [...expiries(after)].some(([what, days]) => days < (old.get(what) ?? Number.POSITIVE_INFINITY));
};

/** Days until deletion, for each way in which each enabled rule deletes; the scope of the rule is in the key. */
const expiries = (value: Json | undefined): ReadonlyMap<string, number> => {
  const rules = (Array.isArray(value) ? value : []).filter(isJsonObject).filter(isEnabled);
  return new Map(
    rules.flatMap((rule) => {
      const scope = canonicalJson(SCOPE_KEYS.map((key) => rule[key] ?? null));
      return deletionsIn(rule, "").map(([way, days]) => [`${way} ${scope}`, days] as const);
    }),
  );
};

const isEnabled = (rule: JsonObject): boolean => rule["status"] !== "Disabled" && rule["enabled"] !== false;

const SCOPE_KEYS = ["prefix", "filter", "filters", "tags"];

const deletionsIn = (value: Json, path: string): readonly (readonly [string, number])[] => {
  if (Array.isArray(value)) return value.flatMap((item) => deletionsIn(item, path));
  if (!isJsonObject(value)) return [];
  if (path === "" && value["condition"] !== undefined) return conditional(value);
  return Object.entries(value).flatMap(([key, item]) => {
    const here = path === "" ? key : `${path}.${key}`;
    const days = daysOf(here, item);
    return days === undefined ? deletionsIn(item, here) : [[here, days] as const];
  });
};

const daysOf = (path: string, value: Json): number | undefined => {
  // An S3 rule writes 0 for "not set", an Azure rule -1.
  if (/^(expiration|noncurrent_version_expiration)\.(noncurrent_)?days$/.test(path)) return above(value, 0);
  if (/\.(delete_after_days_since_\w+|auto_tier_delete\w*)$/.test(path)) return above(value, -1);
  if (path === "expiration.date" && typeof value === "string" && value !== "") return 0;
  return undefined;
};

const above = (value: Json, nothing: number): number | undefined =>
  typeof value === "number" && value > nothing ? value : undefined;

/** Google's shape: an action under conditions, of which age is one. */
const conditional = (rule: JsonObject): readonly (readonly [string, number])[] => {
  const [action, condition] = [firstOf(rule["action"]), firstOf(rule["condition"])];
  if (action["type"] !== "Delete") return [];
  const { age, ...others } = condition;
  const set = Object.entries(others).filter(([, value]) => isSet(value));
  return [[`delete ${canonicalJson(Object.fromEntries(set))}`, typeof age === "number" ? age : 0]];
};

const firstOf = (value: Json | undefined): JsonObject => {
  const item = Array.isArray(value) ? value[0] : value;
  return isJsonObject(item) ? item : {};
};

const isSet = (value: Json): boolean =>
  value !== null &&
  value !== "" &&
  value !== 0 &&
  value !== false &&
  !(Array.isArray(value) && value.length === 0);
