import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { ConfigProblem } from "../model/config.ts";
import { renderPath } from "../model/path.ts";
import { composeYaml, type SyntaxProblem } from "./yaml-compose.ts";
import { isNestedDeeper } from "./yaml-depth.ts";

/** The part of a JSON schema that decides how a YAML scalar is to be read. */
export interface Shape {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly additionalProperties?: Shape | boolean;
  readonly anyOf?: readonly Shape[];
  readonly const?: unknown;
}

export interface YamlOptions {
  /** Pass over what follows the first document, as Atlantis does; a problem otherwise. */
  readonly firstDocument?: boolean;
}

export type YamlRead =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/**
 * YAML as plain values, read for the shape that is expected: where text is expected `1.10` stays `1.10`; where a
 * switch is expected `yes`, `no`, `on` and `off` count; a known key with nothing after it is left out. Anchors and
 * merge keys (`<<`) work, as far as they stay small. Every syntax error is told with line and column.
 */
export const readYaml = (
  text: string,
  shape: Shape,
  { firstDocument = false }: YamlOptions = {},
): YamlRead => {
  if (text.length > LONGEST_TEXT) {
    return {
      ok: false,
      problems: [{ path: "", message: `The file is longer than ${LONGEST_TEXT} characters.` }],
    };
  }
  if (isNestedDeeper(text, DEEPEST_SYNTAX))
    return {
      ok: false,
      problems: [{ path: "", message: "This is no valid YAML: it is nested too deeply." }],
    };
  const composed = composeYaml(text, { most: MOST_SYNTAX_PROBLEMS, firstDocument });
  const problems = composed.problems.map(syntaxProblem);
  if (problems.length > 0) return { ok: false, problems };
  const { document } = composed;
  if (document === null) return { ok: true, value: null };
  const reading: Reading = { document, problems: [], nodesLeft: MOST_NODES };
  const value = document.contents ? readNode(document.contents, shape, [], reading) : null;
  return reading.problems.length > 0 ? { ok: false, problems: reading.problems } : { ok: true, value };
};

// Far above any real configuration, far below what aliases of aliases can be made to stand for.
const MOST_NODES = 50_000;
const LONGEST_TEXT = 500_000;
const DEEPEST = 50;
/** Open blocks and brackets: a level of values may take two or three. */
const DEEPEST_SYNTAX = 300;
// One mistake makes hundreds; the first ones are the ones to mend, and comments have a limit.
const MOST_SYNTAX_PROBLEMS = 20;
const LONGEST_MESSAGE = 200;

interface Reading {
  readonly document: Document;
  readonly problems: ConfigProblem[];
  nodesLeft: number;
}
type Steps = readonly (string | number)[];

const syntaxProblem = ({ message, at }: SyntaxProblem): ConfigProblem => {
  const said = message.split("\n", 1)[0] ?? "";
  return {
    path: at ? `line ${at.line}, column ${at.col}` : "",
    message: `This is no valid YAML: ${said.slice(0, LONGEST_MESSAGE)}.`,
  };
};

const readNode = (node: unknown, shape: Shape, at: Steps, reading: Reading): unknown => {
  reading.nodesLeft -= 1;
  if (reading.nodesLeft < 0 || at.length > DEEPEST) return tooLarge(at, reading);
  if (isAlias(node)) return readAlias(node, shape, at, reading);
  if (isScalar(node)) return readScalar(node, shape);
  if (isMap(node)) return Object.fromEntries(readMap(node, shape, at, reading));
  if (!isSeq(node)) return null;
  const items = partsOf(shape).find((part) => part.items)?.items ?? {};
  return node.items.map((item, index) => readNode(item, items, [...at, index], reading));
};

const readAlias = (alias: Alias, shape: Shape, at: Steps, reading: Reading): unknown => {
  const target = alias.resolve(reading.document);
  if (target) return readNode(target, shape, at, reading);
  reading.problems.push({
    path: renderPath(at),
    message: `There is no anchor &${alias.source} before this.`,
  });
  return null;
};

const tooLarge = (at: Steps, reading: Reading): null => {
  if (reading.problems.length === 0) {
    reading.problems.push({
      path: renderPath(at.slice(0, 3)),
      message: "The file stands for too much: its aliases repeat each other, or it is nested too deeply.",
    });
  }
  return null;
};

const readMap = (map: YAMLMap, shape: Shape, at: Steps, reading: Reading): Map<string, unknown> => {
  const entries = new Map<string, unknown>();
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? textOf(key) : undefined;
    if (name === undefined) reading.problems.push({ path: renderPath(at), message: "A key must be text." });
    else if (name === "<<")
      for (const [from, merged] of mergedInto(value, shape, at, reading)) entries.set(from, merged);
  }
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? textOf(key) : undefined;
    if (name === undefined || name === "<<") continue;
    const known = propertyOf(partsOf(shape), name);
    const read = readNode(value, known ?? otherShape(shape), [...at, name], reading);
    if (known && read === null) entries.delete(name);
    else entries.set(name, read);
  }
  return entries;
};

const otherShape = (shape: Shape): Shape => {
  const others = partsOf(shape).find(
    (part) => typeof part.additionalProperties === "object",
  )?.additionalProperties;
  return typeof others === "object" ? others : {};
};

/** `<<: *one` or `<<: [*one, *two]`; of several the first wins, so it is written last. */
const mergedInto = (value: unknown, shape: Shape, at: Steps, reading: Reading): [string, unknown][] => {
  const source = isAlias(value) ? value.resolve(reading.document) : (value as Node | undefined);
  reading.nodesLeft -= 1;
  if (reading.nodesLeft < 0 || at.length > DEEPEST) {
    tooLarge(at, reading);
    return [];
  }
  if (isMap(source)) return [...readMap(source, shape, [...at, "<<"], reading)];
  if (isSeq(source))
    return source.items.toReversed().flatMap((item) => mergedInto(item, shape, [...at, "<<"], reading));
  reading.problems.push({
    path: renderPath([...at, "<<"]),
    message: "A merge key takes a mapping or a list of mappings.",
  });
  return [];
};

const readScalar = (scalar: Scalar, shape: Shape): unknown => {
  const types = new Set(partsOf(shape).flatMap(({ type }) => type ?? []));
  const { value } = scalar;
  if (value === null || types.size === 0) return value;
  if (typeof value !== "string")
    return types.has("string") && !types.has(jsonType(value)) ? textOf(scalar) : value;
  if (scalar.type === "PLAIN" && types.has("boolean") && SWITCH_WORDS.has(value.toLowerCase())) {
    return /^(y|yes|on)$/i.test(value);
  }
  return value;
};

const SWITCH_WORDS = new Set(["y", "yes", "on", "n", "no", "off"]);

const jsonType = (value: unknown): string =>
  typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value;

const textOf = ({ source, value }: Scalar): string | undefined => {
  if (typeof value === "string") return value;
  return value === null ? undefined : (source ?? String(value));
};

/** The shape of a key, if one of the alternatives has it; `constructor` and its like are no keys. */
export const propertyOf = (parts: readonly Shape[], name: string | number): Shape | undefined =>
  parts.flatMap(({ properties = {} }) => (Object.hasOwn(properties, name) ? [properties[name]] : [])).at(0);

/** The shape itself and every alternative in it. */
const partsOf = (shape: Shape): Shape[] => [shape, ...(shape.anyOf ?? []).flatMap(partsOf)];
