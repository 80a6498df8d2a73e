import { commonSubsequence } from "./subsequence.ts";

/** A unified diff of one file with three lines of context, as `git apply` and `patch -p1` take it. */
export const unifiedDiff = (path: string, before: string, after: string): string => {
  if (before === after) return "";
  const rows = diffRows(linesOf(before), linesOf(after));
  const hunks = hunksOf(rows).map((hunk) => hunkText(rows, hunk));
  return `--- a/${path}\n+++ b/${path}\n${hunks.join("")}`;
};

export type Row = { readonly mark: " " | "-" | "+"; readonly line: string };

/** Each with its line ending. */
export const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Both texts as one: what stays, goes and comes, in order. */
export const diffRows = (before: readonly string[], after: readonly string[]): readonly Row[] => {
  let head = 0;
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head += 1;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const [old, fresh] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const rows: Row[] = before.slice(0, head).map((line) => ({ mark: " ", line }));
  let [from, to] = [0, 0];
  for (const [keptFrom, keptTo] of [...commonSubsequence(old, fresh), [old.length, fresh.length] as const]) {
    rows.push(...old.slice(from, keptFrom).map((line): Row => ({ mark: "-", line })));
    rows.push(...fresh.slice(to, keptTo).map((line): Row => ({ mark: "+", line })));
    const kept = old[keptFrom];
    if (kept !== undefined) rows.push({ mark: " ", line: kept });
    from = keptFrom + 1;
    to = keptTo + 1;
  }
  return [...rows, ...before.slice(before.length - tail).map((line): Row => ({ mark: " ", line }))];
};

const CONTEXT = 3;

const hunksOf = (rows: readonly Row[]): readonly (readonly [number, number])[] => {
  const hunks: [number, number][] = [];
  rows.forEach(({ mark }, index) => {
    if (mark === " ") return;
    const [start, end] = [Math.max(0, index - CONTEXT), Math.min(rows.length, index + CONTEXT + 1)];
    const last = hunks.at(-1);
    if (last && start <= last[1]) last[1] = end;
    else hunks.push([start, end]);
  });
  return hunks;
};

const hunkText = (rows: readonly Row[], [start, end]: readonly [number, number]): string => {
  const count = (until: number, from: number, other: "-" | "+"): number =>
    rows.slice(from, until).filter(({ mark }) => mark !== other).length;
  const [oldCount, newCount] = [count(end, start, "+"), count(end, start, "-")];
  const place = (before: number, length: number): string => `${length === 0 ? before : before + 1},${length}`;
  const head = `@@ -${place(count(start, 0, "+"), oldCount)} +${place(count(start, 0, "-"), newCount)} @@\n`;
  return (
    head +
    rows
      .slice(start, end)
      .map(
        ({ mark, line }) =>
          `${mark}${line.endsWith("\n") ? line : `${line}\n\\ No newline at end of file\n`}`,
      )
      .join("")
  );
};
