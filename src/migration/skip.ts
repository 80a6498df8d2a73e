/*
 * How far a token reaches that may hold a semicolon: strings, quoted names, dollar quotes, comments. Each gives the
 * offset behind it, or the text's end where nothing closes it: the server's parser then says so in its own words.
 */

/** From the opening quote on, `'` or `"`. A doubled quote ends one string and opens the next, which reads the same. */
export const skipQuoted = (text: string, start: number): number => {
  const close = text.indexOf(text.charAt(start), start + 1);
  return close === -1 ? text.length : close + 1;
};

/** From the opening quote of an `E'...'` on. */
export const skipEscaped = (text: string, start: number): number => {
  let at = start + 1;
  while (at < text.length) {
    const character = text[at];
    const doubled = character === "'" && text[at + 1] === "'";
    if (character === "'" && !doubled) return at + 1;
    at += doubled || character === "\\" ? 2 : 1;
  }
  return text.length;
};

/** From the tag on, `$$` or `$body$`. */
export const skipDollarQuoted = (text: string, start: number, tag: string): number => {
  const close = text.indexOf(tag, start + tag.length);
  return close === -1 ? text.length : close + tag.length;
};

/** From the opening slash on; block comments nest in PostgreSQL. */
export const skipBlockComment = (text: string, start: number): number => {
  const bracket = /\/\*|\*\//g;
  bracket.lastIndex = start;
  let depth = 0;
  for (let found = bracket.exec(text); found !== null; found = bracket.exec(text)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return bracket.lastIndex;
  }
  return text.length;
};

/** The offset of the line's end, before its line break. */
export const endOfLine = (text: string, start: number): number => {
  const found = text.slice(start, start + 400).search(/[\r\n]/);
  if (found !== -1) return start + found;
  const lineFeed = text.indexOf("\n", start);
  const carriageReturn = text.indexOf("\r", start);
  const ends = [lineFeed, carriageReturn].filter((end) => end !== -1);
  return ends.length === 0 ? text.length : Math.min(...ends);
};

/** The offset behind the line break that ends this line. */
export const nextLine = (text: string, start: number): number => {
  const end = endOfLine(text, start);
  return text.startsWith("\r\n", end) ? end + 2 : Math.min(end + 1, text.length);
};
