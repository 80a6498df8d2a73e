import { posix } from "node:path";
import type { Expression, ExpressionOf, SourceFile, Span } from "../hcl/syntax.ts";
import { expressionsIn } from "../hcl/walk.ts";
import type { CodeFolder, SurfaceItem } from "./surface-item.ts";
import { plainText, textsIn, written } from "./surface-text.ts";

const READERS =
  /^(core::)?(file|fileexists|fileset|templatefile|filebase64|filemd5|filesha1|filesha256|filesha512|filebase64sha256|filebase64sha512|pathexpand)$/;

/** Data sources that read or write a file of the machine, and their attributes that name it. */
const FILE_DATA = /^(local_file|local_sensitive_file|archive_file)$/;
const FILE_ATTRIBUTES = /^(filename|source_file|source_dir|output_path)$/;

/** Reads of files outside of the repository, and reads of which nobody can tell the file. */
export const readsIn = (file: SourceFile, folder: CodeFolder): readonly SurfaceItem[] =>
  [...pathsRead(file)].flatMap(({ path, place, by }) => {
    const judged = judge(path, folder);
    if (judged === "inside") return [];
    const text = written(file, place);
    return [
      {
        check: "files" as const,
        key: `${judged === "outside" ? "outside-read" : "computed-read"}:${by}:${text}`,
        path: file.path,
        start: place.start,
        what:
          judged === "outside"
            ? `${by} reads a file outside of the repository`
            : `${by} reads a file whose name is computed`,
      },
    ];
  });

function* pathsRead(
  file: SourceFile,
): Generator<{ readonly path: Expression; readonly place: Span; readonly by: string }> {
  for (const call of expressionsIn(file.body)) {
    const [path] = call.kind === "call" && READERS.test(call.name) ? call.args : [];
    if (path && call.kind === "call") yield { path, place: call, by: call.name };
  }
  for (const { type, labels, body } of file.body.blocks) {
    if (type !== "data" || !FILE_DATA.test(labels[0] ?? "")) continue;
    for (const { name, value, start, end } of body.attributes)
      if (FILE_ATTRIBUTES.test(name))
        yield { path: value, place: { start, end }, by: `data.${labels.join(".")}` };
  }
}

const judge = (path: Expression, { dir, root }: CodeFolder): "inside" | "outside" | "computed" => {
  if (path.kind === "parentheses") return judge(path.inner, { dir, root, files: [] });
  const lead = leadOf(path);
  if (!lead) return "computed";
  if (lead.base === null && /^[/~]/.test(lead.text)) return "outside";
  return leaves(lead.base === "module" ? dir : root, lead.text) ? "outside" : "inside";
};

/** What is certain of a path: where it begins and the text after that. */
const leadOf = (
  path: Expression,
): { readonly base: "module" | "root" | null; readonly text: string } | undefined => {
  const text = plainText(path);
  if (text !== undefined) return { base: null, text };
  const alone = baseOf(path);
  if (alone) return { base: alone, text: "" };
  if (path.kind !== "template") return undefined;
  const [first, ...rest] = path.parts;
  const base = first && "expression" in first ? baseOf(first.expression) : null;
  const begin = (base ? rest : path.parts)[0];
  const certain = begin && "text" in begin ? begin.text : "";
  return base === null && certain === "" ? undefined : { base, text: certain };
};

const baseOf = (expression: Expression): "module" | "root" | null => {
  if (expression.kind !== "traversal" || expression.root !== "path") return null;
  const [step] = expression.steps;
  return step && "attribute" in step && step.attribute === "module" ? "module" : "root";
};

const leaves = (dir: string, text: string): boolean => {
  const path = posix.normalize(`${dir}/${text.replace(/^\/+/, "")}`);
  return path === ".." || path.startsWith("../");
};

/** Texts that climb out of the repository, wherever they stand: a variable may carry them to where files are read. */
export const escapesIn = (file: SourceFile, { dir }: CodeFolder): readonly SurfaceItem[] =>
  literals(file)
    .filter(({ text }) => /(^|\/)\.\.(\/|$)/.test(text) && !/\s/.test(text) && leaves(dir, text))
    .map(({ text, place }) => ({
      check: "files",
      key: `escape:${text}`,
      path: file.path,
      start: place.start,
      what: `the path ${text} leads out of the repository`,
    }));

/** Asked only of code that reads files with computed names: there any such text may be one. */
export const machinePlaces = (file: SourceFile): readonly SurfaceItem[] =>
  literals(file)
    .filter(({ text }) => /^(\/(etc|proc|root|home|run|dev|sys|var\/run|var\/lib|Users)|~)(\/|$)/.test(text))
    .map(({ text, place }) => ({
      check: "files",
      key: `machine-place:${text}`,
      path: file.path,
      start: place.start,
      what: `the path ${text} of the machine stands in code that reads files with computed names`,
    }));

const literals = (file: SourceFile): readonly { readonly text: string; readonly place: Span }[] =>
  [...expressionsIn(file.body)]
    .filter(
      (one): one is ExpressionOf<"literal"> | ExpressionOf<"template"> =>
        one.kind === "literal" || one.kind === "template",
    )
    .flatMap((one) =>
      (one.kind === "literal"
        ? textsIn(one)
        : one.parts.flatMap((part) => ("text" in part ? [part.text] : []))
      ).map((text) => ({ text, place: one })),
    );
