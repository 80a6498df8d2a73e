import type { Block, Expression } from "../hcl/syntax.ts";
import { attributeOf, type Place, type PlacedBlock, type Scope, withNames } from "./configuration.ts";
import { entriesOf, evaluate } from "./evaluate.ts";
import { jsonBlocks } from "./json-block.ts";
import { refuse } from "./refusal.ts";

/** A dynamic block with the collection that it goes through. */
export interface Dynamic {
  readonly block: Block;
  readonly content: PlacedBlock;
  readonly iterator: string;
  readonly collection: Expression;
  /** Of the element that one block was made from. */
  readonly key: string | number;
  /** Where the collection stands. */
  readonly scope: Scope;
}

/** One nested block as the code gives it: written out, or made by a dynamic block. */
export interface SourceElement {
  readonly placed: PlacedBlock;
  readonly scope: Scope;
  readonly dynamic: Dynamic | null;
}

/** The nested blocks of one type in the order in which the engine makes them. */
export const sourceElements = (parent: PlacedBlock, name: string, scope: Scope): readonly SourceElement[] => {
  const { file } = blockHome(parent, name);
  const inside = { ...scope, file };
  return blocksNamed(parent, name).flatMap((one): readonly SourceElement[] => {
    const placed = { file, block: one, overrides: [] };
    return one.type === name
      ? [{ placed, scope: inside, dynamic: null }]
      : dynamicElements(placed, name, inside);
  });
};

/** The part of a block that counts for nested blocks of a type: those of an override file replace all others. */
export const blockHome = (parent: PlacedBlock, name: string): PlacedBlock => {
  const over = parent.overrides.findLast((one) => named(one, name).length > 0);
  return over ? { ...over, overrides: [] } : parent;
};

/** Nested blocks of a type as they stand there, dynamic ones as such. */
export const blocksNamed = (parent: PlacedBlock, name: string): readonly Block[] =>
  named(blockHome(parent, name), name);

const named = ({ file, block }: Pick<PlacedBlock, "file" | "block">, name: string): readonly Block[] =>
  [...block.body.blocks, ...jsonBlocks(file, block, name)].filter(
    ({ type, labels }) => type === name || (type === "dynamic" && labels[0] === name),
  );

const dynamicElements = (placed: PlacedBlock, name: string, scope: Scope): readonly SourceElement[] => {
  const opened = openDynamic(placed, name, scope);
  const entries =
    entriesOf(evaluate(opened.collection, scope)) ??
    refuse(`what dynamic "${name}" goes through is not known before a plan`);
  return entries.map(([key]) => {
    const place: Place = { kind: "place", expression: opened.collection, path: [key], scope };
    const inside = withNames(scope, { [opened.iterator]: { kind: "iterator", place } });
    return { placed: opened.content, scope: inside, dynamic: { ...opened, key } };
  });
};

/** @throws Refusal for a dynamic block without content. */
export const openDynamic = (placed: PlacedBlock, name: string, scope: Scope): Dynamic => {
  const { block } = placed;
  const forEach = attributeOf(placed, "for_each") ?? refuse(`dynamic "${name}" has no for_each`);
  const content =
    block.body.blocks.find(({ type }) => type === "content") ?? refuse(`dynamic "${name}" has no content`);
  return {
    block,
    content: { file: placed.file, block: content, overrides: [] },
    iterator: iteratorOf(placed) ?? name,
    collection: forEach.attribute.value,
    key: 0,
    scope,
  };
};

const iteratorOf = (placed: PlacedBlock): string | undefined => {
  const named = attributeOf(placed, "iterator")?.attribute.value;
  if (named?.kind === "traversal") return named.root;
  return named?.kind === "literal" && typeof named.value === "string" ? named.value : undefined;
};
