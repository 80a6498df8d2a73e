import { exactNumber, type Json } from "./json.ts";

/**
 * Parses JSON text without losing a digit: a number that a double cannot hold becomes an `ExactNumber`.
 * Throws a SyntaxError as `JSON.parse` does.
 */
export const parseJson = (text: string): Json =>
  RISKY_NUMBER.test(text) ? (parseWithSource(text, keepExact) as Json) : (JSON.parse(text) as Json);

// A double holds any 15 digits. Longer runs, long fractions and exponents may lose some, and only a text that has
// one of them where a value can stand pays for the slower reviver.
const RISKY_NUMBER = /[[:,\s]-?(?:\d{16}|\d+\.\d{14}|\d{8,}\.\d{7}|\d[\d.]*[eE])|^-?\d/;

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWithSource = JSON.parse as unknown as (text: string, reviver: Reviver) => unknown;

const keepExact: Reviver = (_key, value, context) => {
  if (typeof value !== "number" || context.source === undefined) return value;
  return sameNumber(context.source, String(value)) ? value : exactNumber(context.source);
};

const sameNumber = (left: string, right: string): boolean => left === right || plain(left) === plain(right);

/** One spelling per number: sign, digits without zeros at either end, power of ten. */
const plain = (text: string): string => {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
};

/** Undefined where the text is no JSON. */
export const tryParseJson = (text: string): Json | undefined => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};
