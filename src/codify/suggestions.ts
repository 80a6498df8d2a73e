import { diffRows, linesOf } from "./unified-diff.ts";

/** What a pull request that changes the same lines should say instead; lines of its head, counted from 1. */
export interface Suggestion {
  /** Null where both changed the lines in ways that a machine should not put together. */
  readonly lines: { readonly from: number; readonly to: number; readonly text: string } | null;
}

/**
 * Where `head` (a pull request's text of a file) and `edited` (ours) both changed the same lines of `base`, and differ
 * there. Changes side by side in one place count: a merge would conflict.
 */
export const suggestionsFor = (base: string, edited: string, head: string): readonly Suggestion[] => {
  const [ours, theirs] = [hunksOf(base, edited), hunksOf(base, head)];
  return ours.flatMap((own) => {
    const met = theirs.filter((other) => meet(own, other));
    const [only] = met;
    if (!only || met.some((other) => saysTheSame(own, other))) return [];
    return [{ lines: met.length === 1 ? together(own, only) : null }];
  });
};

/** Lines `from` until `to` of the base (counted from 0) became `lines`, which begin at `at` of the new text. */
interface Hunk {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly lines: readonly string[];
}

const hunksOf = (before: string, after: string): readonly Hunk[] => {
  const hunks: { from: number; to: number; at: number; lines: string[] }[] = [];
  let [old, fresh] = [0, 0];
  let open: (typeof hunks)[number] | null = null;
  for (const { mark, line } of diffRows(linesOf(before), linesOf(after))) {
    if (mark === " ") open = null;
    else if (open === null) {
      open = { from: old, to: old, at: fresh, lines: [] };
      hunks.push(open);
    }
    if (mark !== "+") old += 1;
    if (mark !== "-") fresh += 1;
    if (open) open.to = old;
    if (open && mark === "+") open.lines.push(line);
  }
  return hunks;
};

const meet = (one: Hunk, other: Hunk): boolean =>
  one.from === one.to || other.from === other.to
    ? one.from <= other.to && other.from <= one.to
    : one.from < other.to && other.from < one.to;

/** What they wrote in the place of just the lines that we replaced; null where their lines do not match the base's. */
const theirsFor = (own: Hunk, other: Hunk): readonly string[] | null => {
  const isReplaced = other.lines.length === other.to - other.from && own.to > own.from;
  if (!isReplaced || own.from < other.from || own.to > other.to) return null;
  const start = own.from - other.from;
  return other.lines.slice(start, start + own.to - own.from);
};

const saysTheSame = (own: Hunk, other: Hunk): boolean =>
  (own.from === other.from && own.to === other.to && own.lines.join("") === other.lines.join("")) ||
  theirsFor(own, other)?.join("") === own.lines.join("");

const together = (own: Hunk, other: Hunk): Suggestion["lines"] => {
  if (theirsFor(own, other) !== null) {
    const from = other.at + own.from - other.from + 1;
    const to = from + own.to - own.from - 1;
    return own.lines.length === 0 ? null : { from, to, text: own.lines.join("") };
  }
  const last = other.lines.at(-1);
  // Both put lines in: ours come after theirs.
  if (own.to > own.from || other.to !== own.from || last === undefined) return null;
  const line = other.at + other.lines.length;
  return { from: line, to: line, text: `${last.endsWith("\n") ? last : `${last}\n`}${own.lines.join("")}` };
};
