import { unquoted } from "../hcl/expression.ts";
import type { Expression, ExpressionOf, SourceFile } from "../hcl/syntax.ts";
import { exactNumber, type Json } from "../model/json.ts";

/** The expression as written. */
export const textOf = (
  file: SourceFile,
  { start, end }: { readonly start: number; readonly end: number },
): string => file.text.slice(start, end);

/** The expression on one line and not too long, for people. */
export const shortText = (file: SourceFile, expression: Expression): string =>
  textOf(file, expression).replaceAll(/\s+/g, " ").slice(0, 60);

/** A literal's value with every digit kept: the tree holds doubles. */
export const literalValue = (
  file: SourceFile,
  literal: ExpressionOf<"literal">,
): Exclude<Json, object> | Json => {
  const { value } = literal;
  // The index of `list.0` comes with its dot.
  if (typeof value === "number") return numberOf(textOf(file, literal).replace(/^\./, ""));
  return typeof value === "string" ? unquoted(textOf(file, literal)) : value;
};

/** A number as HCL writes it; one that a double cannot hold stays exact. */
export const numberOf = (text: string): Json => {
  const double = Number(text);
  return isHeldExactly(text, double) ? double : exactNumber(text);
};

const isHeldExactly = (text: string, double: number): boolean =>
  Number.isFinite(double) &&
  (Number.isSafeInteger(double) || significant(text) === significant(String(double)));

/** Digits and power of ten, without zeros at either end. */
const significant = (text: string): string => {
  const [, whole = "", fraction = "", power = "0"] =
    /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const kept = digits.replace(/0+$/, "");
  return `${kept}e${Number(power) - fraction.length + digits.length - kept.length}`;
};

/** A stretch of a template: text as written between interpolations, or one interpolation. */
export type Piece =
  | { readonly kind: "text"; readonly start: number; readonly end: number; readonly text: string }
  | {
      readonly kind: "interpolation";
      readonly start: number;
      readonly end: number;
      readonly expression: Expression;
    };

/**
 * A template as pieces that cover it wholly, texts unescaped (the common indentation of a `<<-` heredoc still there).
 * The tree leaves white space beside an interpolation out, so texts are taken from between the interpolations.
 */
export const piecesOf = (file: SourceFile, template: ExpressionOf<"template">): readonly Piece[] => {
  const { heredoc } = template;
  const [start, end] = heredoc
    ? [heredoc.bodyStart, heredoc.bodyEnd]
    : [template.start + 1, template.end - 1];
  const pieces: Piece[] = [];
  let at = start;
  const upTo = (place: number): void => {
    if (place > at)
      pieces.push({
        kind: "text",
        start: at,
        end: place,
        text: unescaped(file.text.slice(at, place), !!heredoc),
      });
  };
  for (const part of template.parts) {
    if (!("expression" in part)) continue;
    const open = file.text.lastIndexOf("${", part.expression.start);
    const close = file.text.indexOf("}", part.expression.end) + 1;
    upTo(open);
    pieces.push({ kind: "interpolation", start: open, end: close, expression: part.expression });
    at = close;
  }
  upTo(end);
  return pieces;
};

const unescaped = (raw: string, heredoc: boolean): string =>
  heredoc ? raw.replaceAll(/(\$\$|%%)\{/g, (mark) => mark.slice(1)) : unquoted(`"${raw}"`);

/** The indentation that `<<-` takes away: the smallest of all lines that hold anything. */
export const commonIndent = (file: SourceFile, template: ExpressionOf<"template">): string => {
  const { heredoc } = template;
  if (!heredoc?.flush) return "";
  const lines = file.text.slice(heredoc.bodyStart, heredoc.bodyEnd).split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => /^[ \t]*/.exec(line)?.[0] ?? "");
  return indents.reduce((least, one) => (one.length < least.length ? one : least), indents[0] ?? "");
};

/** Pieces of a flush heredoc without the common indentation, as the engine reads them. */
export const dedentedPieces = (file: SourceFile, template: ExpressionOf<"template">): readonly Piece[] => {
  const indent = commonIndent(file, template);
  const pieces = piecesOf(file, template);
  if (indent === "") return pieces;
  return pieces.map((piece) =>
    piece.kind === "text" ? { ...piece, text: dedented(file, piece, indent) } : piece,
  );
};

const dedented = (file: SourceFile, piece: Piece & { kind: "text" }, indent: string): string => {
  const atLineStart = piece.start === 0 || file.text[piece.start - 1] === "\n";
  return piece.text
    .split("\n")
    .map((line, index) => (index > 0 || atLineStart ? cut(line, indent) : line))
    .join("\n");
};

const cut = (line: string, indent: string): string => {
  const own = /^[ \t]*/.exec(line)?.[0].length ?? 0;
  return line.slice(Math.min(own, indent.length));
};
