/**
 * A JSON number that a double cannot hold exactly (an account id, a 64-bit counter).
 * Made by `JSON.rawJSON`, so `JSON.stringify` writes its digits back verbatim.
 */
export interface ExactNumber {
  readonly rawJSON: string;
}

export type JsonObject = { [key: string]: Json };
export type Json = null | boolean | number | string | ExactNumber | Json[] | JsonObject;

const raw = JSON as unknown as {
  rawJSON(text: string): ExactNumber;
  isRawJSON(value: unknown): value is ExactNumber;
};

export const exactNumber = (digits: string): ExactNumber => raw.rawJSON(digits);
export const isExactNumber = (value: unknown): value is ExactNumber => raw.isRawJSON(value);

export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isExactNumber(value);

/** Null where it is no object, or has no such member. */
export const memberOf = (value: Json, name: string): Json =>
  isJsonObject(value) ? (value[name] ?? null) : null;

/** The JSON of a text whose exact numbers do not matter; undefined where it is none. */
export const tryJson = (text: string): Json | undefined => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
};

/** Deep equality of JSON values; object keys in any order, exact numbers by their digits. */
export const jsonEqual = (left: Json | undefined, right: Json | undefined): boolean => {
  if (left === right) return true;
  if (isExactNumber(left) || isExactNumber(right)) return String(digits(left)) === String(digits(right));
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => jsonEqual(item, right[index]));
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && jsonEqual(left[key], right[key]))
  );
};

const digits = (value: Json | undefined): Json | undefined => (isExactNumber(value) ? value.rawJSON : value);

/** One text per value: keys sorted, numbers as written. For hashing, never for display. */
export const canonicalJson = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`).join(",")}}`;
};
