import { createHmac, hash } from "node:crypto";
import type { AcceptedState } from "../model/finding.ts";
import { canonicalJson, isJsonObject, type Json } from "../model/json.ts";
import { type Path, parsePath, renderPath } from "../model/path.ts";
import type { Plan } from "../model/plan.ts";
import { valueAt } from "../model/value-diff.ts";
import { type ResourceStates, resourceStates } from "./states.ts";

/**
 * Keyed hashes of every live value of a plan, by address and path: single values, and each list or set as a whole
 * beside its elements. What means "nothing" (null, "", false, [], {}) is left out, so absent and empty are one.
 */
export const acceptedValues = (plan: Plan, key: Uint8Array, workspace: string): AcceptedState["values"] => {
  const values: Record<string, Readonly<Record<string, string>>> = {};
  for (const { address, actual, change } of resourceStates(plan)) {
    if (actual === null || change?.deposed) continue;
    values[address] = hashesOf(actual, secretOf(key, workspace, address));
  }
  return values;
};

const hashesOf = (live: Json, secret: string): Readonly<Record<string, string>> => {
  const hashes: Record<string, string> = {};
  eachValue(live, [], (path, value) => {
    const text = renderPath(path);
    hashes[text] = hashValue(secret, text, value);
  });
  return hashes;
};

const eachValue = (value: Json, path: Path, visit: (path: Path, value: Json) => void): void => {
  if (isNothing(value)) return;
  if (Array.isArray(value)) {
    visit(path, value);
    value.forEach((item, index) => {
      eachValue(item, [...path, index], visit);
    });
  } else if (isJsonObject(value)) {
    for (const name of Object.keys(value)) eachValue(value[name] ?? null, [...path, name], visit);
  } else visit(path, value);
};

const isNothing = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (isJsonObject(value) && Object.keys(value).length === 0);

// One HMAC per place and a plain hash keyed by it per value: half a million HMAC objects would take ten seconds.
// Nobody who lacks the key can test a guess, and nothing is ever appended to what was hashed.
const hashValue = (secret: string, path: string, value: Json): string =>
  hash("sha256", `${secret}${JSON.stringify(path)}:${canonicalJson(value)}`, "base64url");

const secretOf = (key: Uint8Array, workspace: string, address: string): string =>
  createHmac("sha256", key)
    .update(canonicalJson(["accepted", workspace, address]))
    .digest("hex");

/** What the ledger remembers of resources; asks by hash, since it holds no value. */
export interface Memory {
  /** Undefined where nothing was ever accepted for the workspace. */
  knows(states: ResourceStates): boolean | undefined;
  /** Whether the live value at the path is another one than was accepted. */
  differs(states: ResourceStates, path: Path): boolean;
  /** Whether just this live value was accepted; false for an object, of which only the members are remembered. */
  holds(states: ResourceStates, path: Path): boolean;
  /** The leaf paths at which the live resource is not what was accepted. */
  differences(states: ResourceStates, isSet: (path: Path) => boolean | undefined): readonly Path[];
}

type Hashes = Readonly<Record<string, string>>;

export const memoryOf = (accepted: AcceptedState | null, key: Uint8Array, workspace: string): Memory => {
  // A resource that the code moved is remembered under its earlier address.
  const addressIn = ({ address, previousAddress }: ResourceStates): string =>
    !accepted?.values[address] && previousAddress ? previousAddress : address;
  const remembered = (states: ResourceStates): Hashes | undefined => accepted?.values[addressIn(states)];
  const hasHash = (value: Json | undefined): boolean => !isJsonObject(value) || isNothing(value);
  const isRemembered = (states: ResourceStates, hashes: Hashes, path: Path): boolean => {
    const value = valueAt(states.actual, path);
    const text = renderPath(path);
    const live = isNothing(value)
      ? undefined
      : hashValue(secretOf(key, workspace, addressIn(states)), text, value as Json);
    return hashes[text] === live;
  };
  return {
    knows: (states) => (accepted ? remembered(states) !== undefined : undefined),
    differs: (states, path) => {
      const hashes = remembered(states);
      return (
        hashes !== undefined && hasHash(valueAt(states.actual, path)) && !isRemembered(states, hashes, path)
      );
    },
    holds: (states, path) => {
      const hashes = remembered(states);
      return (
        hashes !== undefined && hasHash(valueAt(states.actual, path)) && isRemembered(states, hashes, path)
      );
    },
    differences: (states, isSet) => {
      const hashes = remembered(states);
      if (!hashes) return [];
      const live = hashesOf(states.actual, secretOf(key, workspace, addressIn(states)));
      return differingLeaves(live, hashes, isSet);
    },
  };
};

const differingLeaves = (
  live: Hashes,
  remembered: Hashes,
  isSet: (path: Path) => boolean | undefined,
): readonly Path[] => {
  const texts = new Set([...Object.keys(live), ...Object.keys(remembered)]);
  const differing = [...texts].filter((text) => live[text] !== remembered[text]).sort();
  const lists = differing.filter((text) => isListIn(text, live) || isListIn(text, remembered));
  const whole = lists.filter(
    (text) =>
      isSet(parsePath(text) ?? []) === true ||
      lengthIn(text, live) !== lengthIn(text, remembered) ||
      !differing.some((other) => isInside(other, text)),
  );
  return differing
    .filter((text) => !whole.some((list) => isInside(text, list)))
    .filter((text) => whole.includes(text) || !lists.includes(text))
    .map((text) => parsePath(text) ?? []);
};

const isInside = (text: string, list: string): boolean => text.startsWith(`${list}[`);
const isListIn = (text: string, hashes: Hashes): boolean => lengthIn(text, hashes) > 0;

/** How many positions of a list hold something that is remembered. */
const lengthIn = (list: string, hashes: Hashes): number => {
  const positions = Object.keys(hashes).flatMap((text) => {
    const position = isInside(text, list) ? /^\d+(?=\])/.exec(text.slice(list.length + 1))?.[0] : undefined;
    return position === undefined ? [] : [position];
  });
  return new Set(positions).size;
};
