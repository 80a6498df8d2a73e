import { createColors } from "picocolors";
import { type Call, printable } from "./command.ts";

export type Paint = "red" | "yellow" | "green" | "dim" | "plain";

export interface Cell {
  readonly text: string;
  readonly paint?: Paint;
}

const GAP = "  ";
const LEAST = 8;

/**
 * Rows under their headings, each column as wide as its longest cell; where the terminal is narrower, the widest columns
 * give way, and what is cut ends in an ellipsis. Without a terminal nothing is cut.
 */
export const columns = (
  { colours, width }: Pick<Call, "colours" | "width">,
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
): string => {
  const paint = createColors(colours);
  const painted = (text: string, how: Paint = "plain"): string => (how === "plain" ? text : paint[how](text));
  const cells = rows.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })));
  const widest = headings.map((heading, index) =>
    Math.max(heading.length, ...cells.map((row) => row[index]?.text.length ?? 0)),
  );
  const widths = width === undefined ? widest : fitted(widest, width - GAP.length * (headings.length - 1));
  const line = (row: readonly Cell[]): string =>
    row
      .map(({ text, paint: how }, index) => {
        const room = widths[index] ?? text.length;
        const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text;
        return `${painted(shown, how)}${index === row.length - 1 ? "" : " ".repeat(room - shown.length)}`;
      })
      .join(GAP)
      .trimEnd();
  return [headings.map((text) => ({ text, paint: "dim" as const })), ...cells]
    .map((row) => `${line(row)}\n`)
    .join("");
};

const fitted = (widest: readonly number[], room: number): readonly number[] => {
  const widths = [...widest];
  for (;;) {
    const over = widths.reduce((sum, one) => sum + one, 0) - room;
    const most = Math.max(...widths);
    if (over <= 0 || most <= LEAST) return widths;
    const at = widths.indexOf(most);
    const next = Math.max(LEAST, ...widths.filter((_, index) => index !== at));
    widths[at] = Math.max(LEAST, most - Math.max(1, Math.min(over, most - next)));
  }
};

/** How long ago, in one unit: `3d`. */
export const ago = (time: string | null, now: Date): string => {
  if (time === null) return "-";
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(time)) / 1000));
  for (const [size, unit] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)}${unit}`;
  return `${seconds}s`;
};
const UNITS = [
  [86_400, "d"],
  [3600, "h"],
  [60, "m"],
] as const;
