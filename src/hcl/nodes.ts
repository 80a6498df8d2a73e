import type { Node } from "web-tree-sitter";

/** The children that carry meaning, unnamed ones such as `(` too, without comments. */
export const nodesIn = (node: Node): Node[] =>
  node.children.filter((child): child is Node => child !== null && child.type !== "comment");

export const nodesOf = (node: Node, type: string): Node[] =>
  nodesIn(node).filter((child) => child.type === type);
