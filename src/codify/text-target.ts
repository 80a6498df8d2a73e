import { refuse } from "./refusal.ts";
import { commonSubsequence } from "./subsequence.ts";

// Characters for private use stand for interpolations while a text is worked on.
const OPEN = "\u{F0000}";
const CLOSE = "\u{F0001}";
const HOLE = /\u{F0000}(\d+)\u{F0001}/gu;

/** What stands for the interpolation of this number. */
export const hole = (index: number): string => `${OPEN}${index}${CLOSE}`;

export const withoutHoles = (text: string, fill: (index: number) => string): string =>
  text.replaceAll(HOLE, (_, index: string) => fill(Number(index)));

export const hasHoles = (text: string): boolean => text.includes(OPEN);

/** A stretch of the text as it is now: `hole` where an interpolation gives it. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly hole: number | null;
  readonly text: string;
}

/** The source with its texts changed so that it gives `want`; or the one interpolation that must give something else. */
export type TextTarget = { readonly text: string } | { readonly inside: number; readonly want: string };

/** @throws Refusal where a change cuts through an interpolation. */
export const textTarget = (source: string, values: readonly string[], want: string): TextTarget => {
  const stretches = stretchesOf(source, values);
  const current = withoutHoles(source, (index) => values[index] ?? "");
  const changes = changesBetween(current, want);
  const inner = changes.map((change) => stretches.find((one) => one.hole !== null && isInside(change, one)));
  const [first] = inner;
  if (first && changes.length === 1) {
    const [change] = changes as [Change];
    const value =
      first.text.slice(0, change.start - first.start) +
      change.text +
      first.text.slice(change.end - first.start);
    return { inside: first.hole as number, want: value };
  }
  return { text: applied(stretches, changes) };
};

const stretchesOf = (source: string, values: readonly string[]): readonly Stretch[] => {
  const stretches: Stretch[] = [];
  let at = 0;
  const add = (text: string, index: number | null): void => {
    if (text === "" && index === null) return;
    stretches.push({ start: at, end: at + text.length, hole: index, text });
    at += text.length;
  };
  let from = 0;
  for (const found of source.matchAll(HOLE)) {
    add(source.slice(from, found.index), null);
    add(values[Number(found[1])] ?? "", Number(found[1]));
    from = found.index + found[0].length;
  }
  add(source.slice(from), null);
  return stretches;
};

interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Changes line by line, each without what old and new have in common at its ends. */
const changesBetween = (current: string, want: string): readonly Change[] => {
  const [before, after] = [linesOf(current), linesOf(want)];
  if (before.length * after.length > 4_000_000) return [trimmed(current, want, 0)];
  const offsets = [0];
  for (const line of before) offsets.push((offsets.at(-1) ?? 0) + line.length);
  const changes: Change[] = [];
  let [from, to] = [0, 0];
  for (const [keptFrom, keptTo] of [
    ...commonSubsequence(before, after),
    [before.length, after.length] as const,
  ]) {
    const [old, fresh] = [before.slice(from, keptFrom).join(""), after.slice(to, keptTo).join("")];
    if (old !== fresh) changes.push(trimmed(old, fresh, offsets[from] ?? 0));
    from = keptFrom + 1;
    to = keptTo + 1;
  }
  return changes;
};

const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const trimmed = (old: string, fresh: string, offset: number): Change => {
  const least = Math.min(old.length, fresh.length);
  let head = 0;
  while (head < least && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < least - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  return {
    start: offset + head,
    end: offset + old.length - tail,
    text: fresh.slice(head, fresh.length - tail),
  };
};

/** Touching only the edge of an interpolation is a change of the text beside it. */
const isInside = ({ start, end }: Change, stretch: Stretch): boolean =>
  start >= stretch.start &&
  end <= stretch.end &&
  (start < end || (start > stretch.start && end < stretch.end));

const applied = (stretches: readonly Stretch[], changes: readonly Change[]): string => {
  let result = "";
  const done = new Set<Change>();
  for (const stretch of stretches) {
    const hits = changes.filter((change) => !done.has(change) && touches(change, stretch));
    if (stretch.hole !== null) {
      result += before(hits, stretch, done) + hole(stretch.hole);
      continue;
    }
    let at = stretch.start;
    for (const change of hits) {
      if (change.start < stretch.start || change.end > stretch.end)
        return refuse("the live text no longer fits this template");
      result += stretch.text.slice(at - stretch.start, change.start - stretch.start) + change.text;
      at = change.end;
      done.add(change);
    }
    result += stretch.text.slice(at - stretch.start);
  }
  return (
    result +
    changes
      .filter((change) => !done.has(change))
      .map((change) => atEnd(change, stretches))
      .join("")
  );
};

const touches = (change: Change, stretch: Stretch): boolean =>
  change.start < change.end
    ? change.start < stretch.end && change.end > stretch.start
    : change.start >= stretch.start && change.start <= stretch.end;

/** Insertions right before an interpolation that no text stands before. */
const before = (hits: readonly Change[], stretch: Stretch, done: Set<Change>): string =>
  hits
    .filter((change) => {
      if (change.start === stretch.end && change.end === change.start && stretch.end > stretch.start)
        return false;
      if (change.start !== stretch.start || change.end !== change.start)
        return refuse("the live text no longer fits this template");
      done.add(change);
      return true;
    })
    .map(({ text }) => text)
    .join("");

const atEnd = (change: Change, stretches: readonly Stretch[]): string => {
  const end = stretches.at(-1)?.end ?? 0;
  return change.start === end && change.end === end
    ? change.text
    : refuse("the live text no longer fits this template");
};
