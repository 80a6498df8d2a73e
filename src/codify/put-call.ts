import { parse as parseYaml } from "yaml";
import type { Edit } from "../hcl/edit.ts";
import type { Expression, ExpressionOf } from "../hcl/syntax.ts";
import type { Json } from "../model/json.ts";
import { parseJson } from "../model/lossless-json.ts";
import type { Path } from "../model/path.ts";
import { evaluate } from "./evaluate.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { putConcat, putMerge } from "./put-combined.ts";
import { putDecoded } from "./put-decoded.ts";
import { putFile, putTemplateFile } from "./put-file.ts";
import { putFormat } from "./put-format.ts";
import {
  putFirstList,
  putFlattened,
  putFormatList,
  putSlice,
  putValues,
  putZipmap,
} from "./put-list-call.ts";
import { isTextCall, putExtreme, putTextCall } from "./put-text-call.ts";
import { attempt, refuse } from "./refusal.ts";
import { isKnown, isList, scalarText } from "./value.ts";

type Call = ExpressionOf<"call">;

/** Functions that can be turned round. */
export const putCall = (call: Call, path: Path, want: Want, whole: PutContext): readonly Edit[] => {
  const [first] = call.args;
  const context = { ...whole, before: undefined };
  if (!first || (call.expands && call.name !== "merge"))
    return refuse(`${call.name}() cannot be turned round`);
  const name = call.name.replace(/^core::/, "");
  if (isTextCall(name)) {
    return path.length === 0 && typeof want === "string"
      ? putTextCall({ ...call, name }, want, context)
      : refuse(`${name}() cannot be turned round here`);
  }
  switch (name) {
    case "tonumber":
    case "tobool":
      if (want !== DELETE && !(name === "tonumber" ? isNumeric(want) : /^(true|false)$/.test(String(want))))
        return refuse(`the live value is nothing that ${name}() gives`);
      return context.put(first, path, want, context);
    case "tolist":
    case "tomap":
    case "tostring":
    case "nonsensitive":
    case "one":
      return context.put(first, call.name === "one" ? [0, ...path] : path, want, context);
    case "distinct":
      if (Array.isArray(want) && new Set(want.map((item) => JSON.stringify(item))).size < want.length)
        return refuse("distinct() gives no item twice");
      if (path.length > 0) return refuse("what distinct() gives may have other places");
      return context.put(first, path, want, context);
    case "toset":
    case "sort":
      if (path.length > 0) return refuse(`what ${name}() gives has other places`);
      return putList(first, path, want, context);
    case "sensitive":
      return refuse("the value is marked as sensitive");
    case "jsonencode":
      return putEncoded(first, path, want, context, parseJson);
    case "yamlencode":
      return putEncoded(first, path, want, context, (text) => parseYaml(text) as Json);
    case "lookup":
      return putLookup(call, path, want, context);
    case "element":
      return putElement(call, path, want, context);
    case "try":
    case "coalesce":
      return putFirst(call, path, want, context);
    case "merge":
      return putMerge(call, path, want, whole);
    case "concat":
      return putConcat(call, path, want, context);
    case "format":
      return putFormat(call, path, want, context);
    case "join":
      return putJoin(call, path, want, context);
    case "split":
      return putSplit(call, path, want, context);
    case "compact":
    case "flatten":
      return putFlattened(first, name === "flatten", path, want, context);
    case "values":
      return putValues(first, path, want, context);
    case "coalescelist":
      return putFirstList(call, path, want, context);
    case "slice":
      return putSlice(call, path, want, context);
    case "zipmap":
      return putZipmap(call, path, want, context);
    case "formatlist":
      return putFormatList(call, path, want, context);
    case "max":
    case "min":
      return typeof want === "number" && path.length === 0
        ? putExtreme({ ...call, name }, want, context)
        : refuse(`${name}() cannot be turned round here`);
    case "floor":
    case "ceil":
      return context.put(first, path, want, context);
    case "file":
      return putFile(call, path, want, context);
    case "templatefile":
      return putTemplateFile(call, path, want, context);
    case "jsondecode":
    case "yamldecode":
      return putDecoded(call, path, want, context);
    default:
      return refuse(`${call.name}() cannot be turned round`);
  }
};

const isNumeric = (want: Json): boolean =>
  want === null || /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(scalarText(want) ?? "");

/** Sets come back in the engine's order; the author's order stays, and what is new comes last. */
const putList = (list: Expression, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  if (path.length > 0 || want === DELETE || !Array.isArray(want))
    return context.put(list, path, want, context);
  return context.put(list, [], orderedLike(want, evaluate(list, context.scope)), context);
};

/** `want` as a set, in the order of `current` as far as they share items; one that takes another's place stands there. */
export const orderedLike = (want: Json[], current: unknown): Json[] => {
  if (!isList(current as Json)) return want;
  const left = [...want];
  const items = current as Json[];
  const stays = items.map((item) => {
    const at = left.findIndex((one) =>
      scalarText(one) !== undefined
        ? scalarText(one) === scalarText(item)
        : JSON.stringify(one) === JSON.stringify(item),
    );
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
  if (want.length !== items.length) return [...items.filter((_, index) => stays[index]), ...left];
  return items.map((item, index) => (stays[index] ? item : (left.shift() ?? item)));
};

const putEncoded = (
  document: Expression,
  path: Path,
  want: Want,
  context: PutContext,
  decode: (text: string) => Json,
): readonly Edit[] => {
  if (path.length > 0 || typeof want !== "string")
    return refuse("only a part of an encoded document changed");
  const decoded = decodedBy(decode, want);
  return decoded === undefined
    ? refuse("the live value is no such document")
    : context.put(document, [], decoded, context);
};

const decodedBy = (decode: (text: string) => Json, text: string): Json | undefined => {
  try {
    return decode(text);
  } catch {
    return undefined;
  }
};

const putLookup = (
  { args: [map, key] }: Call,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const name = key && scalarText(evaluate(key, context.scope));
  if (!map || name === undefined) return refuse("the key of lookup() is not known before a plan");
  return context.put(map, [name, ...path], want, context);
};

const putElement = (
  { args: [list, index] }: Call,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const items = list && evaluate(list, context.scope);
  const at = index && evaluate(index, context.scope);
  if (!list || !isList(items) || typeof at !== "number")
    return refuse("the index of element() is not known before a plan");
  return context.put(list, [at % items.length, ...path], want, context);
};

/** The argument that counts now; where it cannot be changed, the ones before it may speak up instead. */
const putFirst = (call: Call, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  if (call.name === "coalesce" && (want === "" || want === null))
    return refuse("coalesce() gives nothing empty");
  const counts = call.args.findIndex((arg) => {
    const value = evaluate(arg, context.scope);
    return isKnown(value) && value !== null && (call.name === "try" || value !== "");
  });
  const reasons: string[] = [];
  for (const arg of call.args.slice(0, counts + 1).reverse()) {
    const tried = attempt(() => context.put(arg, path, want, context));
    if ("value" in tried) return tried.value;
    reasons.push(tried.reason);
  }
  return refuse(reasons[0] ?? `no argument of ${call.name}() is known before a plan`);
};

const putJoin = (
  { args: [separator, list] }: Call,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const between = separator && evaluate(separator, context.scope);
  if (!list || path.length > 0 || typeof want !== "string" || typeof between !== "string" || between === "") {
    return refuse("join() cannot be turned round here");
  }
  return context.put(list, [], want.split(between), context);
};

const putSplit = (
  { args: [separator, text] }: Call,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const between = separator && evaluate(separator, context.scope);
  const whole = text && evaluate(text, context.scope);
  if (
    text &&
    typeof whole === "string" &&
    typeof between === "string" &&
    path.length === 1 &&
    want !== DELETE
  ) {
    const items = whole.split(between).with(Number(path[0]), scalarText(want) ?? "");
    return context.put(text, [], items.join(between), context);
  }
  if (!text || path.length > 0 || want === DELETE || !Array.isArray(want) || typeof between !== "string") {
    return refuse("split() cannot be turned round here");
  }
  const items = want.map((item) => scalarText(item) ?? "");
  if (items.length === 0 || items.some((item) => item.includes(between)))
    return refuse("split() cannot give such a list");
  return context.put(text, [], items.join(between), context);
};
