/**
 * Text from outside (resource names, values, titles, engine messages) made harmless in Markdown: no mention, link,
 * image, HTML, table cell, heading or hidden marker comes out of it. One line; use `fenced` for several.
 */
export const plain = (text: string): string =>
  visible(text)
    .replaceAll(/\s+/g, " ")
    .trim()
    .replaceAll(/[<>&]/g, (sign) => ENTITIES[sign] ?? "")
    // Underscores within a word mean nothing in Markdown, and addresses are full of them.
    .replaceAll(/[\\`*[\]|~$]|(?<!\w)_|_(?!\w)/g, "\\$&")
    // A zero-width space keeps names and addresses readable without calling or linking anybody.
    .replaceAll(/@(?=\w)/g, `@${NOTHING}`)
    .replaceAll(/#(?=\d)/g, `#${NOTHING}`)
    .replaceAll(/\b(https?|ftp)(?=:\/\/)/gi, `$1${NOTHING}`)
    .replaceAll(/\bwww(?=\.)/gi, `www${NOTHING}`)
    .replaceAll(/^([-=+#]|\d+[.)])/g, `${NOTHING}$1`);

/** A sentence of our own: its commands in backticks stay as they are, everything else is made harmless. */
export const sentence = (text: string): string =>
  text
    .split(/(`[^`\n]+`)/)
    .map((piece) => (/^`[^`]+`$/.test(piece) ? code(piece.slice(1, -1)) : keepEdges(piece)))
    .join("");

const keepEdges = (piece: string): string => {
  const [, before = "", middle = "", after = ""] = /^(\s*)(.*?)(\s*)$/s.exec(piece) ?? [];
  return `${before === "" ? "" : " "}${plain(middle)}${after === "" ? "" : " "}`;
};

/** Inline code: the text as it is on one line, within as many backticks as it needs. */
export const code = (text: string): string => {
  const line = visible(text).replaceAll(/\s+/g, " ").trim();
  if (line === "") return "` `";
  const ticks = "`".repeat(longestRun(line, /`+/g) + 1);
  const padded = line.startsWith("`") || line.endsWith("`") ? ` ${line} ` : line;
  return `${ticks}${padded}${ticks}`;
};

/** One line of at most so many characters, as it is; for a code block or within `code`. */
export const oneLine = (text: string, most: number): string => {
  const line = visible(text).replaceAll(/\s+/g, " ").trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
};

/** The same for a table cell, where a bar would end the cell even within code. */
export const codeCell = (text: string): string =>
  code(text)
    .replaceAll(/\\(?=\|)/g, `\\${NOTHING}`)
    .replaceAll("|", "\\|");

/** A code block that its content cannot close. */
export const fenced = (text: string, language = ""): string => {
  const fence = "`".repeat(Math.max(3, longestRun(text, /`+/g) + 1));
  return `${fence}${language}\n${visible(text).replace(/\n+$/, "")}\n${fence}`;
};

const NOTHING = "\u200B";
const ENTITIES: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;" };

const longestRun = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((longest, [run]) => Math.max(longest, run.length), 0);

/** Without control signs and those that turn the direction of text: they would let a value pose as something else. */
export const visible = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, "\n")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
    .replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, "");
