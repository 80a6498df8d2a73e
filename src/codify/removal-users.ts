import type { Edit } from "../hcl/edit.ts";
import type { Block, Expression, SourceFile } from "../hcl/syntax.ts";
import { expressionsIn } from "../hcl/walk.ts";
import { deleteAttribute, deleteBlock } from "./block-surgery.ts";
import { deleteElement } from "./collection-surgery.ts";
import type { Module } from "./configuration.ts";
import { DELETE } from "./put.ts";
import { isJsonFile, setInJson } from "./put-json.ts";
import { refuse } from "./refusal.ts";

/** `["kafka_topic", "orders"]`, `["module", "orders"]`. */
type Name = readonly [string, string];

/**
 * What else must go with a block: entries of `depends_on`, and import blocks. Moved blocks may name what is gone, and
 * other states still need them. @throws Refusal where a block that stays takes a value of it.
 */
export const withoutUsers = (
  module: Module,
  name: Name,
  self: Block,
  vanished: ReadonlySet<string>,
): readonly Edit[] => {
  const users: string[] = [];
  const edits: Edit[] = [];
  for (const file of module.files) {
    for (const block of file.body.blocks) {
      if (block === self || block.type === "moved" || goesToo(module, block, vanished)) continue;
      if (isNamedBy(block, self)) continue;
      const named = [...expressionsIn(block.body)].filter((part) => isNamed(part, name));
      if (isJsonFile(file)) edits.push(...jsonDependsOnEdits(file, block, name));
      if (named.length === 0) continue;
      const found =
        block.type === "import" ? [deleteBlock({ file, block })] : dependsOnEdits(file, block, name);
      if (block.type !== "import" && inDependsOn(block, name).length < named.length)
        users.push([block.type, ...block.labels].join("."));
      else edits.push(...found);
    }
  }
  return users.length > 0 ? refuse(`still referred to by ${users.join(", ")}`) : edits;
};

/** The part of an override file that lies over the block itself. */
const isNamedBy = (block: Block, self: Block): boolean =>
  block.type === self.type && block.labels.join(".") === self.labels.join(".");

const goesToo = (module: Module, { type, labels }: Block, vanished: ReadonlySet<string>): boolean => {
  if (type !== "resource") return false;
  const steps = module.steps.map(
    ({ name, key }) => `module.${name}${key === undefined ? "" : `[${JSON.stringify(key)}]`}.`,
  );
  return vanished.has(`${steps.join("")}${labels.join(".")}`);
};

const isNamed = (part: Expression, [type, name]: Name): boolean => {
  if (part.kind !== "traversal" || part.root !== type) return false;
  const [first] = part.steps;
  return first !== undefined && "attribute" in first && first.attribute === name;
};

const dependsOn = (block: Block) => block.body.attributes.find(({ name }) => name === "depends_on");

const inDependsOn = (block: Block, name: Name): readonly number[] => {
  const list = dependsOn(block)?.value;
  if (list?.kind !== "tuple") return [];
  return list.elements.flatMap((element, index) => (isNamed(element, name) ? [index] : []));
};

const dependsOnEdits = (file: SourceFile, block: Block, name: Name): readonly Edit[] => {
  const [attribute, places] = [dependsOn(block), inDependsOn(block, name)];
  const list = attribute?.value;
  if (list?.kind !== "tuple" || places.length === 0) return [];
  if (places.length === list.elements.length) return [deleteAttribute(file, attribute as never)];
  return places.map((index) => deleteElement(file, list, list.elements, index));
};

/** In JSON syntax the entries are plain texts. */
const jsonDependsOnEdits = (file: SourceFile, block: Block, name: Name): readonly Edit[] => {
  const list = dependsOn(block)?.value;
  if (list?.kind !== "tuple") return [];
  const own = list.elements.filter((one) => one.kind === "literal" && one.value === name.join("."));
  if (own.length > 0 && own.length === list.elements.length) return setInJson(file, list.start, [], DELETE);
  return own.flatMap(({ start }) => setInJson(file, start, [], DELETE));
};
