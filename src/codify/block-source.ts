import type { Block, Expression } from "../hcl/syntax.ts";
import { attributeOf, type Place, type PlacedBlock, type Scope, withNames } from "./configuration.ts";
import { entriesOf, evaluate } from "./evaluate.ts";
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
  const over = parent.overrides.findLast(({ block }) => block.body.blocks.some(({ type }) => type === name));
  const { file, block } = over ?? parent;
  const inside = { ...scope, file };
  return block.body.blocks.flatMap((one): readonly SourceElement[] => {
    if (one.type === name)
      return [{ placed: { file, block: one, overrides: [] }, scope: inside, dynamic: null }];
    if (one.type !== "dynamic" || one.labels[0] !== name) return [];
    return dynamicElements({ file, block: one, overrides: [] }, name, inside);
  });
};

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
  const named = attributeOf(placed, "iterator")?.attribute.value;
  return {
    block,
    content: { file: placed.file, block: content, overrides: [] },
    iterator: named?.kind === "traversal" ? named.root : name,
    collection: forEach.attribute.value,
    key: 0,
    scope,
  };
};
