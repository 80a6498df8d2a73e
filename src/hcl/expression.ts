import type { SyntaxNode } from "./nodes.ts";
import { plainExpression } from "./plain.ts";
import type { Expression, Heredoc, ObjectElement, Step, TemplatePart } from "./syntax.ts";

/** An `expression` node as a plain value. */
export const expressionOf = (node: SyntaxNode): Expression =>
  plainExpression(node.text, node.start) ?? fromTerms(node.children, { start: node.start, end: node.end });

interface Place {
  readonly start: number;
  readonly end: number;
}

/** A term and the steps after it, as the grammar lists them side by side. */
const fromTerms = (nodes: readonly SyntaxNode[], place: Place): Expression => {
  const [first] = nodes;
  if (!first) return { ...place, kind: "other", inner: [] };
  const inParentheses = first.type === "(";
  const last = inParentheses ? nodes[2] : first;
  if (inParentheses && (!nodes[1] || !last)) return { ...place, kind: "other", inner: [] };
  const own = { start: first.start, end: last?.end ?? first.end };
  const base: Expression =
    inParentheses && nodes[1]
      ? { ...own, kind: "parentheses", inner: expressionOf(nodes[1]) }
      : termOf(first, own);
  const steps = nodes.slice(inParentheses ? 3 : 1).flatMap((node) => stepsOf(node));
  if (steps.length === 0) return base;
  return base.kind === "traversal"
    ? { ...place, kind: "traversal", root: base.root, steps }
    : { ...place, kind: "access", base, steps };
};

const termOf = (node: SyntaxNode, place: Place): Expression => {
  const [inner] = node.children;
  switch (node.type) {
    case "literal_value":
      return inner ? literalOf(inner) : other(node);
    case "template_expr":
      return inner ? templateOf(inner) : other(node);
    case "collection_value":
      return inner ? collectionOf(inner) : other(node);
    case "variable_expr":
      return { ...place, kind: "traversal", root: node.text, steps: [] };
    case "function_call":
      return callOf(node, place);
    case "for_expr":
      return (inner && forOf(inner)) ?? other(node);
    case "conditional":
      return conditionalOf(node, place);
    case "operation":
      return (inner && operationOf(inner)) ?? other(node);
    default:
      return other(node);
  }
};

/** Nothing is said about the node itself, but what lies in it can still be searched. */
const other = (node: SyntaxNode): Expression => ({
  start: node.start,
  end: node.end,
  kind: "other",
  inner: topExpressions(node).map((inner) => expressionOf(inner)),
});

const topExpressions = (node: SyntaxNode): SyntaxNode[] =>
  node.children.flatMap((child) => (child.type === "expression" ? [child] : topExpressions(child)));

const literalOf = (node: SyntaxNode): Expression => {
  const place = { start: node.start, end: node.end, kind: "literal" as const };
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

const templateOf = (node: SyntaxNode): Expression => {
  const place = { start: node.start, end: node.end };
  const heredoc = node.type === "heredoc_template" ? heredocOf(node) : undefined;
  const parts: TemplatePart[] = [];
  for (const child of node.children) {
    if (child.type === "template_literal") {
      const literal = heredoc
        ? child.text.replace(/(\$\$|%%)\{/g, (mark) => mark.slice(1))
        : unescaped(child.text);
      parts.push({ text: literal, start: child.start, end: child.end });
    }
    if (child.type === "template_directive") return other(node);
    if (child.type !== "template_interpolation") continue;
    const [inner] = child.ofType("expression");
    if (!inner || child.ofType("strip_marker").length > 0) return other(node);
    parts.push({ expression: expressionOf(inner) });
  }
  return heredoc ? { ...place, kind: "template", parts, heredoc } : { ...place, kind: "template", parts };
};

const heredocOf = (node: SyntaxNode): Heredoc => {
  const [opening, closing] = node.ofType("heredoc_identifier");
  const bodyStart = node.source.indexOf("\n", (opening?.end ?? node.start) - 1) + 1;
  const bodyEnd = node.source.lastIndexOf("\n", closing?.start ?? node.end) + 1;
  return { flush: node.children[0]?.text === "<<-", bodyStart, bodyEnd };
};

const collectionOf = (node: SyntaxNode): Expression => {
  const place = { start: node.start, end: node.end };
  if (node.type === "tuple") {
    return {
      ...place,
      kind: "tuple",
      elements: node.ofType("expression").map((item) => expressionOf(item)),
    };
  }
  const elements = node.ofType("object_elem").flatMap((element): ObjectElement[] => {
    const [key, value] = element.ofType("expression");
    if (!key || !value) return [];
    const span = { start: element.start, end: element.end };
    return [{ ...span, key: expressionOf(key), value: expressionOf(value) }];
  });
  return { ...place, kind: "object", elements };
};

const callOf = (node: SyntaxNode, place: Place): Expression => {
  const children = node.children;
  const [list] = node.ofType("function_arguments");
  const open = children.find(({ type }) => type === "(");
  const name = node.source.slice(node.start, open?.start ?? node.end).replace(/\s/g, "");
  const args = list ? list.children : [];
  return {
    ...place,
    kind: "call",
    name,
    args: args.filter(({ type }) => type === "expression").map((arg) => expressionOf(arg)),
    expands: args.some(({ type }) => type === "ellipsis"),
  };
};

const conditionalOf = (node: SyntaxNode, place: Place): Expression => {
  const [condition, yes, no] = node.ofType("expression").map((part) => expressionOf(part));
  return condition && yes && no ? { ...place, kind: "conditional", condition, yes, no } : other(node);
};

const OPERATORS = new Set(["*", "/", "%", "+", "-", ">", ">=", "<", "<=", "==", "!=", "&&", "||"]);

const operationOf = (node: SyntaxNode): Expression | undefined => {
  const place = { start: node.start, end: node.end };
  const nodes = node.children;
  if (node.type === "unary_operation") {
    const [operator, operand] = nodes;
    if (!operator || !operand) return undefined;
    const inner = fromTerms(nodes.slice(1), { start: operand.start, end: node.end });
    return { ...place, kind: "unary", operator: operator.text, operand: inner };
  }
  const at = nodes.findIndex((child) => !child.isNamed && OPERATORS.has(child.type));
  const [before, operator, after] = [nodes[at - 1], nodes[at], nodes[at + 1]];
  if (!before || !operator || !after) return undefined;
  const left = fromTerms(nodes.slice(0, at), { start: node.start, end: before.end });
  const right = fromTerms(nodes.slice(at + 1), { start: after.start, end: node.end });
  return { ...place, kind: "binary", operator: operator.type, left, right };
};

const forOf = (node: SyntaxNode): Expression | undefined => {
  const [intro] = node.ofType("for_intro");
  const [collection] = intro ? intro.ofType("expression") : [];
  const names = intro ? intro.ofType("identifier").map((name) => name.text) : [];
  const results = node.ofType("expression").map((result) => expressionOf(result));
  const [filter] = node.ofType("for_cond").flatMap((condition) => condition.ofType("expression"));
  const valueName = names.at(-1);
  const value = results.at(-1);
  if (!collection || valueName === undefined || !value) return undefined;
  return {
    start: node.start,
    end: node.end,
    kind: "for",
    keyName: names.length > 1 ? (names[0] ?? null) : null,
    valueName,
    collection: expressionOf(collection),
    key: results.length > 1 ? (results[0] ?? null) : null,
    value,
    condition: filter ? expressionOf(filter) : null,
    groups: node.ofType("ellipsis").length > 0,
  };
};

const stepsOrNone = (node: SyntaxNode): Step[] =>
  node.type === "get_attr" || node.type === "index" ? stepsOf(node) : [];

const stepsOf = (node: SyntaxNode): Step[] => {
  if (node.type === "get_attr") {
    const name = node.children.find(({ isNamed }) => isNamed);
    return name ? [{ attribute: name.text }] : [];
  }
  const [inner] = node.children;
  // The grammar puts what follows a splat into it.
  if (node.type !== "index")
    return [{ splat: true }, ...(inner ? inner.children.flatMap((step) => stepsOrNone(step)) : [])];
  if (!inner) return [];
  const [, index] = inner.type === "new_index" ? inner.children : [];
  if (index) return [{ index: expressionOf(index) }];
  const place = { start: inner.start, end: inner.end };
  return [{ index: { ...place, kind: "literal", value: Number(inner.text.slice(1)) } }];
};
