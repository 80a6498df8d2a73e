import { applyEdits, type Edit } from "../hcl/edit.ts";
import type { SourceFile, Span } from "../hcl/syntax.ts";
import { refuse } from "./refusal.ts";
import { replaced } from "./replaced.ts";

/** An element of a collection with the edits inside of it; null takes it away. */
export interface Part extends Span {
  readonly edits: readonly Edit[] | null;
}

/**
 * Writes a collection anew from what stays of it, where elements share lines. Comments between elements would be
 * lost, so they refuse. Edits that lie elsewhere stay apart.
 */
export const rejoined = (
  file: SourceFile,
  collection: Span,
  parts: readonly Part[],
  fresh: readonly string[],
  [open, close]: readonly [string, string],
): readonly Edit[] => {
  const inside = (outer: Span, { start, end }: Span): boolean => start >= outer.start && end <= outer.end;
  const between = file.comments.some(
    (comment) =>
      inside(collection, comment) && !parts.some((part) => part.edits !== null && inside(part, comment)),
  );
  if (between) refuse("a comment stands between elements that would be joined anew");
  const elsewhere: Edit[] = [];
  const kept = parts.flatMap(({ edits, ...span }) => {
    if (edits === null) return [];
    const own = edits.filter((edit) => edit.file === file && inside(span, edit));
    elsewhere.push(...edits.filter((edit) => !own.includes(edit)));
    return [editedPart(file, span, own)];
  });
  const items = [...kept, ...fresh];
  if (
    items.length > 1 &&
    items.slice(0, -1).some((item) => /(^|\n)[ \t]*\w+[ \t]*$/.test(item) && item.includes("<<"))
  ) {
    refuse("a heredoc stands between elements that would be joined anew");
  }
  const text =
    items.length === 0 ? `${open}${close}`.replaceAll(" ", "") : `${open}${items.join(", ")}${close}`;
  return [replaced(file, collection, text), ...elsewhere];
};

const editedPart = (file: SourceFile, span: Span, edits: readonly Edit[]): string => {
  if (edits.length === 0) return file.text.slice(span.start, span.end);
  const whole = applyEdits(edits)?.get(file.path) ?? refuse("two changes want different text at one place");
  return whole.slice(span.start, whole.length - (file.text.length - span.end));
};
