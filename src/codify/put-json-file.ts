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
export const jsonEdits = (file: SourceFile, path: Path, value: Json | undefined): readonly Edit[] => {
  if (isExactNumber(value))
    return refuse("the number cannot be written into a JSON file without losing digits");
  const edits = modify(file.text, [...path], value, { formattingOptions: styleOf(file.text) });
  return edits.map(({ offset, length, content }) => ({
    file,
    start: offset,
    end: offset + length,
    text: content,
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
