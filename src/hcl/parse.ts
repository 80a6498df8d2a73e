import type { Node, Parser } from "web-tree-sitter";
import { expressionOf, unquoted } from "./expression.ts";
import { SyntaxNode } from "./nodes.ts";
import { plainAttribute } from "./plain.ts";
import type { Attribute, Block, Body, ParseHcl, SourceFile, Span, SyntaxProblem } from "./syntax.ts";

/**
 * `ParseHcl` over a tree-sitter parser that speaks HCL. A broken text never throws: what was read is in `body`, what
 * was not is in `problems`.
 */
export const hclParser =
  (parser: Parser): ParseHcl =>
  (path, text) => {
    const tree = parser.parse(withoutMark(text));
    if (!tree) return unreadable(path, text);
    try {
      const file = sourceFile(path, text, tree.rootNode);
      let comments: readonly Span[] | undefined;
      // Few ask, and to look through the whole tree takes a quarter of the time of reading it.
      return {
        ...file,
        get comments() {
          comments ??= commentsIn(parser, text);
          return comments;
        },
      };
    } catch (failure) {
      // Thousands of brackets in each other exhaust the stack; no code of people does that.
      if (failure instanceof RangeError) return unreadable(path, text);
      throw failure;
    } finally {
      tree.delete(); // WASM memory is not garbage-collected.
    }
  };

// A byte order mark is no part of the language, yet engines accept it: a blank keeps all positions.
const withoutMark = (text: string): string => (text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text);

const commentsIn = (parser: Parser, text: string): readonly Span[] => {
  const tree = COMMENT_MARK.test(text) ? parser.parse(withoutMark(text)) : null;
  if (!tree) return [];
  try {
    return tree.rootNode.descendantsOfType("comment").flatMap((node) => (node ? [spanOf(node)] : []));
  } finally {
    tree.delete();
  }
};

const COMMENT_MARK = /#|\/\/|\/\*/;

const EMPTY: Body = { attributes: [], blocks: [] };

const unreadable = (path: string, text: string): SourceFile => ({
  path,
  text,
  body: EMPTY,
  comments: [],
  problems: [
    {
      start: 0,
      end: text.length,
      line: 1,
      column: 1,
      message: "This file cannot be read: it is nested too deeply.",
    },
  ],
});

const sourceFile = (path: string, text: string, root: Node): Omit<SourceFile, "comments"> => {
  const body = new SyntaxNode(root, text).children.find(({ type }) => type === "body");
  return {
    path,
    text,
    body: body ? bodyOf(body) : EMPTY,
    problems: root.hasError ? problemsIn(root, text) : [],
  };
};

const spanOf = ({ startIndex, endIndex }: Node): Span => ({
  start: startIndex,
  end: endIndex,
});

const bodyOf = (node: SyntaxNode): Body => {
  const attributes: Attribute[] = [];
  const blocks: Block[] = [];
  for (const child of node.children) {
    if (child.type === "attribute") attributes.push(...attributeOf(child));
    if (child.type === "block") blocks.push(...blockOf(child));
  }
  return { attributes, blocks };
};

const attributeOf = (node: SyntaxNode): Attribute[] => {
  const plain = plainAttribute(node.text, node.start);
  if (plain) return [plain];
  const [name, ...others] = node.children;
  const value = others.find(({ type }) => type === "expression");
  if (!name || !value) return [];
  const expression = expressionOf(value);
  return [{ name: name.text, value: expression, start: node.start, end: expression.end }];
};

const blockOf = (node: SyntaxNode): Block[] => {
  const [type, ...others] = node.children;
  const open = others.find((child) => child.type === "block_start");
  const close = others.find((child) => child.type === "block_end");
  const body = others.find((child) => child.type === "body");
  if (!type || !open || !close) return [];
  const labels = others.flatMap((child) => {
    if (child.type === "identifier") return [child.text];
    return child.type === "string_lit" ? [unquoted(child.text)] : [];
  });
  return [
    {
      type: type.text,
      labels,
      body: body ? bodyOf(body) : EMPTY,
      start: node.start,
      end: node.end,
      open: open.end,
      close: close.start,
    },
  ];
};

const MOST_PROBLEMS = 10;

const problemsIn = (root: Node, text: string): SyntaxProblem[] => {
  const found: SyntaxProblem[] = [];
  const visit = (node: Node): void => {
    if (found.length >= MOST_PROBLEMS) return;
    if (node.isError || node.isMissing) found.push(problemAt(node, text));
    else if (node.hasError) for (const child of node.children) if (child) visit(child);
  };
  visit(root);
  return found;
};

const problemAt = (node: Node, text: string): SyntaxProblem => {
  const written = text.slice(node.startIndex, node.endIndex).trim().split("\n", 1)[0]?.slice(0, 40) ?? "";
  const before = text.slice(0, node.startIndex).split("\n");
  return {
    ...spanOf(node),
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    message: node.isMissing
      ? `\`${node.type}\` is missing here.`
      : `This is no valid HCL${written === "" ? "" : `: \`${written}\``}.`,
  };
};
