import type { ParseHcl, SourceFile } from "../hcl/syntax.ts";

/**
 * Parses a file; numbers such as `1e10`, which the grammar does not know, are read as digits of the same length.
 * Positions stay true, and values are taken from the text itself, never from the tree.
 */
export const parseLeniently = (parse: ParseHcl, path: string, text: string): SourceFile => {
  const file = parse(path, text);
  if (file.problems.length === 0) return file;
  const digits = text.replaceAll(/(?<![\w.])\d+[eE][+-]?\d+(?![\w.])/g, (number) =>
    "1".repeat(number.length),
  );
  const again = digits === text ? file : parse(path, digits);
  return again.problems.length === 0 ? { ...again, text } : file;
};
