import type { Edit } from "../hcl/edit.ts";
import type { ExpressionOf, SourceFile } from "../hcl/syntax.ts";
import type { Path } from "../model/path.ts";
import { evaluate } from "./evaluate.ts";
import { jsonTarget } from "./json-target.ts";
import { newlineOf } from "./lines.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { commonIndent, dedentedPieces, type Piece } from "./raw-text.ts";
import { refuse } from "./refusal.ts";
import { escaped, escapedTemplate, quoted } from "./render.ts";
import { hole, textTarget, withoutHoles } from "./text-target.ts";
import { scalarText } from "./value.ts";

type Template = ExpressionOf<"template">;

/**
 * A text with interpolations. These stay where the wanted text still holds their values; a change that lies wholly
 * in one of them is put into it. JSON is compared by meaning and changed member by member.
 */
export const putTemplate = (
  template: Template,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const { scope } = context;
  const pieces = dedentedPieces(scope.file, template);
  const [only] = pieces;
  if (pieces.length === 1 && only?.kind === "interpolation" && !template.heredoc) {
    return context.put(only.expression, path, want, context);
  }
  if (path.length > 0) return refuse("only a part of a text changed");
  const text = want === DELETE ? undefined : scalarText(want);
  if (text === undefined) return refuse("a text became something else");
  const interpolations = pieces.filter((piece) => piece.kind === "interpolation");
  const values = interpolations.map(({ expression }) => scalarText(evaluate(expression, scope)));
  const known = values.filter((value) => value !== undefined);
  if (known.length < values.length) return refuse("an interpolation is not known before a plan");
  const source = sourceText(pieces);
  // Providers mostly compare documents by meaning; the nearer reach is for those that compare texts.
  const json = context.reach === "source" ? jsonTarget(source, known, text) : undefined;
  if (json !== undefined) return written(template, scope.file, interpolations, json);
  const target = textTarget(source, known, text);
  if ("inside" in target) {
    const inside = interpolations[target.inside];
    return inside
      ? context.put(inside.expression, [], target.want, context)
      : refuse("the text no longer fits its template");
  }
  if (template.heredoc && !target.text.endsWith("\n"))
    return withoutNewline(template, scope.file, interpolations, target.text);
  return written(template, scope.file, interpolations, target.text);
};

/** Interpolations as holes. */
const sourceText = (pieces: readonly Piece[]): string => {
  let holes = 0;
  return pieces.map((piece) => (piece.kind === "text" ? piece.text : hole(holes++))).join("");
};

/** A heredoc always ends in a newline: one without can only be a quoted text. */
const withoutNewline = (
  template: Template,
  file: SourceFile,
  interpolations: readonly Piece[],
  text: string,
): readonly Edit[] =>
  interpolations.length > 0
    ? refuse("a heredoc ends in a newline, the live text does not")
    : [{ file, start: template.start, end: template.end, text: quoted(text) }];

const written = (
  template: Template,
  file: SourceFile,
  interpolations: readonly Piece[],
  target: string,
): readonly Edit[] => {
  const { heredoc } = template;
  const original = (index: number): string => {
    const piece = interpolations[index];
    return piece ? file.text.slice(piece.start, piece.end) : "";
  };
  if (!heredoc) {
    return [smallest(file, template.start + 1, template.end - 1, withoutHoles(escaped(target), original))];
  }
  if (/([$%])\1\{/.test(target)) return refuse("the live text holds marks that a heredoc cannot");
  // What ends a line in the file ends it in the value.
  const foreign = newlineOf(file.text) === "\n" ? /\r/ : /(?<!\r)\n/;
  if (foreign.test(target)) return refuse("the live text has other line endings than the file");
  const indent = commonIndent(file, template);
  const lines = escapedTemplate(target).replaceAll(/^(?=[^\r\n])/gm, () => indent);
  return [smallest(file, heredoc.bodyStart, heredoc.bodyEnd, withoutHoles(lines, original))];
};

/** The change without what both texts begin and end with. */
const smallest = (file: SourceFile, start: number, end: number, text: string): Edit => {
  const before = file.text.slice(start, end);
  let head = 0;
  while (head < Math.min(before.length, text.length) && before[head] === text[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(before.length, text.length) - head && before.at(-1 - tail) === text.at(-1 - tail))
    tail += 1;
  return { file, start: start + head, end: end - tail, text: text.slice(head, text.length - tail) };
};
