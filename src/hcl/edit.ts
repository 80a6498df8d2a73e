import type { SourceFile, Span } from "./syntax.ts";

/** Put `text` where `start` to `end` stood; an insertion where both are equal. */
export interface Edit extends Span {
  readonly file: SourceFile;
  readonly text: string;
}

/**
 * The new text of each edited file, by path; every character outside of the edits stays. Equal edits count once.
 * `undefined` where two edits want different things of the same place.
 */
export const applyEdits = (edits: readonly Edit[]): ReadonlyMap<string, string> | undefined => {
  const byFile = Map.groupBy(edits, ({ file }) => file);
  const edited = new Map<string, string>();
  for (const [file, own] of byFile) {
    const text = rewritten(file.text, own);
    if (text === undefined) return undefined;
    edited.set(file.path, text);
  }
  return edited;
};

const rewritten = (text: string, edits: readonly Edit[]): string | undefined => {
  const distinct = new Map(edits.map((edit) => [`${edit.start}:${edit.end}:${edit.text}`, edit]));
  // Sorting is stable: insertions at one place keep their order.
  const sorted = [...distinct.values()].sort((one, other) => one.start - other.start || one.end - other.end);
  let at = 0;
  let result = "";
  for (const edit of sorted) {
    if (edit.start < at) return undefined;
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
};
