import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { renderPath } from "../model/path.ts";

export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/**
 * Where each key and list entry of a YAML text stands, by its path as problems name it (`projects[0].dir`); lines and
 * columns count from 1. Of a text that is no YAML as much as can be read; what only an alias stands for has no place.
 */
export const yamlPlaces = (text: string): ReadonlyMap<string, TextPlace> => {
  const lines = new LineCounter();
  const places = new Map<string, TextPlace>();
  const note = (path: Steps, node: unknown): void => {
    const offset = startOf(node);
    if (offset === undefined) return;
    const { line, col } = lines.linePos(offset);
    places.set(renderPath(path), { line, column: col });
  };
  walk(parseDocument(text, { lineCounter: lines, prettyErrors: false }).contents, [], note);
  return places;
};

/** The place of a path, or of the nearest one above it that has one. */
export const nearestPlace = (places: ReadonlyMap<string, TextPlace>, path: string): TextPlace | undefined => {
  for (let at = path; at !== ""; at = at.replace(/(\.?[^.[\]]+|\[[^\]]*\])$/, "")) {
    const found = places.get(at);
    if (found) return found;
  }
  return undefined;
};

type Steps = readonly (string | number)[];

const walk = (node: unknown, at: Steps, note: (path: Steps, node: unknown) => void): void => {
  if (isMap(node))
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : undefined;
      if (name === undefined) continue;
      note([...at, name], key);
      walk(value, [...at, name], note);
    }
  if (isSeq(node))
    node.items.forEach((item, index) => {
      note([...at, index], item);
      walk(item, [...at, index], note);
    });
};

const startOf = (node: unknown): number | undefined => {
  const range: unknown = typeof node === "object" && node !== null ? Reflect.get(node, "range") : undefined;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : undefined;
};
