export interface Statement {
  /** Without comments; strings and quoted bodies emptied. */
  readonly text: string;
  /** First line of the statement in its file, from 1. */
  readonly line: number;
}

/** The statements of a SQL text, told apart by `;` outside of strings, comments and dollar quotes. */
export const statementsIn = (sql: string): readonly Statement[] => {
  const bare = emptied(sql);
  const found: Statement[] = [];
  let line = 1;
  for (const piece of bare.split(";")) {
    const text = piece.trim();
    const lead = piece.slice(0, piece.length - piece.trimStart().length);
    if (text !== "") found.push({ text, line: line + lines(lead) });
    line += lines(piece);
  }
  return found;
};

const lines = (text: string): number => text.split("\n").length - 1;

// Comments; strings with doubled quotes or E'' backslashes; dollar-quoted bodies. Names in quotes stay.
const HIDDEN =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[eE]'(?:\\[\s\S]|''|[^'\\])*(?:'|$)|'(?:''|[^'])*(?:'|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)/g;

const emptied = (sql: string): string =>
  sql.replaceAll(HIDDEN, (hidden) => {
    const kept = hidden.replaceAll(/[^\n]/g, "");
    if (hidden.startsWith("--") || hidden.startsWith("/*")) return kept === "" ? " " : kept;
    return hidden.startsWith("$") ? ` $body$${kept}` : `''${kept}`;
  });

/** `ALTER TABLE a x, y` as `ALTER TABLE a x` and `ALTER TABLE a y`: each action is judged by itself. */
export const actionsIn = ({ text, line }: Statement): readonly Statement[] => {
  const flat = text.replaceAll(/\s+/g, " ");
  const head = /^alter (foreign )?table (if exists )?(only )?[^\s(]+ ?\*? /i.exec(flat)?.[0];
  if (head === undefined) return [{ text: flat, line }];
  return apart(flat.slice(head.length)).map((action) => ({ text: `${head}${action.trim()}`, line }));
};

/** Split at commas outside of parentheses. */
const apart = (text: string): readonly string[] => {
  const pieces: string[] = [];
  let [depth, start] = [0, 0];
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (sign === "(") depth += 1;
    else if (sign === ")") depth -= 1;
    else if (sign === "," && depth === 0) {
      pieces.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...pieces, text.slice(start)];
};
