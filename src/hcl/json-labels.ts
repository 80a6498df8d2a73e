import type { Node } from "jsonc-parser";

/** Objects below so many levels of names; lists stand for several of the same. */
export const labelled = (
  node: Node,
  levels: number,
): readonly { readonly names: readonly string[]; readonly node: Node }[] => {
  if (node.type === "array") return (node.children ?? []).flatMap((item) => labelled(item, levels));
  if (node.type !== "object") return [];
  if (levels === 0) return [{ names: [], node }];
  return membersOf(node).flatMap(({ name, value }) =>
    labelled(value, levels - 1).map(({ names, node: inner }) => ({ names: [name, ...names], node: inner })),
  );
};

/** The named members of an object with their places; of anything else none. */
export const membersOf = (
  node: Node | undefined,
): readonly {
  readonly name: string;
  readonly value: Node;
  readonly start: number;
  readonly end: number;
}[] =>
  node?.type !== "object"
    ? []
    : (node.children ?? []).flatMap(({ children: [key, value] = [], offset, length }) =>
        key && value ? [{ name: String(key.value), value, start: offset, end: offset + length }] : [],
      );
