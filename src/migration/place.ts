import type { Place } from "./script.ts";

/** Finds places in one text. Cheap where it is asked in ascending order; `bom` counts the mark's three bytes. */
export const placesIn = (text: string, bom: boolean): ((offset: number) => Place) => {
  const lines = lineStarts(text);
  let [from, bytes] = [0, bom ? 3 : 0];
  let [lineFrom, column, columnLine] = [0, 1, -1];
  return (offset) => {
    if (offset < from) [from, bytes] = [0, bom ? 3 : 0];
    bytes += Buffer.byteLength(text.slice(from, offset));
    from = offset;
    const line = lineOf(lines, offset);
    if (line !== columnLine || offset < lineFrom)
      [lineFrom, column, columnLine] = [lines[line] ?? 0, 1, line];
    column += charactersIn(text.slice(lineFrom, offset));
    lineFrom = offset;
    return { line: line + 1, column, byte: bytes };
  };
};

const lineStarts = (text: string): readonly number[] => {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return starts;
};

/** Index of the line that holds the offset. */
const lineOf = (starts: readonly number[], offset: number): number => {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
};

const charactersIn = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

/** The UTF-16 offset of the nth character (code point) of a text. */
export const offsetOfCharacter = (text: string, position: number): number => {
  let offset = 0;
  let left = position;
  for (const character of text) {
    if (left === 0) break;
    left -= 1;
    offset += character.length;
  }
  return offset;
};
