import { isMap, isScalar, isSeq, type Node, type Pair, parseDocument } from "yaml";
import type { Edit } from "../hcl/edit.ts";
import type { ExpressionOf } from "../hcl/syntax.ts";
import { isJsonObject, type Json, jsonEqual } from "../model/json.ts";
import { parseJson } from "../model/lossless-json.ts";
import type { Path } from "../model/path.ts";
import { evaluate } from "./evaluate.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { jsonSplices } from "./put-json-file.ts";
import { refuse } from "./refusal.ts";

type Call = ExpressionOf<"call">;
interface Splice {
  readonly offset: number;
  readonly length: number;
  readonly content: string;
}

/** `jsondecode(text)` and `yamldecode(text)`: the document's text with only those members changed that differ. */
export const putDecoded = (call: Call, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  const [source] = call.args;
  const text = source && evaluate(source, context.scope);
  if (!source || typeof text !== "string") return refuse(`${call.name}() is not known before a plan`);
  const isJson = call.name.endsWith("jsondecode");
  const document = (isJson ? parseJson(text) : parseDocument(text).toJS()) as Json;
  let edited = text;
  for (const change of changesBetween(valueAt(document, path), want, path).toReversed()) {
    const splices = isJson
      ? jsonSplices(edited, change.path, change.want === DELETE ? undefined : change.want)
      : yamlSplices(edited, change.path, change.want);
    for (const { offset, length, content } of [...splices].toSorted(
      (one, other) => other.offset - one.offset,
    ))
      edited = edited.slice(0, offset) + content + edited.slice(offset + length);
  }
  return context.put(source, [], edited, context);
};

const valueAt = (value: Json, path: Path): Json | undefined =>
  path.reduce<Json | undefined>((here, step) => {
    if (Array.isArray(here)) return here[Number(step)];
    return isJsonObject(here) ? here[String(step)] : undefined;
  }, value);

interface DeepChange {
  readonly path: Path;
  readonly want: Want;
}

const changesBetween = (now: Json | undefined, want: Want, path: Path): readonly DeepChange[] => {
  if (want === DELETE || now === undefined) return [{ path, want }];
  if (jsonEqual(now, want)) return [];
  if (isJsonObject(now) && isJsonObject(want)) {
    return [...new Set([...Object.keys(now), ...Object.keys(want)])].flatMap((key) =>
      changesBetween(now[key], Object.hasOwn(want, key) ? (want[key] ?? null) : DELETE, [...path, key]),
    );
  }
  if (Array.isArray(now) && Array.isArray(want) && now.length === want.length)
    return want.flatMap((item, index) => changesBetween(now[index], item, [...path, index]));
  return [{ path, want }];
};

/** A scalar changed, or a member added to a block of members; everything else in YAML is left to people. */
const yamlSplices = (text: string, path: Path, want: Want): readonly Splice[] => {
  const document = parseDocument(text);
  if (document.errors.length > 0 || want === DELETE)
    return refuse("this change of a YAML text is made by hand");
  const node = document.getIn([...path], true) as Node | undefined;
  const value = yamlScalar(want);
  if (isScalar(node) && node.range) {
    const [offset, end] = node.range;
    return [{ offset, length: end - offset, content: likeBefore(text.slice(offset, end), value) }];
  }
  const parent = document.getIn(path.slice(0, -1), true) as Node | undefined;
  const last = isMap(parent) && !parent.flow ? (parent.items.at(-1) as Pair<Node, Node | null>) : undefined;
  if (node !== undefined || !last || isSeq(last.value) || isMap(last.value))
    return refuse("this change of a YAML text is made by hand");
  const [start = 0] = last.key.range ?? [];
  const indent = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const lineEnd = text.indexOf("\n", last.value?.range?.[1] ?? start);
  const offset = lineEnd < 0 ? text.length : lineEnd;
  return [{ offset, length: 0, content: `\n${indent}${yamlScalar(String(path.at(-1)))}: ${value}` }];
};

/** Plain where YAML reads it back as the same, else as JSON writes it. */
const yamlScalar = (value: Json): string => {
  if (typeof value === "object" && value !== null)
    return refuse("this change of a YAML text is made by hand");
  const plain = String(value);
  const isPlain =
    typeof value !== "string" || (/^[\w./-][\w ./-]*$/.test(plain) && parseDocument(plain).toJS() === value);
  return isPlain ? plain : JSON.stringify(value);
};

const likeBefore = (before: string, value: string): string =>
  /^["']/.test(before) && !value.startsWith('"') ? `${before[0]}${value}${before[0]}` : value;
