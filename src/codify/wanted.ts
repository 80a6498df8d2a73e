import { isByHand } from "../model/finding.ts";
import { isJsonObject, type Json, jsonEqual } from "../model/json.ts";
import { type Path, parsePath } from "../model/path.ts";
import { isNoise, valueAt } from "../model/value-diff.ts";
import type { DriftedResource, RefusedPlace } from "./facts.ts";
import { SECRET, SENSITIVE } from "./reasons.ts";
import { secretIn } from "./secret-in.ts";
import { isSame, without } from "./value.ts";
import { isSensitiveChange } from "./withheld.ts";

export interface Wanted {
  /** What the code must come to: what it says now, with what was found in reality put in. */
  readonly value: Json;
  readonly refused: readonly RefusedPlace[];
  /** Top-level attributes with the paths of their findings. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

/** The code's value with each found difference taken over. A path that the code has changed too is refused. */
export const wantedValue = (resource: DriftedResource): Wanted => {
  let value = resource.desired;
  const refused: RefusedPlace[] = [];
  const attributes = new Map<string, string[]>();
  for (const { path: text, cause } of resource.findings) {
    const path = parsePath(text) ?? [];
    if (!isByHand({ cause }) || path.length === 0) continue;
    if (isSensitiveChange(resource, path)) {
      refused.push({ address: resource.address, path: text, reason: SENSITIVE });
      continue;
    }
    const live = valueAt(resource.actual, path) ?? null;
    if (
      secretIn(keyOf(path), live, resource.secrets) &&
      !isSame(live, valueAt(resource.desired, path) ?? null)
    ) {
      refused.push({ address: resource.address, path: text, reason: SECRET });
      continue;
    }
    const merged = mergedAt(resource, path);
    if (merged === CONFLICT) {
      refused.push({
        address: resource.address,
        path: text,
        reason: "changed both in the code and in the live system, to different values",
      });
      continue;
    }
    value = withAt(value, path, merged);
    const top = String(path[0]);
    attributes.set(top, [...(attributes.get(top) ?? []), text]);
  }
  return { value: withoutEmptied(value, resource, [...attributes.keys()]), refused, attributes };
};

/** A map that lost its last member is none, where the live system has none. */
const withoutEmptied = (value: Json, { actual }: DriftedResource, names: readonly string[]): Json => {
  if (!isJsonObject(value)) return value;
  const emptied = names.filter((name) => {
    const [own, live] = [value[name] ?? null, valueAt(actual, [name]) ?? null];
    return live === null && isJsonObject(own) && Object.values(own).every((member) => member === null);
  });
  return { ...value, ...Object.fromEntries(emptied.map((name) => [name, null])) };
};

const keyOf = (path: Path): string => String(path.findLast((step) => typeof step === "string") ?? "");

const CONFLICT: unique symbol = Symbol("conflict");

const mergedAt = (resource: DriftedResource, path: Path): Json | typeof CONFLICT => {
  const [base, real, ours] = [resource.recorded, resource.actual, resource.desired].map(
    (state) => valueAt(state, path) ?? null,
  ) as [Json, Json, Json];
  if (jsonEqual(real, ours) || isNoise(base, ours) || jsonEqual(base, real)) return real;
  if (Array.isArray(real) && Array.isArray(ours))
    return mergedItems(Array.isArray(base) ? base : [], real, ours);
  return CONFLICT;
};

/** By element: what the code added or took away stays so, what reality added or lost comes in. */
const mergedItems = (base: Json[], real: Json[], ours: Json[]): Json => {
  const lost = without(base, real);
  const gained = without(real, base);
  const kept = without(ours, lost) as Json[];
  return [...kept, ...(gained.filter((item) => !kept.some((one) => isSame(one, item))) as Json[])];
};

/** A copy with another value at a path; null takes a map's member away where nothing else can be meant. */
const withAt = (value: Json, path: Path, wanted: Json): Json => {
  const [first, ...rest] = path;
  if (first === undefined) return wanted;
  if (Array.isArray(value) && typeof first === "number") {
    const items = [...value];
    items[first] = withAt(items[first] ?? null, rest, wanted);
    return items;
  }
  const members = isJsonObject(value) ? value : {};
  return { ...members, [first]: withAt(members[first] ?? null, rest, wanted) };
};
