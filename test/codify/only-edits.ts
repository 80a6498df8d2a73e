import { commonSubsequence } from "../../src/codify/subsequence.ts";
import type { ParseHcl } from "../../src/hcl/syntax.ts";

export interface EditedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** Whether the engine's formatter would leave each of the two alone. */
  readonly wasFormatted: boolean;
  readonly isFormatted: boolean;
}

/**
 * What an edit did to a file besides what it was for, in sentences; none is what we want. Only lines that say something
 * else may change, comments stay unless what they stand at goes, and endings, encoding and format are as they were.
 */
export const besidesTheEdit = (parse: ParseHcl, edited: EditedFile): readonly string[] => {
  const { path, before, after } = edited;
  const said = (problem: string): string => `${path}: ${problem}`;
  const problems = [
    ...(before === after ? ["written without any change"] : []),
    ...(before.startsWith(BOM) === after.startsWith(BOM) ? [] : ["the byte order mark came or went"]),
    ...endings(before, after),
    ...(edited.wasFormatted && !edited.isFormatted ? ["is not formatted any more"] : []),
    ...reformatted(edited),
    ...(/\.(tf|tofu|tfvars)$/.test(path) ? lostComments(parse, edited) : []),
  ];
  return problems.map(said);
};

const BOM = "\uFEFF";

const endings = (before: string, after: string): readonly string[] => {
  const [had, has] = [before, after].map((text) => ({
    crlf: text.includes("\r\n"),
    lf: /(^|[^\r])\n/.test(text),
    last: text.endsWith("\n"),
  }));
  if (before === "" || after === "" || !had || !has) return [];
  return [
    ...(has.crlf && !had.crlf ? ["CRLF endings came"] : []),
    ...(has.lf && !had.lf && had.crlf ? ["LF endings came"] : []),
    ...(had.last && !has.last ? ["the newline at the end went"] : []),
  ];
};

/** Lines that only their white space tells from those before; beside a true change the formatter aligns them. */
const reformatted = ({ path, before, after, wasFormatted }: EditedFile): readonly string[] => {
  const { removed, added, lines } = lineDiff(before.split("\n"), after.split("\n"));
  const [gone, come] = [
    removed.map(({ line }) => squeezed(line)),
    added.map((at) => squeezed(lines[at] ?? "")),
  ];
  const isSpace = (line: string): boolean => line !== "" && gone.includes(line) && come.includes(line);
  const changed = new Set([
    ...added.filter((at) => !isSpace(squeezed(lines[at] ?? ""))),
    ...removed.filter(({ line }) => !isSpace(squeezed(line))).flatMap(({ at }) => [at - 1, at]),
  ]);
  // What comes to stand inside a new dynamic block moves inwards, and in JSON what becomes part of a list.
  const wraps = path.endsWith(".json") || added.some((at) => /\bdynamic\b/.test(lines[at] ?? ""));
  return added
    .filter((at) => isSpace(squeezed(lines[at] ?? "")) && !removed.some(({ line }) => line === lines[at]))
    .filter((at) => !(wasFormatted && isNear(lines, at, changed)))
    .filter((at) => !(wraps && removed.some(({ line }) => line.trim() === (lines[at] ?? "").trim())))
    .map((at) => `only white space changed: ${JSON.stringify(lines[at])}`);
};

const squeezed = (line: string): string => line.replaceAll(/\s+/g, "");

/** In the same run of lines without a blank one. */
const isNear = (lines: readonly string[], at: number, changed: ReadonlySet<number>): boolean => {
  for (const step of [-1, 1])
    for (let here = at; (lines[here] ?? "").trim() !== ""; here += step) if (changed.has(here)) return true;
  return false;
};

const lostComments = (parse: ParseHcl, { path, before, after }: EditedFile): readonly string[] => {
  const commentsOf = (text: string): string[] =>
    parse(path, text).comments.map(({ start, end }) => text.slice(start, end).trim());
  const left = commentsOf(after);
  return commentsOf(before).flatMap((comment) => {
    const at = left.indexOf(comment);
    if (at >= 0) left.splice(at, 1);
    return at >= 0 ? [] : [`lost the comment ${JSON.stringify(comment)}`];
  });
};

interface LineDiff {
  /** `at`: the line of the later text before which it stood. */
  readonly removed: readonly { readonly line: string; readonly at: number }[];
  /** Indexes into `lines`, those of the later text. */
  readonly added: readonly number[];
  readonly lines: readonly string[];
}

/** By the longest common subsequence; the ends that are alike are taken off first. */
const lineDiff = (before: readonly string[], after: readonly string[]): LineDiff => {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  const most = Math.min(before.length, after.length) - head;
  let tail = 0;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const [old, fresh] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const pairs = commonSubsequence(old, fresh);
  const next = (index: number): number => pairs.find(([from]) => from > index)?.[1] ?? fresh.length;
  return {
    removed: old.flatMap((line, index) =>
      pairs.some(([from]) => from === index) ? [] : [{ line, at: head + next(index) }],
    ),
    added: fresh.flatMap((_, index) => (pairs.some(([, to]) => to === index) ? [] : [head + index])),
    lines: after,
  };
};
