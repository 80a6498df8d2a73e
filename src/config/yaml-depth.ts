import { Lexer, Parser } from "yaml";

/**
 * Whether a text opens more blocks and brackets within one another than `most`. Asked before it is parsed: time grows
 * with the square of the depth, and the parser's own recursion ends the stack.
 */
export const isNestedDeeper = (text: string, most: number): boolean => {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // What it yields are whole documents; only how far down it stands is of interest.
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > most) return true;
  }
  return false;
};
