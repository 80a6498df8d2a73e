import { type Node, type ParseError, parseTree } from "jsonc-parser";
import { labelled, membersOf } from "./json-labels.ts";
import type { Attribute, Block, Body, Expression, ParseHcl, SourceFile } from "./syntax.ts";

/**
 * A `.tf.json` file as blocks and attributes, nested blocks that the language knows included; of `.tfvars.json`
 * attributes only. Blocks and attributes lie at their true places; what stands inside of a template lies at no true
 * place.
 */
export const jsonBlocks = (parse: ParseHcl, path: string, text: string): SourceFile => {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const problems = errors.slice(0, 1).map(({ offset, length }) => ({
    start: offset,
    end: offset + length,
    line: text.slice(0, offset).split("\n").length,
    column: 1,
    message: "This is no valid JSON.",
  }));
  return { path, text, body: bodyOf(parse, root, isVariables(path) ? {} : TOP), comments: [], problems };
};

const isVariables = (path: string): boolean => path.endsWith(".tfvars.json");

interface Level {
  readonly labels: number;
  readonly inside?: Readonly<Record<string, Level>>;
}

const DATA: Level = { labels: 2 };
const RESOURCE: Level = { labels: 2, inside: { provisioner: { labels: 1 } } };

const TOP: Readonly<Record<string, Level>> = {
  terraform: {
    labels: 0,
    inside: {
      required_providers: { labels: 0 },
      backend: { labels: 1 },
      cloud: { labels: 0 },
      provider_meta: { labels: 1 },
      encryption: { labels: 0 },
    },
  },
  resource: RESOURCE,
  data: DATA,
  ephemeral: DATA,
  action: DATA,
  check: { labels: 1, inside: { data: DATA } },
  provider: { labels: 1 },
  module: { labels: 1 },
  variable: { labels: 1 },
  output: { labels: 1 },
  locals: { labels: 0 },
};

const bodyOf = (
  parse: ParseHcl,
  node: Node | undefined,
  inside: Readonly<Record<string, Level>> | undefined,
): Body => {
  const attributes: Attribute[] = [];
  const blocks: Block[] = [];
  for (const { name, value, start, end } of membersOf(node)) {
    const level = inside !== undefined && Object.hasOwn(inside, name) ? inside[name] : undefined;
    if (level === undefined) attributes.push({ name, value: expressionOf(parse, value), start, end });
    else blocks.push(...blocksOf(parse, name, value, level));
  }
  return { attributes, blocks };
};

const blocksOf = (parse: ParseHcl, type: string, node: Node, { labels, inside }: Level): readonly Block[] =>
  labelled(node, labels).map(({ names, node: inner }) => ({
    type,
    labels: names,
    start: inner.offset,
    end: inner.offset + inner.length,
    open: inner.offset + 1,
    close: inner.offset + inner.length - 1,
    body: bodyOf(parse, inner, inside),
  }));

const expressionOf = (parse: ParseHcl, node: Node): Expression => {
  const place = { start: node.offset, end: node.offset + node.length };
  if (node.type === "object") {
    const elements = membersOf(node).map(({ name, value, start, end }) => ({
      start,
      end,
      key: { start, end, kind: "literal" as const, value: name },
      value: expressionOf(parse, value),
    }));
    return { ...place, kind: "object", elements };
  }
  if (node.type === "array")
    return {
      ...place,
      kind: "tuple",
      elements: (node.children ?? []).map((item) => expressionOf(parse, item)),
    };
  const value = (node.value ?? null) as string | number | boolean | null;
  return typeof value === "string" && /[$%]\{/.test(value)
    ? template(parse, value, place)
    : { ...place, kind: "literal", value };
};

/** Texts of JSON are templates. A heredoc takes them as they are, without another layer of escapes. */
const template = (
  parse: ParseHcl,
  text: string,
  place: { readonly start: number; readonly end: number },
): Expression => {
  const alone = /^\$\{([^{}]*)\}$/.exec(text)?.[1];
  const file = parse("", alone === undefined ? `x = <<JSON_TEXT\n${text}\nJSON_TEXT\n` : `x = ${alone}\n`);
  const value = file.body.attributes[0]?.value;
  if (!value || file.problems.length > 0) return { ...place, kind: "other", inner: [] };
  if (value.kind !== "template") return { ...value, ...place };
  const { heredoc: _heredoc, parts } = value;
  return { ...place, kind: "template", parts: withoutLastBreak(parts) };
};

const withoutLastBreak = (
  parts: Extract<Expression, { kind: "template" }>["parts"],
): Extract<Expression, { kind: "template" }>["parts"] => {
  const last = parts.at(-1);
  if (!last || !("text" in last)) return parts;
  return [...parts.slice(0, -1), { ...last, text: last.text.replace(/\n$/, "") }];
};
