import type { Edit } from "../hcl/edit.ts";
import type { ExpressionOf, ObjectElement, SourceFile, Span } from "../hcl/syntax.ts";
import type { Json } from "../model/json.ts";
import { indentAt, inNewlines, isAloneBefore, lineEnd, lineStart, restOfLine } from "./lines.ts";
import { quoted, render, renderKey, renderLike } from "./render.ts";

/** One more member, written as its neighbour is: after `anchor`, else after the last one. */
export const insertMember = (
  file: SourceFile,
  object: ExpressionOf<"object">,
  name: string,
  value: Json,
  anchor?: ObjectElement,
): Edit => {
  const { text } = file;
  const base = indentAt(text, object.start);
  const last = anchor ?? object.elements.at(-1);
  if (!last) {
    const member = `{\n${base}  ${renderKey(name)} = ${render(value, `${base}  `)}\n${base}}`;
    return { file, start: object.start, end: object.end, text: inNewlines(member, text) };
  }
  const key = text[last.key.start] === '"' ? quoted(name) : renderKey(name);
  const separator = /^\s*:/.test(text.slice(last.key.end)) ? ": " : " = ";
  if (!text.slice(object.start, last.end).includes("\n")) {
    return insertion(file, last.end, `, ${key}${separator}${renderLike(value, base, "")}`);
  }
  const indent = indentAt(text, last.start);
  const member = `${key}${separator}${renderLike(value, indent, text.slice(last.value.start, last.value.end))}`;
  const rest = restOfLine(text, last.end);
  if (!rest) return insertion(file, last.end, `,\n${indent}${member}`);
  return insertion(file, rest.end, `\n${indent}${member}${rest.comma >= 0 ? "," : ""}`);
};

const insertion = (file: SourceFile, at: number, added: string): Edit => ({
  file,
  start: at,
  end: at,
  text: inNewlines(added, file.text),
});

/** Takes one element out, with the comment on its line. `index` is its place among `elements`. */
export const deleteElement = (
  file: SourceFile,
  collection: Span,
  elements: readonly Span[],
  index: number,
): Edit => {
  const { text } = file;
  const { start, end } = elements[index] as Span;
  const rest = restOfLine(text, end);
  if (isAloneBefore(text, start) && rest && text[rest.end] !== undefined) {
    return { file, start: lineStart(text, start), end: lineEnd(text, rest.end) + 1, text: "" };
  }
  const next = elements[index + 1];
  if (next) return { file, start, end: next.start, text: "" };
  return { file, start: elements[index - 1]?.end ?? collection.start + 1, end, text: "" };
};

/** Further items after the one at `after` (-1: before all), written as their neighbour is. */
export const insertItems = (
  file: SourceFile,
  tuple: ExpressionOf<"tuple">,
  after: number,
  values: readonly Json[],
): readonly Edit[] => {
  const { text } = file;
  const reference = tuple.elements[Math.max(after, 0)] as Span;
  const multiline =
    text.slice(tuple.start, reference.start).includes("\n") && isAloneBefore(text, reference.start);
  const indent = indentAt(text, multiline ? reference.start : tuple.start);
  const neighbour = text.slice(reference.start, reference.end);
  const items = values.map((value) => renderLike(value, indent, neighbour));
  if (after < 0) {
    const separator = multiline ? `,\n${indent}` : ", ";
    return [insertion(file, reference.start, items.map((item) => `${item}${separator}`).join(""))];
  }
  if (!multiline) return [insertion(file, reference.end, items.map((item) => `, ${item}`).join(""))];
  const rest = restOfLine(text, reference.end);
  if (!rest) return [insertion(file, reference.end, items.map((item) => `,\n${indent}${item}`).join(""))];
  // A comment after the item stays with it.
  if (rest.comma >= 0)
    return [insertion(file, rest.end, items.map((item) => `\n${indent}${item},`).join(""))];
  const lines = items.map((item) => `\n${indent}${item}`).join(",");
  return [insertion(file, reference.end, ","), insertion(file, rest.end, lines)];
};

/** Every element alone on its lines: then whole lines can come and go. */
export const isOnePerLine = ({ text }: SourceFile, elements: readonly Span[]): boolean =>
  elements.every(({ start, end }) => isAloneBefore(text, start) && restOfLine(text, end) !== undefined);
