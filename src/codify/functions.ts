import { parse as parseYaml } from "yaml";
import { canonicalJson, isExactNumber, type Json } from "../model/json.ts";
import { parseJson } from "../model/lossless-json.ts";
import {
  isKnown,
  isList,
  isObject,
  isSame,
  scalarText,
  UNKNOWN,
  type Value,
  type ValueObject,
} from "./value.ts";

type Known = (args: readonly Value[]) => Value;

/** Functions that may be given values of which a part is unknown. */
const TOLERANT: Readonly<Record<string, Known>> = {
  merge: (maps) => Object.assign({}, ...maps.map((map) => map ?? {})) as ValueObject,
  lookup: ([map, key, fallback = UNKNOWN]) => memberOf(map, key) ?? fallback,
  concat: (lists) => lists.flatMap((list) => (isList(list) ? list : [UNKNOWN])),
  keys: ([map]) => (isObject(map) ? Object.keys(map).sort() : UNKNOWN),
  values: ([map]) => (isObject(map) ? sortedMembers(map) : UNKNOWN),
  length: ([value]) => lengthOf(value),
  tolist: first,
  tomap: first,
  nonsensitive: first,
  sensitive: first,
  one: ([list]) => (isList(list) ? (list[0] ?? null) : UNKNOWN),
};

const STRICT: Readonly<Record<string, Known>> = {
  toset: ([list]) => (isList(list) ? distinct([...list]).sort(byText) : UNKNOWN),
  distinct: ([list]) => (isList(list) ? distinct([...list]) : UNKNOWN),
  compact: ([list]) => (isList(list) ? list.filter((item) => item !== null && item !== "") : UNKNOWN),
  flatten: ([list]) => (isList(list) ? flattened(list) : UNKNOWN),
  sort: ([list]) => (isList(list) ? [...list].sort(byText) : UNKNOWN),
  reverse: ([list]) => (isList(list) ? [...list].reverse() : UNKNOWN),
  contains: ([list, item]) => (isList(list) ? list.some((one) => isSame(one, item)) : UNKNOWN),
  element: ([list, index]) =>
    isList(list) && typeof index === "number" && list.length > 0
      ? (list[index % list.length] ?? UNKNOWN)
      : UNKNOWN,
  tostring: ([value]) => (value === null ? null : (scalarText(value) ?? UNKNOWN)),
  tonumber: ([value]) => toNumber(value),
  tobool: ([value]) => (value === null ? null : value === true || value === "true"),
  jsonencode: ([value]) => (isKnown(value) ? encoded(value) : UNKNOWN),
  jsondecode: ([text]) => (typeof text === "string" ? parseJson(text) : UNKNOWN),
  upper: ([text]) => (typeof text === "string" ? text.toUpperCase() : UNKNOWN),
  lower: ([text]) => (typeof text === "string" ? text.toLowerCase() : UNKNOWN),
  trimspace: ([text]) => (typeof text === "string" ? text.trim() : UNKNOWN),
  title: ([text]) =>
    typeof text === "string"
      ? text.replaceAll(/(^|[^\p{L}\p{N}_'])(\p{Ll})/gu, (_, gap, letter) => gap + letter.toUpperCase())
      : UNKNOWN,
  chomp: ([text]) => (typeof text === "string" ? text.replace(/[\r\n]+$/, "") : UNKNOWN),
  trim: ([text, marks]) => trimmed(text, marks),
  trimprefix: ([text, start]) =>
    isText(text) && isText(start) ? (text.startsWith(start) ? text.slice(start.length) : text) : UNKNOWN,
  trimsuffix: ([text, end]) =>
    isText(text) && isText(end)
      ? end !== "" && text.endsWith(end)
        ? text.slice(0, -end.length)
        : text
      : UNKNOWN,
  startswith: ([text, start]) => (isText(text) && isText(start) ? text.startsWith(start) : UNKNOWN),
  endswith: ([text, end]) => (isText(text) && isText(end) ? text.endsWith(end) : UNKNOWN),
  substr: ([text, from, count]) =>
    isText(text) && typeof from === "number" && typeof count === "number" && from >= 0
      ? [...text].slice(from, count < 0 ? undefined : from + count).join("")
      : UNKNOWN,
  slice: ([list, from, to]) =>
    isList(list) && typeof from === "number" && typeof to === "number" ? list.slice(from, to) : UNKNOWN,
  coalescelist: (lists) => lists.find((list) => isList(list) && list.length > 0) ?? UNKNOWN,
  formatlist: ([pattern, ...values]) => formattedList(pattern, values),
  setproduct: (lists) => (lists.every(isList) ? product(lists) : UNKNOWN),
  floor: ([value]) => (typeof value === "number" ? Math.floor(value) : UNKNOWN),
  ceil: ([value]) => (typeof value === "number" ? Math.ceil(value) : UNKNOWN),
  base64encode: ([text]) => (isText(text) ? Buffer.from(text, "utf8").toString("base64") : UNKNOWN),
  base64decode: ([text]) => (isText(text) ? Buffer.from(text, "base64").toString("utf8") : UNKNOWN),
  yamldecode: ([text]) => (isText(text) ? (parseYaml(text) as Json) : UNKNOWN),
  join: ([separator, list]) => joinOf(separator, list),
  split: ([separator, text]) =>
    typeof separator === "string" && typeof text === "string" ? text.split(separator) : UNKNOWN,
  replace: ([text, from, to]) => replaced(text, from, to),
  format: (args) => formatted(args),
  range: ([count, ...more]) =>
    typeof count === "number" && more.length === 0
      ? Array.from({ length: count }, (_, index) => index)
      : UNKNOWN,
  zipmap: ([keys, values]) =>
    isList(keys) && isList(values)
      ? Object.fromEntries(keys.map((key, index) => [String(scalarText(key)), values[index] ?? null]))
      : UNKNOWN,
  max: (numbers) => (numbers.every((one) => typeof one === "number") ? Math.max(...numbers) : UNKNOWN),
  min: (numbers) => (numbers.every((one) => typeof one === "number") ? Math.min(...numbers) : UNKNOWN),
};

/** What a function makes of its arguments; unknown for one that nobody here knows, or that cannot take them. */
export const callFunction = (name: string, args: readonly Value[]): Value => {
  const bare = name.replace(/^core::/, "");
  const tolerant = Object.hasOwn(TOLERANT, bare) ? TOLERANT[bare] : undefined;
  const strict = Object.hasOwn(STRICT, bare) ? STRICT[bare] : undefined;
  if (args.includes(UNKNOWN) || (strict && !args.every(isKnown))) return UNKNOWN;
  try {
    return (tolerant ?? strict)?.(args) ?? (args[0] === null ? null : UNKNOWN);
  } catch {
    return UNKNOWN;
  }
};

function first([value]: readonly Value[]): Value {
  return value ?? null;
}

const memberOf = (map: Value | undefined, key: Value | undefined): Value | undefined => {
  const name = scalarText(key);
  return isObject(map) && name !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
};

const sortedMembers = (map: ValueObject): Value[] =>
  Object.keys(map)
    .sort()
    .map((key) => map[key] ?? null);

const lengthOf = (value: Value | undefined): Value => {
  if (typeof value === "string") return [...value].length;
  if (isList(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : UNKNOWN;
};

const distinct = (items: readonly Value[]): Value[] =>
  items.filter((item, index) => items.findIndex((one) => isSame(one, item)) === index);

const byText = (one: Value, other: Value): number => {
  const [left, right] = [scalarText(one) ?? "", scalarText(other) ?? ""];
  return left < right ? -1 : left > right ? 1 : 0;
};

const flattened = (list: readonly Value[]): Value[] =>
  list.flatMap((item) => (isList(item) ? flattened(item) : [item]));

const toNumber = (value: Value | undefined): Value => {
  if (value === null || typeof value === "number" || isExactNumber(value)) return value;
  return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))
    ? Number(value)
    : UNKNOWN;
};

/** As the engines write it: keys sorted, the characters that HTML minds escaped. */
const encoded = (value: Json): string =>
  canonicalJson(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const isText = (value: Value | undefined): value is string => typeof value === "string";

const trimmed = (text: Value | undefined, marks: Value | undefined): Value => {
  if (!isText(text) || !isText(marks)) return UNKNOWN;
  const letters = [...text];
  while (letters.length > 0 && marks.includes(letters[0] ?? "")) letters.shift();
  while (letters.length > 0 && marks.includes(letters.at(-1) ?? "")) letters.pop();
  return letters.join("");
};

const formattedList = (pattern: Value | undefined, values: readonly Value[]): Value => {
  const length = Math.max(0, ...values.map((value) => (isList(value) ? value.length : 0)));
  return Array.from({ length }, (_, index) =>
    formatted([
      pattern ?? UNKNOWN,
      ...values.map((value) => (isList(value) ? (value[index] ?? UNKNOWN) : value)),
    ]),
  );
};

const product = (lists: readonly (readonly Value[])[]): Value[] =>
  lists.reduce<Value[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]]);

const joinOf = (separator: Value | undefined, list: Value | undefined): Value => {
  if (typeof separator !== "string" || !isList(list)) return UNKNOWN;
  const texts = list.map(scalarText);
  return texts.includes(undefined) ? UNKNOWN : texts.join(separator);
};

// Between slashes the engine takes it for a regular expression.
const replaced = (text: Value | undefined, from: Value | undefined, to: Value | undefined): Value =>
  typeof text === "string" && typeof from === "string" && typeof to === "string" && !/^\/.*\/$/.test(from)
    ? text.split(from).join(to)
    : UNKNOWN;

/** Only `%s`, `%d` and `%v` without flags. */
const formatted = ([pattern, ...values]: readonly Value[]): Value => {
  if (typeof pattern !== "string" || /%(?![sdv%])/.test(pattern)) return UNKNOWN;
  let at = 0;
  const text = pattern.replaceAll(/%([sdv%])/g, (_, verb) =>
    verb === "%" ? "%" : (scalarText(values[at++]) ?? "\0"),
  );
  return text.includes("\0") || at !== values.length ? UNKNOWN : text;
};
