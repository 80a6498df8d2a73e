import type { Edit } from "../hcl/edit.ts";
import type { SourceFile, Span } from "../hcl/syntax.ts";
import { inNewlines } from "./lines.ts";

/** The text of a span put in place of what stands there, in the file's own line endings. */
export const replaced = (file: SourceFile, { start, end }: Span, text: string): Edit => ({
  file,
  start,
  end,
  text: inNewlines(text, file.text),
});
