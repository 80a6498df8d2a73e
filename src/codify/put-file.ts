import type { Edit } from "../hcl/edit.ts";
import type { ExpressionOf, SourceFile } from "../hcl/syntax.ts";
import type { Path } from "../model/path.ts";
import { evaluate } from "./evaluate.ts";
import { inNewlines } from "./lines.ts";
import type { PutContext, Want } from "./put.ts";
import { filePathOf, plainFile, templateFile } from "./read-file.ts";
import { refuse } from "./refusal.ts";
import { commonSubsequence } from "./subsequence.ts";

type Call = ExpressionOf<"call">;

/** `file("x")`: the lines of the file that differ. Whether others read it too, the proof tells. */
export const putFile = (call: Call, path: Path, want: Want, { scope }: PutContext): readonly Edit[] => {
  const place = filePathOf(call, scope, evaluate);
  const file = place === undefined ? undefined : plainFile(scope.module, place);
  if (!file || path.length > 0 || typeof want !== "string")
    return refuse("file() reads what is not a text of this repository");
  return lineEdits(file, want);
};

/** Edits by line, so that two changes of one file stay apart. */
export const lineEdits = (file: SourceFile, want: string): readonly Edit[] => {
  const [before, after] = [linesOf(file.text), linesOf(want)];
  const starts = [0];
  for (const line of before) starts.push((starts.at(-1) ?? 0) + line.length);
  const edits: Edit[] = [];
  let [from, to] = [0, 0];
  const shared = before.length * after.length > 4_000_000 ? [] : commonSubsequence(before, after);
  for (const [keptFrom, keptTo] of [...shared, [before.length, after.length] as const]) {
    const text = after.slice(to, keptTo).join("");
    const [start, end] = [starts[from] ?? 0, starts[keptFrom] ?? 0];
    if (file.text.slice(start, end) !== text) edits.push({ file, start, end, text });
    from = keptFrom + 1;
    to = keptTo + 1;
  }
  return edits;
};

const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** `templatefile("x", {...})`: into the file's text, or along an interpolation to what the call gives it. */
export const putTemplateFile = (call: Call, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  const { scope } = context;
  const place = filePathOf(call, scope, evaluate);
  const found = place === undefined ? undefined : templateFile(call, place, scope);
  const file = place === undefined ? undefined : plainFile(scope.module, place);
  if (!found || !file || path.length > 0 || typeof want !== "string")
    return refuse("templatefile() reads a template that nobody here looks into");
  const text = inNewlines(found.closed ? `${want}\n` : want, file.text);
  return context
    .put(found.template, [], text, { ...context, scope: found.scope })
    .map((edit) =>
      edit.file === found.scope.file
        ? { ...edit, file, start: edit.start - found.shift, end: edit.end - found.shift }
        : edit,
    );
};
