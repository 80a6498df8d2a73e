import type { Comment, Part } from "./script.ts";
import { endOfLine, nextLine, skipBlockComment, skipDollarQuoted, skipEscaped, skipQuoted } from "./skip.ts";

/**
 * A script's parts in order, cut where PostgreSQL's own shell would cut: quotes of every kind, nested comments, bodies
 * in `BEGIN ATOMIC`, rules of several actions and the rows of a COPY keep their semicolons. `text` has no byte order
 * mark. Never fails: what makes no sense is left to the parser, whose words are better.
 */
export const splitScript = (
  text: string,
): { readonly parts: readonly Part[]; readonly loose: readonly Comment[] } => {
  const cut: Cut = { text, at: 0, parts: [], comments: [], open: null };
  while (cut.at < text.length) step(cut);
  closeStatement(cut);
  return { parts: cut.parts, loose: cut.comments };
};

interface Cut {
  readonly text: string;
  at: number;
  readonly parts: Part[];
  /** Those that belong to the statement being read, or to the next one. */
  comments: Comment[];
  open: Open | null;
}

/** The statement being read. */
interface Open {
  readonly start: number;
  end: number;
  /** Its first words, lower case, outside quotes; enough to tell what it is. */
  readonly words: string[];
  /** `BEGIN ATOMIC` and the CASEs inside. */
  blocks: number;
  parentheses: number;
}

const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /\d\w*/y;
const TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const SPACE = /\s+/y;

const step = (cut: Cut): void => {
  const { text, at } = cut;
  const space = match(SPACE, text, at);
  if (space !== null) cut.at += space.length;
  else if (text.startsWith("--", at)) takeComment(cut, endOfLine(text, at), 2, 0);
  else if (text.startsWith("/*", at)) takeComment(cut, skipBlockComment(text, at), 2, 2);
  else if (text[at] === ";") takeSemicolon(cut);
  else if (text[at] === "\\") takePsql(cut);
  else takeToken(cut);
};

const match = (pattern: RegExp, text: string, at: number): string | null => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
};

const takeComment = (cut: Cut, end: number, before: number, after: number): void => {
  const closed = after === 0 || cut.text.endsWith("*/", end);
  const comment = {
    start: cut.at,
    end,
    text: cut.text.slice(cut.at + before, closed ? end - after : end).trim(),
  };
  cut.at = end;
  // The server's parser is asked about a comment that nothing closes.
  if (!closed) {
    openAt(cut, comment.start).end = end;
    return;
  }
  const last = cut.parts.at(-1);
  const behind =
    cut.open === null && last?.kind === "statement" && endOfLine(cut.text, last.end) >= comment.start;
  if (behind) cut.parts.splice(-1, 1, { ...last, comments: [...last.comments, comment] });
  else cut.comments.push(comment);
};

const takeToken = (cut: Cut): void => {
  const { text, at } = cut;
  const open = openAt(cut, at);
  const word = match(WORD, text, at);
  const tag = match(TAG, text, at);
  if (word !== null) takeWord(cut, open, word);
  else if (tag !== null) cut.at = skipDollarQuoted(text, at, tag);
  else if (text[at] === "'" || text[at] === '"') cut.at = skipQuoted(text, at);
  else cut.at += match(NUMBER, text, at)?.length ?? 1;
  if (text[at] === "(") open.parentheses += 1;
  if (text[at] === ")") open.parentheses -= 1;
  open.end = cut.at;
};

const openAt = (cut: Cut, start: number): Open => {
  cut.open ??= { start, end: start, words: [], blocks: 0, parentheses: 0 };
  return cut.open;
};

const takeWord = (cut: Cut, open: Open, word: string): void => {
  const behind = cut.at + word.length;
  const escaped = word.length === 1 && "eE".includes(word) && cut.text[behind] === "'";
  cut.at = escaped ? skipEscaped(cut.text, behind) : behind;
  const lower = word.toLowerCase();
  if (isRoutine(open)) countBlocks(open, lower);
  open.words.push(lower);
};

const isRoutine = ({ words }: Open): boolean =>
  words[0] === "create" && words.slice(1, 5).some((word) => word === "function" || word === "procedure");

// `end` closes the innermost of the atomic body and the CASE expressions in it.
const countBlocks = (open: Open, word: string): void => {
  const opens = word === "atomic" && open.words.at(-1) === "begin";
  if (opens || (open.blocks > 0 && word === "case")) open.blocks += 1;
  else if (open.blocks > 0 && word === "end") open.blocks -= 1;
};

const takeSemicolon = (cut: Cut): void => {
  const { open } = cut;
  cut.at += 1;
  if (open === null) return;
  const inRule =
    open.parentheses > 0 && open.words[0] === "create" && open.words.slice(1, 4).includes("rule");
  if (open.blocks > 0 || inRule) return;
  closeStatement(cut);
  if (readsRows(open.words)) takeRows(cut);
};

const closeStatement = (cut: Cut): void => {
  if (cut.open === null) return;
  const { start, end } = cut.open;
  cut.parts.push({ kind: "statement", start, end, comments: cut.comments });
  cut.comments = [];
  cut.open = null;
};

const readsRows = (words: readonly string[]): boolean =>
  words[0] === "copy" && words.some((word, index) => word === "from" && words[index + 1] === "stdin");

const takeRows = (cut: Cut): void => {
  const start = nextLine(cut.text, cut.at);
  let line = start;
  while (line < cut.text.length && cut.text.slice(line, endOfLine(cut.text, line)) !== "\\.")
    line = nextLine(cut.text, line);
  const terminated = line < cut.text.length;
  cut.parts.push({ kind: "copy-data", start, end: line, terminated });
  cut.at = terminated ? nextLine(cut.text, line) : line;
};

const takePsql = (cut: Cut): void => {
  closeStatement(cut);
  const end = endOfLine(cut.text, cut.at);
  cut.parts.push({ kind: "psql", start: cut.at, end });
  cut.at = end;
};
