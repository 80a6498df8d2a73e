import type { Edit } from "../hcl/edit.ts";
import type { ExpressionOf } from "../hcl/syntax.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { shortText, textOf } from "./raw-text.ts";
import { refuse } from "./refusal.ts";
import { escaped, escapedTemplate } from "./render.ts";

const WIDEST = 60;

/**
 * A text with directives, which are not worked out here: the stretch that changed is looked for in the text as it is
 * written, with as much around it as makes it unique. Whether that was it, the proof tells.
 */
export const putQuoted = (
  text: ExpressionOf<"other">,
  want: Want,
  { scope, before }: PutContext,
): readonly Edit[] => {
  const { file } = scope;
  const unclear = `the expression ${shortText(file, text)} cannot be turned round`;
  if (want === DELETE || typeof want !== "string" || typeof before !== "string") return refuse(unclear);
  const written = textOf(file, text);
  const inFile = written.startsWith("<<") ? escapedTemplate : escaped;
  const [head, tail] = commonEnds(before, want);
  for (let around = before.length === head + tail ? 1 : 0; around <= WIDEST; around += 1) {
    const [from, to] = [Math.max(0, head - around), Math.min(before.length, before.length - tail + around)];
    const old = inFile(before.slice(from, to));
    const first = written.indexOf(old);
    if (first < 0) break;
    if (written.indexOf(old, first + 1) >= 0) continue;
    const fresh = inFile(want.slice(from, want.length - (before.length - to)));
    const start = text.start + first;
    return [{ file, start, end: start + old.length, text: fresh }];
  }
  return refuse(unclear);
};

/** How many characters two texts share at their beginning and at their end. */
const commonEnds = (one: string, other: string): readonly [number, number] => {
  const least = Math.min(one.length, other.length);
  let head = 0;
  while (head < least && one[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < least - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  return [head, tail];
};
