import type { Edit } from "../hcl/edit.ts";
import type { SourceFile } from "../hcl/syntax.ts";
import type { Root } from "./configuration.ts";
import { inNewlines } from "./lines.ts";

/** The variable file that counts most of those that this workspace alone is given; undefined without one in HCL. */
export const ownVarFile = ({ facts, varFiles }: Root): SourceFile | undefined =>
  varFiles.findLast(({ path }) => !path.endsWith(".json") && facts.ownVarFiles?.includes(path));

/** A new variable at the end of a variable file. `value` is HCL text. */
export const appendToVarFile = (file: SourceFile, name: string, value: string): Edit => {
  const { text } = file;
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  return { file, start: text.length, end: text.length, text: inNewlines(`${gap}${name} = ${value}\n`, text) };
};
