/** One word of a command line: its value after quoting is undone, and the text as it was typed. */
export interface Word {
  readonly value: string;
  readonly raw: string;
}

export type Split = { readonly words: readonly Word[] } | { readonly error: string };

/**
 * Splits a command line as a POSIX shell reads its words, and as Atlantis does: single quotes keep everything,
 * double quotes keep everything but backslash escapes, a backslash keeps the next character, `#` at the start of
 * a word begins a comment. Nothing is expanded: no variables, no globs, no substitution.
 */
export const splitWords = (text: string): Split => {
  const reader: Reader = { characters: Array.from(text), at: 0 };
  const words: Word[] = [];
  for (;;) {
    skipBlank(reader);
    if (reader.at >= reader.characters.length) return { words };
    const word = readWord(reader);
    if ("error" in word) return word;
    words.push(word);
  }
};

interface Reader {
  readonly characters: readonly string[];
  at: number;
}

const BLANK = new Set([" ", "\t", "\r", "\n"]);

const skipBlank = (reader: Reader): void => {
  for (; reader.at < reader.characters.length; reader.at += 1) {
    const next = reader.characters[reader.at]!;
    if (next === "#") reader.at = endOfLine(reader);
    else if (!BLANK.has(next)) return;
  }
};

const endOfLine = ({ characters, at }: Reader): number => {
  const end = characters.indexOf("\n", at);
  return end === -1 ? characters.length : end;
};

const readWord = (reader: Reader): Word | { readonly error: string } => {
  const start = reader.at;
  let value = "";
  while (reader.at < reader.characters.length && !BLANK.has(reader.characters[reader.at]!)) {
    const piece = readPiece(reader);
    if ("error" in piece) return piece;
    value += piece.text;
  }
  return { value, raw: reader.characters.slice(start, reader.at).join("") };
};

type Piece = { readonly text: string } | { readonly error: string };

const readPiece = (reader: Reader): Piece => {
  const next = reader.characters[reader.at++]!;
  if (next === "\\") return readEscaped(reader);
  if (next === "'") return readQuoted(reader, "'", false);
  if (next === '"') return readQuoted(reader, '"', true);
  return { text: next };
};

const readEscaped = (reader: Reader): Piece => {
  const next = reader.characters[reader.at++];
  return next === undefined ? { error: "the text ends after a backslash" } : { text: next };
};

const readQuoted = (reader: Reader, quote: string, escapes: boolean): Piece => {
  let text = "";
  for (;;) {
    const next = reader.characters[reader.at++];
    if (next === undefined) return { error: `a ${quote} is never closed` };
    if (next === quote) return { text };
    const piece: Piece = escapes && next === "\\" ? readEscaped(reader) : { text: next };
    if ("error" in piece) return piece;
    text += piece.text;
  }
};
