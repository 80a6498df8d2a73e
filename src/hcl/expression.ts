import type { Node } from "web-tree-sitter";
import { nodesIn, nodesOf } from "./nodes.ts";
import type { Expression, Heredoc, ObjectElement, Step, TemplatePart } from "./syntax.ts";

/** An `expression` node as a plain value. `text` is the whole file. */
export const expressionOf = (node: Node, text: string): Expression =>
  fromTerms(nodesIn(node), text, { start: node.startIndex, end: node.endIndex });

interface Place {
  readonly start: number;
  readonly end: number;
}

/** A term and the steps after it, as the grammar lists them side by side. */
const fromTerms = (nodes: readonly Node[], text: string, place: Place): Expression => {
  const [first] = nodes;
  if (!first) return { ...place, kind: "other", inner: [] };
  const inParentheses = first.type === "(";
  const last = inParentheses ? nodes[2] : first;
  if (inParentheses && (!nodes[1] || !last)) return { ...place, kind: "other", inner: [] };
  const own = { start: first.startIndex, end: last?.endIndex ?? first.endIndex };
  const base: Expression =
    inParentheses && nodes[1]
      ? { ...own, kind: "parentheses", inner: expressionOf(nodes[1], text) }
      : termOf(first, text, own);
  const steps = nodes.slice(inParentheses ? 3 : 1).flatMap((node) => stepsOf(node, text));
  if (steps.length === 0) return base;
  return base.kind === "traversal"
    ? { ...place, kind: "traversal", root: base.root, steps }
    : { ...place, kind: "access", base, steps };
};

const termOf = (node: Node, text: string, place: Place): Expression => {
  const [inner] = nodesIn(node);
  switch (node.type) {
    case "literal_value":
      return inner ? literalOf(inner) : other(node, text);
    case "template_expr":
      return inner ? templateOf(inner, text) : other(node, text);
    case "collection_value":
      return inner ? collectionOf(inner, text) : other(node, text);
    case "variable_expr":
      return { ...place, kind: "traversal", root: node.text, steps: [] };
    case "function_call":
      return callOf(node, text, place);
    case "for_expr":
      return (inner && forOf(inner, text)) ?? other(node, text);
    case "conditional":
      return conditionalOf(node, text, place);
    case "operation":
      return (inner && operationOf(inner, text)) ?? other(node, text);
    default:
      return other(node, text);
  }
};

/** Nothing is said about the node itself, but what lies in it can still be searched. */
const other = (node: Node, text: string): Expression => ({
  start: node.startIndex,
  end: node.endIndex,
  kind: "other",
  inner: topExpressions(node).map((inner) => expressionOf(inner, text)),
});

const topExpressions = (node: Node): Node[] =>
  nodesIn(node).flatMap((child) => (child.type === "expression" ? [child] : topExpressions(child)));

const literalOf = (node: Node): Expression => {
  const place = { start: node.startIndex, end: node.endIndex, kind: "literal" as const };
  if (node.type === "numeric_lit") return { ...place, value: Number(node.text) };
  if (node.type === "bool_lit") return { ...place, value: node.text === "true" };
  return { ...place, value: node.type === "null_lit" ? null : unquoted(node.text) };
};

/** The text that a quoted one without interpolation stands for. */
export const unquoted = (quoted: string): string => unescaped(quoted.slice(1, -1));

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

const unescaped = (text: string): string =>
  text.replace(/\\(n|r|t|"|\\|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|\$\$\{|%%\{/g, (whole, code?: string) => {
    if (code === undefined) return whole.slice(1);
    const point = code.length > 1 ? Number.parseInt(code.slice(1), 16) : 0;
    return ESCAPES[code] ?? (point > 0x10ffff ? "\uFFFD" : String.fromCodePoint(point));
  });

const templateOf = (node: Node, text: string): Expression => {
  const place = { start: node.startIndex, end: node.endIndex };
  const heredoc = node.type === "heredoc_template" ? heredocOf(node, text) : undefined;
  const parts: TemplatePart[] = [];
  for (const child of nodesIn(node)) {
    if (child.type === "template_literal") {
      const literal = heredoc
        ? child.text.replace(/(\$\$|%%)\{/g, (mark) => mark.slice(1))
        : unescaped(child.text);
      parts.push({ text: literal, start: child.startIndex, end: child.endIndex });
    }
    if (child.type === "template_directive") return other(node, text);
    if (child.type !== "template_interpolation") continue;
    const [inner] = nodesOf(child, "expression");
    if (!inner || nodesOf(child, "strip_marker").length > 0) return other(node, text);
    parts.push({ expression: expressionOf(inner, text) });
  }
  return heredoc ? { ...place, kind: "template", parts, heredoc } : { ...place, kind: "template", parts };
};

const heredocOf = (node: Node, text: string): Heredoc => {
  const [opening, closing] = nodesOf(node, "heredoc_identifier");
  const bodyStart = text.indexOf("\n", (opening?.endIndex ?? node.startIndex) - 1) + 1;
  const bodyEnd = text.lastIndexOf("\n", closing?.startIndex ?? node.endIndex) + 1;
  return { flush: nodesIn(node)[0]?.text === "<<-", bodyStart, bodyEnd };
};

const collectionOf = (node: Node, text: string): Expression => {
  const place = { start: node.startIndex, end: node.endIndex };
  if (node.type === "tuple") {
    return {
      ...place,
      kind: "tuple",
      elements: nodesOf(node, "expression").map((item) => expressionOf(item, text)),
    };
  }
  const elements = nodesOf(node, "object_elem").flatMap((element): ObjectElement[] => {
    const [key, value] = nodesOf(element, "expression");
    if (!key || !value) return [];
    const span = { start: element.startIndex, end: element.endIndex };
    return [{ ...span, key: expressionOf(key, text), value: expressionOf(value, text) }];
  });
  return { ...place, kind: "object", elements };
};

const callOf = (node: Node, text: string, place: Place): Expression => {
  const children = nodesIn(node);
  const [list] = nodesOf(node, "function_arguments");
  const open = children.find(({ type }) => type === "(");
  const name = text.slice(node.startIndex, open?.startIndex ?? node.endIndex).replace(/\s/g, "");
  const args = list ? nodesIn(list) : [];
  return {
    ...place,
    kind: "call",
    name,
    args: args.filter(({ type }) => type === "expression").map((arg) => expressionOf(arg, text)),
    expands: args.some(({ type }) => type === "ellipsis"),
  };
};

const conditionalOf = (node: Node, text: string, place: Place): Expression => {
  const [condition, yes, no] = nodesOf(node, "expression").map((part) => expressionOf(part, text));
  return condition && yes && no ? { ...place, kind: "conditional", condition, yes, no } : other(node, text);
};

const OPERATORS = new Set(["*", "/", "%", "+", "-", ">", ">=", "<", "<=", "==", "!=", "&&", "||"]);

const operationOf = (node: Node, text: string): Expression | undefined => {
  const place = { start: node.startIndex, end: node.endIndex };
  const nodes = nodesIn(node);
  if (node.type === "unary_operation") {
    const [operator, operand] = nodes;
    if (!operator || !operand) return undefined;
    const inner = fromTerms(nodes.slice(1), text, { start: operand.startIndex, end: node.endIndex });
    return { ...place, kind: "unary", operator: operator.text, operand: inner };
  }
  const at = nodes.findIndex((child) => !child.isNamed && OPERATORS.has(child.type));
  const [before, operator, after] = [nodes[at - 1], nodes[at], nodes[at + 1]];
  if (!before || !operator || !after) return undefined;
  const left = fromTerms(nodes.slice(0, at), text, { start: node.startIndex, end: before.endIndex });
  const right = fromTerms(nodes.slice(at + 1), text, { start: after.startIndex, end: node.endIndex });
  return { ...place, kind: "binary", operator: operator.type, left, right };
};

const forOf = (node: Node, text: string): Expression | undefined => {
  const [intro] = nodesOf(node, "for_intro");
  const [collection] = intro ? nodesOf(intro, "expression") : [];
  const names = intro ? nodesOf(intro, "identifier").map((name) => name.text) : [];
  const results = nodesOf(node, "expression").map((result) => expressionOf(result, text));
  const [filter] = nodesOf(node, "for_cond").flatMap((condition) => nodesOf(condition, "expression"));
  const valueName = names.at(-1);
  const value = results.at(-1);
  if (!collection || valueName === undefined || !value) return undefined;
  return {
    start: node.startIndex,
    end: node.endIndex,
    kind: "for",
    keyName: names.length > 1 ? (names[0] ?? null) : null,
    valueName,
    collection: expressionOf(collection, text),
    key: results.length > 1 ? (results[0] ?? null) : null,
    value,
    condition: filter ? expressionOf(filter, text) : null,
    groups: nodesOf(node, "ellipsis").length > 0,
  };
};

const stepsOrNone = (node: Node, text: string): Step[] =>
  node.type === "get_attr" || node.type === "index" ? stepsOf(node, text) : [];

const stepsOf = (node: Node, text: string): Step[] => {
  if (node.type === "get_attr") {
    const name = node.namedChildren[0];
    return name ? [{ attribute: name.text }] : [];
  }
  const [inner] = nodesIn(node);
  // The grammar puts what follows a splat into it.
  if (node.type !== "index")
    return [{ splat: true }, ...(inner ? nodesIn(inner).flatMap((step) => stepsOrNone(step, text)) : [])];
  if (!inner) return [];
  const [, index] = inner.type === "new_index" ? nodesIn(inner) : [];
  if (index) return [{ index: expressionOf(index, text) }];
  const place = { start: inner.startIndex, end: inner.endIndex };
  return [{ index: { ...place, kind: "literal", value: Number(inner.text.slice(1)) } }];
};
