/** A piece of a comment. Its lines may be spread over several parts; then head and tail are repeated in each. */
export interface Block {
  readonly head: string;
  readonly lines: readonly string[];
  readonly tail: string;
}

export const text = (...lines: readonly string[]): Block => ({ head: "", lines, tail: "" });

/**
 * Blocks in their order as the fewest parts that fill up to `limit` characters each, an empty line between blocks.
 * No line is left out; only a single line that is longer than a whole part is cut, with an ellipsis.
 */
export const pack = (blocks: readonly Block[], limit: number): readonly string[] => {
  const parts: string[] = [];
  let open = "";
  for (const block of blocks) {
    let rest = block.lines;
    while (rest.length > 0) {
      const gap = open === "" ? 0 : 2;
      const taken = fitting(block, rest, limit - open.length - gap, { whole: open !== "" });
      if (taken === 0) {
        parts.push(open);
        open = "";
        continue;
      }
      open = [open, render(block, rest.slice(0, taken), limit)].filter((piece) => piece !== "").join("\n\n");
      rest = rest.slice(taken);
    }
  }
  return open === "" ? parts : [...parts, open];
};

/** How many of the lines fit into the room; an empty part takes at least one, a begun part prefers whole blocks. */
const fitting = (
  { head, tail }: Block,
  lines: readonly string[],
  room: number,
  begun: { readonly whole: boolean },
): number => {
  let length = around(head) + around(tail) - 1;
  let count = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > room) break;
    count += 1;
  }
  if (begun.whole) return count === lines.length || isWorthSplitting(count, lines.length) ? count : 0;
  return Math.max(1, count);
};

// A short block moves to the next part as a whole; a long one starts here and goes on there.
const isWorthSplitting = (count: number, all: number): boolean => count >= 10 && all > 20;

const around = (edge: string): number => (edge === "" ? 0 : edge.length + 1);

const render = ({ head, tail }: Block, lines: readonly string[], limit: number): string => {
  const room = limit - around(head) - around(tail);
  const body = lines.map((line) => (line.length > room ? cut(line, room) : line)).join("\n");
  return [head, body, tail].filter((piece) => piece !== "").join("\n");
};

const cut = (line: string, room: number): string => `${line.slice(0, Math.max(0, room - 1))}…`;
