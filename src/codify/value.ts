import { type ExactNumber, isExactNumber, type Json } from "../model/json.ts";

/** What the code does not tell by itself: an attribute of a resource, a data source, a function nobody here knows. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** A value of the configuration, as far as it is known. */
export type Value =
  | null
  | boolean
  | number
  | string
  | ExactNumber
  | typeof UNKNOWN
  | readonly Value[]
  | { readonly [key: string]: Value };

export type ValueObject = { readonly [key: string]: Value };

export const isObject = (value: Value | undefined): value is ValueObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isExactNumber(value);

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

/** Known through and through. */
export const isKnown = (value: Value | undefined): value is Json => {
  if (value === UNKNOWN || value === undefined) return false;
  if (isList(value)) return value.every(isKnown);
  return !isObject(value) || Object.values(value).every(isKnown);
};

/** Deep equality; keys in any order, exact numbers by their digits, unknown equal to nothing. */
export const isSame = (one: Value | undefined, other: Value | undefined): boolean => {
  if (one === UNKNOWN || other === UNKNOWN) return false;
  if (one === other) return true;
  if (isExactNumber(one) || isExactNumber(other)) return digitsOf(one) === digitsOf(other);
  if (isList(one) && isList(other)) {
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  );
};

const digitsOf = (value: Value | undefined): Value | undefined =>
  isExactNumber(value) ? value.rawJSON : value;

/** Providers write null, "", [] and {} for the same "nothing". */
export const isEmpty = (value: Value | undefined): boolean =>
  value === null ||
  value === undefined ||
  value === "" ||
  (isList(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

/** What a provider's state may hold where the code sets nothing. */
export const isZero = (value: Value | undefined): boolean => isEmpty(value) || value === false || value === 0;

/** The engine turns text, numbers and booleans into each other; two spellings of one scalar are one. */
export const meansSame = (one: Value | undefined, other: Value | undefined): boolean => {
  if (isSame(one, other)) return true;
  if (isList(one) && isList(other)) {
    return one.length === other.length && one.every((item, index) => meansSame(item, other[index]));
  }
  if (isObject(one) && isObject(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].every((key) => meansSame(one[key] ?? null, other[key] ?? null));
  }
  const [left, right] = [scalarText(one), scalarText(other)];
  return left !== undefined && left === right;
};

/** The text of a scalar; undefined for anything else. */
export const scalarText = (value: Value | undefined): string | undefined => {
  if (isExactNumber(value)) return value.rawJSON;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
};

/** What is left of `items` when each of `taken` is taken out once. */
export const without = (items: readonly Value[], taken: readonly Value[]): Value[] => {
  const left = [...items];
  for (const item of taken) {
    const at = left.findIndex((one) => isSame(one, item));
    if (at >= 0) left.splice(at, 1);
  }
  return left;
};
