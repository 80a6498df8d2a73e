import { parseTree } from "jsonc-parser";
import { applyEdits, type Edit } from "../hcl/edit.ts";
import type { Expression, ExpressionOf, SourceFile } from "../hcl/syntax.ts";
import { isExactNumber, isJsonObject, type Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { evaluate } from "./evaluate.ts";
import { pathAt } from "./json-body.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { jsonEdits } from "./put-json-file.ts";
import { refuse } from "./refusal.ts";
import { escapedTemplate } from "./render.ts";
import { meansSame } from "./value.ts";

export const isJsonFile = ({ path }: SourceFile): boolean => path.endsWith(".json");

type Written = ExpressionOf<"literal"> | ExpressionOf<"object"> | ExpressionOf<"tuple">;

/** Puts a value into what a JSON file writes out; references inside stay, and are followed where they must change. */
export const putJson = (
  expression: Written,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const { file } = context.scope;
  const [first, ...rest] = path;
  if (first !== undefined) {
    const inner = memberOf(expression, first);
    if (inner && (want !== DELETE || rest.length > 0)) return context.put(inner, rest, want, context);
    return setInJson(file, expression.start, path, want);
  }
  if (want !== DELETE && expression.kind === "object" && isJsonObject(want))
    return putMembers(expression, want, context);
  if (expression.kind === "tuple" && Array.isArray(want) && want.length === expression.elements.length) {
    return expression.elements.flatMap((element, index) =>
      context.put(element, [], want[index] ?? null, context),
    );
  }
  if (expression.kind === "tuple" && Array.isArray(want)) {
    const edits = putAppended(expression, want, context);
    if (edits) return edits;
  }
  return setInJson(file, expression.start, [], want);
};

/** Items more at the end of a list: those before stay as they are written. */
const putAppended = (
  { elements, start }: ExpressionOf<"tuple">,
  want: readonly Json[],
  { scope }: PutContext,
): readonly Edit[] | undefined => {
  const { file } = scope;
  if (want.length <= elements.length || elements.length === 0) return undefined;
  if (!elements.every((element, index) => meansSame(evaluate(element, scope), want[index]))) return undefined;
  const place = pathAt(file.text, start);
  return (
    place &&
    want
      .slice(elements.length)
      .flatMap((item) => jsonEdits(file, [...place, elements.length], asTemplates(item), true))
  );
};

const memberOf = (expression: Written, name: string | number): Expression | undefined => {
  if (expression.kind === "tuple") return expression.elements[Number(name)];
  if (expression.kind !== "object") return undefined;
  return expression.elements.find(({ key }) => key.kind === "literal" && key.value === String(name))?.value;
};

const putMembers = (
  { elements, start }: ExpressionOf<"object">,
  want: { readonly [key: string]: Json },
  context: PutContext,
): readonly Edit[] => {
  const { file } = context.scope;
  const names = elements.map(({ key }) => (key.kind === "literal" ? String(key.value) : ""));
  const kept = elements.flatMap(({ value }, index) => {
    const name = names[index] ?? "";
    return Object.hasOwn(want, name)
      ? context.put(value, [], want[name] ?? null, context)
      : setInJson(file, start, [name], DELETE);
  });
  const fresh = Object.entries(want).filter(([name]) => !names.includes(name));
  return [...kept, ...fresh.flatMap(([name, value]) => setInJson(file, start, [name], value))];
};

/** Splices that set or take away what stands at a path below the value that begins at `start`. */
export const setInJson = (file: SourceFile, start: number, path: Path, want: Want): readonly Edit[] => {
  const place = pathAt(file.text, start) ?? refuse("the place was not found in the JSON file");
  return jsonEdits(file, [...place, ...path], want === DELETE ? undefined : asTemplates(want));
};

/** In a module's JSON every text is a template. */
export const asTemplates = (value: Json): Json => {
  if (typeof value === "string") return escapedTemplate(value);
  if (Array.isArray(value)) return value.map(asTemplates);
  if (!isJsonObject(value) || isExactNumber(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asTemplates(member)]));
};

/** @throws Refusal where the edits would leave a JSON file that is none. */
export const refuseBrokenJson = (edits: readonly Edit[]): void => {
  for (const [path, text] of applyEdits(edits.filter(({ file }) => isJsonFile(file))) ?? []) {
    const errors: { error: number; offset: number; length: number }[] = [];
    parseTree(text, errors);
    if (errors.length > 0) refuse(`the edit would not leave valid JSON in ${path}`);
  }
};
