import type { Node } from "web-tree-sitter";

/**
 * A node of the grammar's tree with its type and end read once: each of these questions goes over to WASM, and that
 * costs more than all the rest of reading.
 */
export class SyntaxNode {
  readonly type: string;
  readonly start: number;
  /** The whole file. */
  readonly source: string;
  readonly #node: Node;
  #end: number | undefined;
  #children: SyntaxNode[] | undefined;

  constructor(node: Node, source: string) {
    this.#node = node;
    this.type = node.type;
    this.start = node.startIndex;
    this.source = source;
  }

  get end(): number {
    this.#end ??= this.#node.endIndex;
    return this.#end;
  }

  get text(): string {
    return this.source.slice(this.start, this.end);
  }

  get isNamed(): boolean {
    return this.#node.isNamed;
  }

  /** The children that carry meaning, unnamed ones such as `(` too, without comments. */
  get children(): readonly SyntaxNode[] {
    this.#children ??= this.#node.children
      .filter((child) => child !== null)
      .map((child) => new SyntaxNode(child, this.source))
      .filter(({ type }) => type !== "comment");
    return this.#children;
  }

  ofType(type: string): readonly SyntaxNode[] {
    return this.children.filter((child) => child.type === type);
  }
}
