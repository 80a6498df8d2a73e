import type { Block } from "./pack.ts";

/** The first lines that together have at most so many characters. */
export const upTo = (lines: readonly string[], most: number): readonly string[] => {
  let length = 0;
  const end = lines.findIndex((line) => {
    length += line.length + 1;
    return length > most;
  });
  return end === -1 ? lines : lines.slice(0, end);
};

/** A code block that its lines cannot close. */
export const fence = (language: string, lines: readonly string[]): Block => {
  const clean = lines.map((line) => line.replaceAll("\r", ""));
  const longest = Math.max(2, ...clean.map((line) => /^\s*(`{3,})/.exec(line)?.[1]?.length ?? 0));
  const mark = "`".repeat(longest + 1);
  return { head: `${mark}${language}`, lines: clean, tail: mark };
};

/** Shut until somebody opens it. The title is our own text. */
export const folded = (title: string, inside: Block): Block => ({
  head: `<details><summary>${title}</summary>\n\n${inside.head}`,
  lines: inside.lines,
  tail: `${inside.tail}\n\n</details>`,
});

/** Where all of it is that a comment has no room for. */
export const whereTheRestIs = ({ logUrl }: { readonly logUrl: string | null }): string =>
  logUrl ? `see [the log](${logUrl})` : "set `public_url` on the server to link the log";
