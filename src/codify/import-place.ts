import type { Edit } from "../hcl/edit.ts";
import type { SourceFile } from "../hcl/syntax.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Module } from "./configuration.ts";
import { type ImportTarget, importBlock } from "./import-target.ts";
import { inNewlines } from "./lines.ts";

/** Where an import and its resource are written: the `import` block may stand in the root module only. */
export interface ImportPlace {
  readonly resource: SourceFile;
  readonly imports: SourceFile;
}

/**
 * The file that holds the resource's siblings, else the module's main.tf, else its first file with a resource.
 * @throws `config-invalid` where the module has no file that can be edited.
 */
export const importPlace = (root: Module, target: ImportTarget): ImportPlace => {
  const { module, at } = target;
  const resource = homeOf(module, (file) =>
    file.body.blocks.some(({ type, labels }) => type === "resource" && labels[0] === at.type),
  );
  const [first] = at.modules;
  if (!first) return { resource, imports: resource };
  const calls = (file: SourceFile): boolean =>
    file.body.blocks.some(({ type, labels }) => type === "module" && labels[0] === first.name);
  return { resource, imports: homeOf(root, calls) };
};

const homeOf = (module: Module, fits: (file: SourceFile) => boolean): SourceFile => {
  const files = module.files.filter(
    ({ path, problems }) =>
      problems.length === 0 &&
      !path.endsWith(".json") &&
      !/(^|[/_])override\.(tf|tofu)$/.test(path) &&
      module.root.facts.foreign?.has(path) !== true,
  );
  const found =
    files.findLast(fits) ??
    files.find(({ path }) => /(^|\/)main\.(tf|tofu)$/.test(path)) ??
    files.find(({ body }) => body.blocks.some(({ type }) => type === "resource" || type === "module")) ??
    files[0];
  if (found) return found;
  throw new PlumblineError(
    "config-invalid",
    `${module.dir === "." ? "The module" : module.dir} has no file in HCL syntax to write to.`,
    { hint: "Add a main.tf, then run the same command again." },
  );
};

/** Both blocks at the ends of their files, in the files' own line endings. */
export const importEdits = (
  { address, id }: ImportTarget,
  { resource, imports }: ImportPlace,
  lines: readonly string[],
): readonly Edit[] => {
  const block = `${lines.join("\n")}\n`;
  const own = importBlock(address, id);
  return resource === imports
    ? [appended(resource, `${own}\n${block}`)]
    : [appended(imports, own), appended(resource, block)];
};

const appended = (file: SourceFile, added: string): Edit => {
  const { text } = file;
  const gap = text === "" ? "" : !text.endsWith("\n") ? "\n\n" : /\n\r?\n$/.test(text) ? "" : "\n";
  return { file, start: text.length, end: text.length, text: inNewlines(`${gap}${added}`, text) };
};
