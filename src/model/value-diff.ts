import { isJsonObject, type Json, jsonEqual } from "./json.ts";
import { parseJson } from "./lossless-json.ts";
import type { Path } from "./path.ts";

/** One place where two values differ; null where it is absent on that side. */
export interface LeafDiff {
  readonly path: Path;
  readonly before: Json;
  readonly after: Json;
}

/** True: the array at the path is a set. False: a list. Undefined: not known, so its content is judged. */
export type IsSet = (path: Path) => boolean | undefined;

/**
 * The leaf paths where two values differ: objects and maps by key, lists by position, sets and lists that grew or
 * shrank at their own path. Plan JSON does not tell a set from a list; see `isList` for how it is judged.
 */
export const leafDiffs = (
  before: Json | undefined,
  after: Json | undefined,
  isSet: IsSet = () => undefined,
): readonly LeafDiff[] => {
  const found: LeafDiff[] = [];
  collect(before ?? null, after ?? null, [], isSet, found);
  return found;
};

const collect = (before: Json, after: Json, path: Path, isSet: IsSet, found: LeafDiff[]): void => {
  if (before === after || jsonEqual(before, after)) return;
  const [left, right] = asObjects(before, after);
  if (left && right && Object.keys(left).length + Object.keys(right).length > 0) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      collect(own(left, key), own(right, key), [...path, key], isSet, found);
    }
  } else if (Array.isArray(before) && Array.isArray(after) && isList(before, after, isSet(path))) {
    before.forEach((item, index) => {
      collect(item, after[index] ?? null, [...path, index], isSet, found);
    });
  } else {
    found.push({ path, before, after });
  }
};

// A tag may be called "constructor".
const own = (value: { [key: string]: Json }, key: string): Json =>
  Object.hasOwn(value, key) ? (value[key] ?? null) : null;

// An object against null differs in each of the object's leaves: `tags` unset and `tags = {a = 1}` differ at `tags.a`.
const asObjects = (before: Json, after: Json): [{ [key: string]: Json }?, { [key: string]: Json }?] => {
  if (isJsonObject(before) && isJsonObject(after)) return [before, after];
  if (isJsonObject(before) && after === null) return [before, {}];
  if (isJsonObject(after) && before === null) return [{}, after];
  return [];
};

/**
 * Engines write a set's elements in one canonical order. So plain values out of that order are a list; and objects
 * of which one was edited while the others kept their places are read as a list (the common single nested block).
 */
const isList = (before: Json[], after: Json[], known: boolean | undefined): boolean => {
  if (known === true || before.length !== after.length) return false;
  if (known === false) return true;
  if ([...before, ...after].every((item) => isJsonObject(item))) return editedInPlace(before, after);
  return !(isCanonicalOrder(before) && isCanonicalOrder(after));
};

const editedInPlace = (before: Json[], after: Json[]): boolean => {
  const moved = before.filter((item, index) => !jsonEqual(item, after[index]));
  const gone = moved.filter((item) => !after.some((other) => jsonEqual(item, other)));
  return moved.length === gone.length;
};

const isCanonicalOrder = (items: Json[]): boolean =>
  items.every((item, index) => index === 0 || isBefore(items[index - 1], item));

const isBefore = (left: Json | undefined, right: Json): boolean => {
  if (typeof left === "string" && typeof right === "string") return left < right;
  if (typeof left === "number" && typeof right === "number") return left < right;
  // Sets hold one type; null is an element that is not known yet.
  return left === null || right === null || typeof left === typeof right;
};

/** The value at a path, undefined where nothing is there. */
export const valueAt = (value: Json | undefined, path: Path): Json | undefined => {
  let here = value;
  for (const step of path) {
    if (Array.isArray(here) && typeof step === "number") here = here[step];
    else if (isJsonObject(here) && typeof step === "string" && Object.hasOwn(here, step)) here = here[step];
    else return undefined;
  }
  return here;
};

/** Reads `after_unknown`, `before_sensitive` and their like: trees that say true at a leaf or for all below. */
export const isMarkedAt = (marks: Json | undefined, path: Path): boolean => {
  let here = marks;
  for (const step of path) {
    if (here === true) return true;
    here = valueAt(here, [step]);
  }
  return here === true;
};

/** Whether anything at the path or below it is marked. */
export const isMarkedWithin = (marks: Json | undefined, path: Path): boolean =>
  isMarkedAt(marks, path) || holdsTrue(valueAt(marks, path));

const holdsTrue = (marks: Json | undefined): boolean => {
  if (Array.isArray(marks)) return marks.some(holdsTrue);
  if (isJsonObject(marks)) return Object.values(marks).some(holdsTrue);
  return marks === true;
};

/**
 * Whether two values differ only by how engines and providers write them: null, "", [], {}, 0 and false for
 * "nothing", or JSON texts that mean the same. On a path of the stateful catalogue (`watched`) zero and false are
 * values: a retention of 0 is not one that was left out.
 */
export const isNoise = (
  before: Json | undefined,
  after: Json | undefined,
  options: { readonly watched?: boolean } = {},
): boolean => {
  const watched = options.watched === true;
  if (watched && (before === false) !== (after === false)) return false;
  return jsonEqual(normal(before, watched), normal(after, watched)) || sameJsonText(before, after);
};

const normal = (value: Json | undefined, keepsZero: boolean): Json => {
  if (value === undefined || value === "" || value === false || (value === 0 && !keepsZero)) return null;
  if (Array.isArray(value)) return value.length === 0 ? null : value.map((item) => normal(item, keepsZero));
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value)
    .map(([key, item]) => [key, normal(item, keepsZero)] as const)
    .filter(([, item]) => item !== null);
  return kept.length === 0 ? null : Object.fromEntries(kept);
};

const sameJsonText = (before: Json | undefined, after: Json | undefined): boolean => {
  const [left, right] = [jsonText(before), jsonText(after)];
  return left !== undefined && right !== undefined && jsonEqual(left, right);
};

/** The document inside a string that holds a JSON object or array; undefined for any other value. */
export const jsonText = (value: Json | undefined): Json | undefined => {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return undefined;
  try {
    return parseJson(value);
  } catch {
    return undefined;
  }
};
