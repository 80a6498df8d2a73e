import type { Edit } from "../hcl/edit.ts";
import type { Attribute, Block, SourceFile } from "../hcl/syntax.ts";
import { indentAt, inNewlines, isAloneBefore, lineEnd, lineStart, restOfLine } from "./lines.ts";

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
  let start = lineStart(text, block.start);
  for (
    let above = lineAbove(text, start);
    above && /^[ \t]*(#|\/\/)/.test(above.text);
    above = lineAbove(text, start)
  ) {
    start = above.start;
  }
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

const lineAbove = (
  text: string,
  start: number,
): { readonly start: number; readonly text: string } | undefined => {
  if (start === 0) return undefined;
  const begin = lineStart(text, start - 1);
  return { start: begin, text: text.slice(begin, start) };
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
  const base = `${outer}  `;
  const body = [
    `${base}${type} {`,
    ...lines.map((line) => (line === "" ? "" : `${base}  ${line}`)),
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
  const tail = block.body.blocks.find(({ type: other }) => LAST.has(other));
  if (tail) {
    const at = lineStart(text, tail.start);
    return edit(file, at, at, `${body}\n\n`);
  }
  const at = lineStart(text, block.close);
  const hasMore = block.body.attributes.length + block.body.blocks.length > 0;
  return edit(file, at, at, `${hasMore ? "\n" : ""}${body}\n`);
};

const endOfLine = (text: string, at: number): number => {
  const end = lineEnd(text, at);
  return text[end - 1] === "\r" ? end - 1 : end;
};

/** A new block at the end of a file. `text` is the whole block. */
export const appendBlock = (file: SourceFile, block: string): Edit => {
  const { text } = file;
  const gap = text === "" ? "" : /\n\s*\n$/.test(text) ? "" : text.endsWith("\n") ? "\n" : "\n\n";
  return edit(file, text.length, text.length, `${gap}${block}\n`);
};
