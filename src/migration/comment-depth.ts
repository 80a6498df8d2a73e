import type { Comment, ParsedSql } from "./script.ts";
import { splitScript } from "./split.ts";

/** So deep nobody nests comments; PostgreSQL's scanner takes time by the square of it. */
const DEEPEST = 100;

/** Whether comments may nest so deep that the scanner should not see them. Quotes are not looked at: it may say yes too often. */
export const nestsDeeply = (sql: string): boolean => {
  let depth = 0;
  for (const [bracket] of sql.matchAll(/\/\*|\*\//g)) {
    depth = bracket === "/*" ? depth + 1 : Math.max(0, depth - 1);
    if (depth > DEEPEST) return true;
  }
  return false;
};

/** The text with blanks in the place of its comments, so that places stay right; or that one of them is not closed. */
export const withoutComments = (
  sql: string,
): { readonly ok: true; readonly sql: string } | Extract<ParsedSql, { ok: false }> => {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end } of commentsIn(closing(sql))) {
    if (start >= sql.length) break;
    if (end > sql.length)
      return { ok: false, message: "unterminated /* comment", position: [...sql.slice(0, start)].length };
    pieces.push(sql.slice(at, start), sql.slice(start, end).replaceAll(/[^\r\n]/gu, " "));
    at = end;
  }
  return { ok: true, sql: pieces.join("") + sql.slice(at) };
};

// What is still open ends behind the text, where it can be told from the others.
const closing = (sql: string): string => `${sql}\n${"*/".repeat(sql.match(/\/\*/g)?.length ?? 0)}`;

const commentsIn = (sql: string): readonly Comment[] => {
  const { parts, loose } = splitScript(sql);
  const inside = parts.flatMap((part) => (part.kind === "statement" ? part.comments : []));
  return [...inside, ...loose].toSorted((a, b) => a.start - b.start);
};
