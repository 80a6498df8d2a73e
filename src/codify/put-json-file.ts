import { findNodeAtLocation, modify, parseTree } from "jsonc-parser";
import type { Edit } from "../hcl/edit.ts";
import type { SourceFile } from "../hcl/syntax.ts";
import { isExactNumber, type Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { newlineOf } from "./lines.ts";
import { DELETE, type Want } from "./put.ts";
import { refuse } from "./refusal.ts";

/** Edits a member of a variable file in JSON; undefined where the file does not set the variable. */
export const putJsonFile = (
  file: SourceFile,
  name: string,
  path: Path,
  want: Want,
): readonly Edit[] | undefined => {
  const root = parseTree(file.text);
  if (!root || !findNodeAtLocation(root, [name])) return undefined;
  if (holdsTemplate(want)) return refuse("a text with ${ or %{ is not written into a JSON file");
  return jsonEdits(file, [name, ...path], want === DELETE ? undefined : want);
};

/** In variable files and .tf.json, texts are templates of their own. */
const holdsTemplate = (want: Want): boolean => want !== DELETE && /[$%]\{/.test(JSON.stringify(want));

/** Splices that set (or with undefined remove) what stands at a path of a JSON text, in the file's own style. */
export const jsonEdits = (
  file: SourceFile,
  path: Path,
  value: Json | undefined,
  isArrayInsertion = false,
): readonly Edit[] => {
  if (isExactNumber(value))
    return refuse("the number cannot be written into a JSON file without losing digits");
  return jsonSplices(file.text, path, value, isArrayInsertion).map(({ offset, length, content }) => ({
    file,
    start: offset,
    end: offset + length,
    text: content,
  }));
};

/** The smallest splices for a JSON text: what stands on one line stays on one line. */
export const jsonSplices = (
  text: string,
  path: Path,
  value: Json | undefined,
  isArrayInsertion = false,
): readonly { readonly offset: number; readonly length: number; readonly content: string }[] => {
  const root = parseTree(text);
  const parent = root && findNodeAtLocation(root, path.slice(0, -1));
  const inline =
    parent !== undefined && !text.slice(parent.offset, parent.offset + parent.length).includes("\n");
  if (!inline) return modify(text, [...path], value, { formattingOptions: styleOf(text), isArrayInsertion });
  return modify(text, [...path], value, { isArrayInsertion }).map((edit) => ({
    ...edit,
    content: edit.content.replace(/^,(?=\S)/, ", ").replace(/^(, )?("(?:[^"\\]|\\.)*"):(?=\S)/, "$1$2: "),
  }));
};

export const styleOf = (text: string): { insertSpaces: boolean; tabSize: number; eol: string } => {
  const unit = /^([ \t]+)"/m.exec(text)?.[1] ?? "  ";
  return {
    insertSpaces: !unit.includes("\t"),
    tabSize: unit.includes("\t") ? 1 : unit.length,
    eol: newlineOf(text),
  };
};
