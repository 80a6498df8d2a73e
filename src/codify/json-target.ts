import { applyEdits } from "jsonc-parser";
import { isExactNumber, isJsonObject, type Json, jsonEqual } from "../model/json.ts";
import { parseJson, tryParseJson } from "../model/lossless-json.ts";
import type { Path } from "../model/path.ts";
import { jsonSplices } from "./put-json-file.ts";
import { commonSubsequence } from "./subsequence.ts";
import { hasHoles, hole, withoutHoles } from "./text-target.ts";

/**
 * For a text that holds a JSON document, as does `want`: the source with only those members changed that differ.
 * Undefined where either is no such document. Interpolations inside of texts stay where their values still stand.
 */
export const jsonTarget = (source: string, values: readonly string[], want: string): string | undefined => {
  const quotedHoles = quoteBareHoles(source);
  const [before, after] = [documentIn(quotedHoles.text), documentIn(want)];
  if (before === undefined || after === undefined) return undefined;
  const current = fill(before, values, quotedHoles.bare);
  if (current === undefined) return undefined;
  const text = patched({ text: quotedHoles.text, before, current, after, values, bare: quotedHoles.bare });
  return text === undefined ? undefined : unquoteBareHoles(text, quotedHoles.bare);
};

const documentIn = (text: string): Json | undefined => {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

/** An interpolation outside of quotes stands for a whole value: it is quoted for the time being. */
const quoteBareHoles = (source: string): { readonly text: string; readonly bare: ReadonlySet<number> } => {
  const bare = new Set<number>();
  const text = source.replaceAll(
    /("(?:[^"\\]|\\.)*")|\u{F0000}(\d+)\u{F0001}/gu,
    (whole, inString?: string, index?: string) => {
      if (inString !== undefined || index === undefined) return whole;
      bare.add(Number(index));
      return `"${whole}"`;
    },
  );
  return { text, bare };
};

const unquoteBareHoles = (text: string, bare: ReadonlySet<number>): string =>
  text.replaceAll(/"(\u{F0000}(\d+)\u{F0001})"/gu, (whole, inner: string, index: string) =>
    bare.has(Number(index)) ? inner : whole,
  );

/** The document with the interpolations' values in place; undefined where one makes no JSON. */
const fill = (value: Json, values: readonly string[], bare: ReadonlySet<number>): Json | undefined => {
  if (typeof value === "string") {
    const only = [...bare].find((index) => hole(index) === value);
    if (only !== undefined) return tryParseJson(values[only] ?? "");
    return withoutHoles(value, (index) => values[index] ?? "");
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => fill(item, values, bare));
    return items.some((item) => item === undefined) ? undefined : (items as Json[]);
  }
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(
    ([key, member]) =>
      [withoutHoles(key, (index) => values[index] ?? ""), fill(member, values, bare)] as const,
  );
  return members.some(([, member]) => member === undefined)
    ? undefined
    : (Object.fromEntries(members) as Json);
};

interface Patch {
  readonly text: string;
  readonly before: Json;
  readonly current: Json;
  readonly after: Json;
  readonly values: readonly string[];
  readonly bare: ReadonlySet<number>;
}

const patched = ({ text, before, current, after, values }: Patch): string | undefined => {
  let result = text;
  const set = (path: Path, value: Json | undefined, isArrayInsertion = false): void => {
    result = applyEdits(result, [...jsonSplices(result, path, value, isArrayInsertion)]);
  };
  const visit = (source: Json, now: Json, wanted: Json, path: Path): void => {
    if (jsonEqual(now, wanted)) return;
    if (isJsonObject(source) && isJsonObject(now) && isJsonObject(wanted)) {
      members(source, now, wanted, path);
    } else if (Array.isArray(source) && Array.isArray(now) && Array.isArray(wanted)) {
      items(source, now, wanted, path);
    } else set(path, kept(source, values, wanted));
  };
  const members = (
    source: { [key: string]: Json },
    now: { [key: string]: Json },
    wanted: { [key: string]: Json },
    path: Path,
  ): void => {
    const names = Object.keys(source);
    Object.keys(now).forEach((name, index) => {
      const written = names[index] ?? name;
      if (!Object.hasOwn(wanted, name)) set([...path, written], undefined);
      else visit(source[written] ?? null, now[name] ?? null, wanted[name] ?? null, [...path, written]);
    });
    for (const [name, value] of Object.entries(wanted))
      if (!Object.hasOwn(now, name)) set([...path, name], value);
  };
  const items = (source: Json[], now: Json[], wanted: Json[], path: Path): void => {
    if (now.length === wanted.length) {
      now.forEach((item, index) => {
        visit(source[index] ?? null, item, wanted[index] ?? null, [...path, index]);
      });
      return;
    }
    const pairs = commonSubsequence(now, wanted);
    for (let index = now.length - 1; index >= 0; index -= 1)
      if (!pairs.some(([from]) => from === index)) set([...path, index], undefined);
    wanted.forEach((value, index) => {
      if (!pairs.some(([, to]) => to === index)) set([...path, index], value, true);
    });
  };
  if (holdsExact(after)) return undefined;
  visit(before, current, after, []);
  return result;
};

const holdsExact = (value: Json): boolean => {
  if (isExactNumber(value)) return true;
  if (Array.isArray(value)) return value.some(holdsExact);
  return isJsonObject(value) && Object.values(value).some(holdsExact);
};

/** A changed text keeps an interpolation whose value it still holds, once. */
const kept = (source: Json, values: readonly string[], wanted: Json): Json => {
  if (typeof source !== "string" || typeof wanted !== "string" || !hasHoles(source)) return wanted;
  return values.reduce<string>((text, value, index) => {
    const once = value.length > 1 && text.split(value).length === 2;
    return source.includes(hole(index)) && once ? text.replace(value, () => hole(index)) : text;
  }, wanted);
};
