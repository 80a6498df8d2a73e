/**
 * The `stateful_change:` blocks of a pull request's description as YAML texts: inside a fence of any language, or bare
 * as far as it is indented. Comments of the template (`<!-- -->`) do not count. Each text keeps its line numbers.
 */
export const claimBlocks = (body: string): readonly string[] => {
  const lines = withoutComments(body.replaceAll(/\r\n?/g, "\n")).split("\n");
  const blocks: string[] = [];
  let fence: { readonly mark: string; readonly start: number } | null = null;
  for (let index = 0; index < lines.length; index += 1) {
    const mark = FENCE.exec(lines[index] ?? "")?.[1];
    if (fence && mark?.startsWith(fence.mark) && (lines[index] ?? "").trim() === mark) {
      blocks.push(...claimIn(lines, fence.start, index));
      fence = null;
    } else if (!fence && mark) fence = { mark, start: index + 1 };
    else if (!fence && BARE.test(lines[index] ?? "")) {
      const end = endOfBare(lines, index);
      blocks.push(atItsLine(lines.slice(index, end), index));
      index = end - 1;
    }
  }
  // A fence that is never closed reaches to the end, as it is shown.
  return fence ? [...blocks, ...claimIn(lines, fence.start, lines.length)] : blocks;
};

const FENCE = /^\s{0,12}(`{3,}|~{3,})/;
const BARE = /^stateful_change\s*:/;

const withoutComments = (text: string): string =>
  text.replaceAll(/<!--[\s\S]*?(-->|$)/g, (comment) => comment.replaceAll(/[^\n]/g, ""));

const claimIn = (lines: readonly string[], start: number, end: number): readonly string[] => {
  const inside = lines.slice(start, end);
  return inside.some((line) => BARE.test(line.trimStart())) ? [atItsLine(dedented(inside), start)] : [];
};

/** A fence in a list is indented with it. */
const dedented = (lines: readonly string[]): readonly string[] => {
  const filled = lines.filter((line) => line.trim() !== "");
  const indent = Math.min(...filled.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(indent));
};

const endOfBare = (lines: readonly string[], start: number): number => {
  const after = lines.findIndex((line, index) => index > start && line.trim() !== "" && !/^\s/.test(line));
  return after === -1 ? lines.length : after;
};

const atItsLine = (lines: readonly string[], start: number): string =>
  `${"\n".repeat(start)}${lines.join("\n")}`;
