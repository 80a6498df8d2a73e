import type { Edit } from "../hcl/edit.ts";
import type { Attribute, Block, SourceFile } from "../hcl/syntax.ts";
import { indentAt, inNewlines, isAloneBefore, lineEnd, lineStart, restOfLine } from "./lines.ts";
import { refuse } from "./refusal.ts";

/** Arguments and blocks that people write after a block's own. */
const LAST = new Set([
  "lifecycle",
  "depends_on",
  "provider",
  "providers",
  "timeouts",
  "provisioner",
  "connection",
]);

interface Placed {
  readonly file: SourceFile;
  readonly block: Block;
}

/** A new argument: after the last ordinary one, so before nested blocks. `value` is HCL text. */
export const insertAttribute = ({ file, block }: Placed, name: string, value: string): Edit => {
  const { text } = file;
  const base = indentAt(text, block.start);
  const written = `${name} = ${value}`;
  const content = text.slice(block.open, block.close);
  if (!content.includes("\n")) {
    const before = content.trim() === "" ? "" : `\n${base}  ${content.trim()}`;
    return edit(file, block.open, block.close, `${before}\n${base}  ${written}\n${base}`);
  }
  const last = lastOrdinary(block);
  if (!last) return edit(file, block.open, block.open, `\n${base}  ${written}`);
  const at = endOfAttribute(file, last);
  return edit(file, at, at, `\n${indentAt(text, last.start)}${written}`);
};

const edit = (file: SourceFile, start: number, end: number, added: string): Edit => ({
  file,
  start,
  end,
  text: inNewlines(added, file.text),
});

const lastOrdinary = ({ body }: Block): Attribute | undefined => {
  const ordinary = body.attributes.filter(({ name }) => !LAST.has(name));
  const firstBlock = body.blocks[0]?.start ?? Number.POSITIVE_INFINITY;
  return ordinary.findLast(({ start }) => start < firstBlock) ?? ordinary.at(-1);
};

const endOfAttribute = ({ text }: SourceFile, { value, end }: Attribute): number => {
  if (value.kind === "template" && value.heredoc) {
    const at = lineEnd(text, text[end - 1] === "\n" ? end - 1 : end);
    return text[at - 1] === "\r" ? at - 1 : at;
  }
  return restOfLine(text, end)?.end ?? end;
};

export const deleteAttribute = (file: SourceFile, attribute: Attribute): Edit => {
  const { text } = file;
  const end = endOfAttribute(file, attribute);
  if (!isAloneBefore(text, attribute.start)) return edit(file, attribute.start, attribute.end, "");
  return edit(file, lineStart(text, attribute.start), Math.min(text.length, lineEnd(text, end) + 1), "");
};

/** Removes a block with the comment lines directly above it and one adjoining blank line. */
export const deleteBlock = ({ file, block }: Placed): Edit => {
  const { text } = file;
  let start = withCommentsAbove(text, lineStart(text, block.start));
  let end = Math.min(text.length, lineEnd(text, block.end) + 1);
  if (!isAloneBefore(text, block.start)) return edit(file, block.start, block.end, "");
  const above = lineAbove(text, start);
  const blankBelow = /^[ \t]*\r?\n/.exec(text.slice(end))?.[0];
  const opensAbove = above === undefined || /^[ \t]*\r?\n?$/.test(above.text) || /[{[]\s*$/.test(above.text);
  if (opensAbove && blankBelow) end += blankBelow.length;
  else if (above && /^[ \t]*\r?\n$/.test(above.text) && /^[ \t]*(\}|$)/.test(text.slice(end)))
    start = above.start;
  return edit(file, start, end, "");
};

const withCommentsAbove = (text: string, from: number): number => {
  const above = lineAbove(text, from);
  return above && /^[ \t]*(#|\/\/)/.test(above.text) ? withCommentsAbove(text, above.start) : from;
};

const lineAbove = (
  text: string,
  start: number,
): { readonly start: number; readonly text: string } | undefined => {
  if (start === 0) return undefined;
  const begin = lineStart(text, start - 1);
  return { start: begin, text: text.slice(begin, start) };
};

/** The same block before another one, and before the comment above that. */
export const insertBlockBefore = (
  placed: Placed,
  next: Block,
  type: string,
  lines: readonly string[],
): Edit => {
  const { text } = placed.file;
  const [base, unit] = [indentAt(text, next.start), unitOf(placed.file, placed.block)];
  const at = withCommentsAbove(text, lineStart(text, next.start));
  const body = lines.map((line) => (line === "" ? "" : `${base}${unit}${inUnits(line, unit)}`));
  return edit(placed.file, at, at, `${[`${base}${type} {`, ...body, `${base}}`].join("\n")}\n\n`);
};

/** A new nested block, after its siblings. `lines` are its content, without indentation. */
export const insertBlock = (
  { file, block }: Placed,
  siblings: readonly Block[],
  type: string,
  lines: readonly string[],
): Edit => {
  const { text } = file;
  const outer = indentAt(text, block.start);
  const unit = unitOf(file, block);
  const base = `${outer}${unit}`;
  const body = [
    `${base}${type} {`,
    ...lines.map((line) => (line === "" ? "" : `${base}${unit}${inUnits(line, unit)}`)),
    `${base}}`,
  ].join("\n");
  const content = text.slice(block.open, block.close);
  const last = siblings.at(-1);
  if (last && content.includes("\n")) {
    const apart =
      siblings.length < 2 || /^\s*$/.test(lineAbove(text, lineStart(text, last.start))?.text ?? "x");
    const at = endOfLine(text, last.end);
    return edit(file, at, at, `\n${apart ? "\n" : ""}${body}`);
  }
  if (!content.includes("\n")) {
    const before = content.trim() === "" ? "" : `\n${base}${content.trim()}\n`;
    return edit(file, block.open, block.close, `${before}\n${body}\n${outer}`);
  }
  const tail = tailOf({ file, block });
  if (tail !== undefined) return edit(file, tail, tail, `${body}\n\n`);
  const at = lineStart(text, block.close);
  const hasMore = block.body.attributes.length + block.body.blocks.length > 0;
  return edit(file, at, at, `${hasMore ? "\n" : ""}${body}\n`);
};

/** Where those begin that people write last, with the comments above them; undefined without any. */
const tailOf = ({ file, block: { body } }: Placed): number | undefined => {
  const own = (name: string): boolean => !LAST.has(name);
  const after = Math.max(
    0,
    ...body.attributes.filter(({ name }) => own(name)).map(({ end }) => end),
    ...body.blocks.filter(({ type }) => own(type)).map(({ end }) => end),
  );
  const last = [
    ...body.attributes.filter(({ name }) => !own(name)),
    ...body.blocks.filter(({ type }) => !own(type)),
  ].filter(({ start }) => start > after);
  if (last.length === 0) return undefined;
  const first = Math.min(...last.map(({ start }) => start));
  return withCommentsAbove(file.text, lineStart(file.text, first));
};

/** One step of indentation as the block has it. */
const unitOf = ({ text }: SourceFile, { start, body }: Block): string => {
  const outer = indentAt(text, start);
  const [first] = [...body.attributes, ...body.blocks].filter((one) => isAloneBefore(text, one.start));
  const inner = first ? indentAt(text, first.start) : "";
  return inner.startsWith(outer) && inner.length > outer.length ? inner.slice(outer.length) : "  ";
};

const inUnits = (line: string, unit: string): string =>
  line.replace(/^( {2})+/, (indent) => unit.repeat(indent.length / 2));

const endOfLine = (text: string, at: number): number => {
  const end = lineEnd(text, at);
  return text[end - 1] === "\r" ? end - 1 : end;
};

/** A written block as the content of a dynamic one over `forEach`. @throws Refusal where it holds a heredoc. */
export const wrappedInDynamic = ({ file, block }: Placed, forEach: string): Edit => {
  const text = file.text.slice(block.start, block.end);
  if (/<<-?\w/.test(text)) return refuse("the block holds a heredoc, whose lines must stay where they are");
  const base = indentAt(file.text, block.start);
  const unit = base.includes("\t") ? "\t" : "  ";
  const content = `content${text.slice(block.type.length)}`.replaceAll(/\r?\n(?=[^\r\n])/g, `\n${unit}`);
  const lines = [
    `dynamic "${block.type}" {`,
    `${base}${unit}for_each = ${forEach}`,
    `${base}${unit}${content}`,
  ];
  return edit(file, block.start, block.end, `${lines.join("\n")}\n${base}}`);
};

/** A new block at the end of a file. `text` is the whole block. */
export const appendBlock = (file: SourceFile, block: string): Edit => {
  const { text } = file;
  const gap = text === "" ? "" : /\n\s*\n$/.test(text) ? "" : text.endsWith("\n") ? "\n" : "\n\n";
  return edit(file, text.length, text.length, `${gap}${block}\n`);
};
