import { applyEdits, type Edit } from "../hcl/edit.ts";
import { isModuleFile } from "../hcl/module.ts";
import type { Block, ParseHcl, SourceFile } from "../hcl/syntax.ts";
import type { Plan } from "../model/plan.ts";
import { blockAddress } from "./address.ts";
import { deleteBlock } from "./block-surgery.ts";
import type { Module } from "./configuration.ts";
import { parseJsonModule } from "./json-body.ts";
import { DELETE } from "./put.ts";
import { isJsonFile, setInJson } from "./put-json.ts";

/** Takes the `import` blocks of exactly this address out of the root module, the only place where engines read them. */
export const withoutImportsOf = (root: Module, address: string): readonly Edit[] =>
  root.files
    .filter(({ path }) => !root.root.facts.foreign?.has(path))
    .flatMap((file) =>
      importsIn(file)
        .filter((block) => targetOf(file, block) === address)
        .flatMap((block) =>
          isJsonFile(file) ? setInJson(file, block.start, [], DELETE) : [deleteBlock({ file, block })],
        ),
    );

/**
 * How the text of a root module's file goes to the engine in a proof: without the `import` blocks that did nothing in
 * the plan. People leave them where they were; once their object is gone from the refreshed state, the engine would
 * want to import it again, and plan nothing at all. `kept`: addresses whose blocks stay all the same.
 */
export const withoutIdleImports = (
  parse: ParseHcl,
  plan: Plan,
  kept: readonly string[] = [],
): ((path: string, text: string) => string) => {
  const importing = new Set(
    [...plan.changes.filter((one) => one.importing !== null).map(({ address }) => address), ...kept].map(
      blockAddress,
    ),
  );
  return (path, text) => {
    if (!text.includes("import") || !isModuleFile(path)) return text;
    const file = path.endsWith(".json") ? parseJsonModule(parse, path, text) : parse(path, text);
    const idle = importsIn(file).filter((block) => !importing.has(anyInstance(targetOf(file, block))));
    // From the last on: each changes the text that the next one is taken out of.
    return idle.reduceRight((left, block) => withoutBlock({ ...file, text: left }, block), text);
  };
};

const withoutBlock = (file: SourceFile, block: Block): string => {
  const { start, end } = block;
  if (isJsonFile(file)) return applyEdits(setInJson(file, start, [], DELETE))?.get(file.path) ?? file.text;
  // The engine's words name lines: those after the block stay where they are.
  const blank = file.text.slice(start, end).replaceAll(/[^\r\n]/g, " ");
  return file.text.slice(0, start) + blank + file.text.slice(end);
};

const importsIn = ({ body }: SourceFile): readonly Block[] =>
  body.blocks.filter(({ type }) => type === "import");

/** The address as the code writes it, which may hold an expression as a key. */
const targetOf = (file: SourceFile, { body }: Block): string => {
  const to = body.attributes.find(({ name }) => name === "to")?.value;
  if (!to) return "";
  const text = file.text.slice(to.start, to.end);
  return to.kind === "literal" && isJsonFile(file) ? String(to.value) : text.replaceAll(/\s/g, "");
};

const anyInstance = (target: string): string => target.replaceAll(/\[[^\]]*\]/g, "");
