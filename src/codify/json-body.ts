import { type Node, parseTree } from "jsonc-parser";
import { labelled } from "../hcl/json-labels.ts";
import type { Attribute, Block, Body, Expression, ParseHcl, SourceFile } from "../hcl/syntax.ts";

/**
 * A `.tf.json` file as HCL would have it: blocks by the levels of labels that each type has, values as expressions at
 * their true positions. Nested blocks and arguments look alike in JSON, so both are attributes.
 */
export const parseJsonModule = (parse: ParseHcl, path: string, text: string): SourceFile => {
  const root = parseTree(text);
  const body: Body = {
    attributes: [],
    blocks:
      root?.type === "object"
        ? (root.children?.flatMap((member) => blocksOf(parse, text, member)) ?? [])
        : [],
  };
  return { path, text, body, comments: [], problems: [] };
};

/** How many labels a type of block has. */
const LABELS: Readonly<Record<string, number>> = {
  resource: 2,
  data: 2,
  module: 1,
  variable: 1,
  output: 1,
  provider: 1,
  locals: 0,
  terraform: 0,
  check: 1,
  ephemeral: 2,
  action: 2,
  import: 0,
  moved: 0,
  removed: 0,
};

const blocksOf = (parse: ParseHcl, text: string, member: Node): readonly Block[] => {
  const [key, value] = member.children ?? [];
  const labels = LABELS[String(key?.value)];
  if (!value || labels === undefined) return [];
  return labelled(value, labels).map(({ names, node }) => ({
    type: String(key?.value),
    labels: names,
    start: node.offset,
    end: node.offset + node.length,
    open: node.offset + 1,
    close: node.offset + node.length - 1,
    body: { attributes: attributesOf(parse, text, node), blocks: [] },
  }));
};

const attributesOf = (parse: ParseHcl, text: string, node: Node): readonly Attribute[] =>
  (node.children ?? []).flatMap(({ children: [key, value] = [], offset, length }) =>
    value
      ? [
          {
            name: String(key?.value),
            value: expressionOf(parse, text, value),
            start: offset,
            end: offset + length,
          },
        ]
      : [],
  );

const expressionOf = (parse: ParseHcl, text: string, node: Node): Expression => {
  const place = { start: node.offset, end: node.offset + node.length };
  switch (node.type) {
    case "object":
      return {
        ...place,
        kind: "object",
        elements: (node.children ?? []).flatMap(({ children: [key, value] = [], offset, length }) =>
          key && value
            ? [
                {
                  start: offset,
                  end: offset + length,
                  key: {
                    start: key.offset,
                    end: key.offset + key.length,
                    kind: "literal" as const,
                    value: String(key.value),
                  },
                  value: expressionOf(parse, text, value),
                },
              ]
            : [],
        ),
      };
    case "array":
      return {
        ...place,
        kind: "tuple",
        elements: (node.children ?? []).map((item) => expressionOf(parse, text, item)),
      };
    case "string":
      return textExpression(parse, text, node);
    default:
      return { ...place, kind: "literal", value: (node.value ?? null) as string | number | boolean | null };
  }
};

/** A text of JSON is a template; one with escapes beside interpolations is left alone. */
const textExpression = (parse: ParseHcl, text: string, node: Node): Expression => {
  const place = { start: node.offset, end: node.offset + node.length };
  const raw = text.slice(place.start, place.end);
  if (!/[$%]\{/.test(raw)) return { ...place, kind: "literal", value: String(node.value) };
  if (raw.includes("\\")) return { ...place, kind: "other", inner: [] };
  const lead = " ".repeat(Math.max(0, place.start - 4));
  const parsed = parse("", `${lead}x = ${raw}\n`);
  const value = parsed.body.attributes[0]?.value;
  return value && place.start >= 4 && parsed.problems.length === 0
    ? value
    : { ...place, kind: "other", inner: [] };
};

/** Where a position lies in the document, as a path of names and places. */
export const pathAt = (text: string, offset: number): readonly (string | number)[] | undefined => {
  const root = parseTree(text);
  return root && findPath(root, offset);
};

const findPath = (node: Node, offset: number): readonly (string | number)[] | undefined => {
  if (node.offset === offset && node.type !== "property") return [];
  for (const [index, child] of (node.children ?? []).entries()) {
    if (offset < child.offset || offset >= child.offset + child.length) continue;
    const value = node.type === "object" ? child.children?.[1] : child;
    const rest = value && findPath(value, offset);
    if (rest) return [node.type === "object" ? String(child.children?.[0]?.value) : index, ...rest];
  }
  return undefined;
};
