import type { ConfigProblem } from "../model/config.ts";
import type { AtlantisFate, AtlantisKeys } from "./atlantis-keys.ts";
import { nearestPlace, type TextPlace } from "./yaml-places.ts";

/** One thing that an import has to say about a key of Atlantis's. */
export interface AtlantisTold {
  /** Name of the file that holds it. */
  readonly file: string;
  /** `projects[0].workflow`, `workflows.staging.plan.steps[1]`, `--gh-token`; the first where there are several. */
  readonly key: string;
  /** How often this is so. */
  readonly count: number;
  readonly line: number | null;
  readonly column: number | null;
  readonly fate: AtlantisFate;
  readonly to: string | null;
  readonly note: string;
}

/** A file's name with the places of its keys. */
export interface ToldSource {
  readonly file: string;
  readonly places: ReadonlyMap<string, TextPlace>;
}

/** What the table says of every key that is there and does not simply go over, told once for all of its places. */
export const tellKeys = (value: unknown, keys: AtlantisKeys, source: ToldSource): readonly AtlantisTold[] =>
  [...Map.groupBy(keyNotes(value, keys), ({ key }) => key).values()].flatMap((all) => {
    const [first] = all;
    const entry = first && keys[first.key];
    if (!entry) return [];
    const told = { fate: entry.fate, to: entry.to ?? null, note: entry.note ?? "" };
    return [{ ...placed(source, first.path), ...told, count: all.length }];
  });

/** Each place of a key that does not simply go over. */
export const keyNotes = (
  value: unknown,
  keys: AtlantisKeys,
): readonly (Present & { readonly note: string })[] =>
  presentKeys(value, "", "", keys).flatMap((one) => {
    const entry = keys[one.key];
    return !entry || entry.fate === "same" || one.key === "version"
      ? []
      : [{ ...one, note: entry.note ?? "" }];
  });

/** The file, key and place of something that is told. */
export const placed = (
  { file, places }: ToldSource,
  key: string,
): Pick<AtlantisTold, "file" | "key" | "count" | "line" | "column"> => {
  const place = nearestPlace(places, key);
  return { file, key, count: 1, line: place?.line ?? null, column: place?.column ?? null };
};

/** `line 3, column 7` stands in the path of what is no YAML; all else is looked up. */
export const inFile = (
  { path, message }: ConfigProblem,
  file: string,
  places?: ToldSource["places"],
): ConfigProblem => {
  const [, line, column] = /^line (\d+), column (\d+)$/.exec(path) ?? [];
  if (line !== undefined) return { path: `${file}:${line}:${column}`, message };
  const place = places && nearestPlace(places, path);
  const at = place ? `${file}:${place.line}:${place.column}` : file;
  return { path: path === "" ? at : `${at}: ${path}`, message };
};

interface Present {
  /** As the table has it: `projects[].workflow`. */
  readonly key: string;
  readonly path: string;
}

const presentKeys = (
  value: unknown,
  generic: string,
  path: string,
  keys: AtlantisKeys,
): readonly Present[] => {
  if (Array.isArray(value))
    return value.flatMap((item, index) => presentKeys(item, `${generic}[]`, `${path}[${index}]`, keys));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const below = generic === "" ? key : `${generic}.${key}`;
    if (!Object.hasOwn(keys, below) || saysNothing(key, inner)) return [];
    const at = path === "" ? key : `${path}.${key}`;
    return [{ key: below, path: at }, ...presentKeys(inner, below, at, keys)];
  });
};

/** Switched off, or empty: what Atlantis does without the key, too. Of `policy_check` alone it is the other way. */
const saysNothing = (key: string, value: unknown): boolean => {
  if (key === "policy_check") return value === true;
  if (value === false || value === null || value === undefined || value === "") return true;
  return Array.isArray(value) ? value.length === 0 : false;
};
