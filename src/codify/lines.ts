/** Where lines begin and end in a text, and how they are written. */
export const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;

/** Position of the newline that ends the line, or the end of the text. */
export const lineEnd = (text: string, at: number): number => {
  const newline = text.indexOf("\n", at);
  return newline === -1 ? text.length : newline;
};

export const indentAt = (text: string, at: number): string =>
  /^[ \t]*/.exec(text.slice(lineStart(text, at)))?.[0] ?? "";

export const newlineOf = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");

/** The text with the file's own line endings. */
export const inNewlines = (added: string, text: string): string =>
  newlineOf(text) === "\n" ? added : added.replaceAll(/\r?\n/g, "\r\n");

export const isAloneBefore = (text: string, at: number): boolean =>
  /^[ \t]*$/.test(text.slice(lineStart(text, at), at));

export interface RestOfLine {
  /** Position of a comma; -1 where there is none. */
  readonly comma: number;
  /** Where the line's content ends, comment included; before a carriage return. */
  readonly end: number;
}

/** What follows on the line: nothing but a comma and a comment, or undefined where more comes. */
export const restOfLine = (text: string, at: number): RestOfLine | undefined => {
  const line = text.slice(at, lineEnd(text, at)).replace(/\r$/, "");
  const found = /^[ \t]*(,)?[ \t]*(?:(?:#|\/\/).*|(?:\/\*[^\n]*?\*\/[ \t]*)+)?$/.exec(line);
  if (!found) return undefined;
  return { comma: found[1] ? at + line.indexOf(",") : -1, end: at + line.length };
};
