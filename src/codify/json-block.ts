import type { Edit } from "../hcl/edit.ts";
import type { Attribute, Block, Expression, SourceFile } from "../hcl/syntax.ts";
import { literalKey } from "../hcl/walk.ts";
import type { Json } from "../model/json.ts";
import { saidNames } from "./block-text.ts";
import { indentAt, inNewlines } from "./lines.ts";
import { DELETE } from "./put.ts";
import { asTemplates, isJsonFile, setInJson } from "./put-json.ts";
import { styleOf } from "./put-json-file.ts";
import { refuse } from "./refusal.ts";
import { type BlockSchema, elementsOf, type NestedSchema } from "./schema.ts";
import { isObject } from "./value.ts";

/** In JSON syntax the members that stand for nested blocks of a type, as blocks: written out, or under `dynamic`. */
export const jsonBlocks = (file: SourceFile, { body }: Block, name: string): readonly Block[] => {
  if (!isJsonFile(file)) return [];
  const written = expressionAt(body.attributes, name);
  const dynamic = objectsIn(expressionAt(body.attributes, "dynamic")).flatMap(({ elements }) =>
    elements.filter(({ key }) => literalKey(key) === name).map(({ value }) => value),
  );
  return [
    ...objectsIn(written).map((object) => blockOf(object, name, [])),
    ...dynamic.flatMap(objectsIn).map((object) => blockOf(object, "dynamic", [name])),
  ];
};

type JsonObjectNode = Expression & { readonly kind: "object" };

const expressionAt = (attributes: readonly Attribute[], name: string): Expression | undefined =>
  attributes.find((one) => one.name === name)?.value;

const objectsIn = (value: Expression | undefined): readonly JsonObjectNode[] => {
  if (value?.kind === "object") return [value];
  return value?.kind === "tuple" ? value.elements.flatMap(objectsIn) : [];
};

const blockOf = (
  { start, end, elements }: JsonObjectNode,
  type: string,
  labels: readonly string[],
): Block => {
  const attributes = elements.map((one) => ({ ...one, name: literalKey(one.key) ?? "" }));
  const content = type === "dynamic" ? expressionAt(attributes, "content") : undefined;
  const blocks = content?.kind === "object" ? [blockOf(content, "content", [])] : [];
  return { type, labels, start, end, open: start + 1, close: end - 1, body: { attributes, blocks } };
};

/** Takes a nested block out, and the list that it leaves empty. */
export const deleteJsonBlock = (file: SourceFile, { body }: Block, name: string, block: Block) => {
  const value = expressionAt(body.attributes, name);
  const alone = value?.kind === "tuple" && value.elements.length === 1;
  return setInJson(file, alone ? value.start : block.start, [], DELETE);
};

/** One more nested block, after `before`; the first one stands alone, the second makes a list of both. */
export const insertJsonBlock = (
  file: SourceFile,
  parent: Block,
  { name, before, nested, value }: { name: string; before: Block | null; nested: NestedSchema; value: Json },
): readonly Edit[] => {
  const written = expressionAt(parent.body.attributes, name);
  const made = blockJson(value, nested.block);
  if (!written) return setInJson(file, parent.start, [name], made);
  const { insertSpaces, tabSize } = styleOf(file.text);
  const indent = indentAt(file.text, (before ?? written).start);
  const unit = file.text.includes("\n") ? (insertSpaces ? tabSize : "\t") : 0;
  const text = JSON.stringify(asTemplates(made), null, unit).replaceAll("\n", `\n${indent}`);
  const at = (place: number, added: string): Edit => ({
    file,
    start: place,
    end: place,
    text: inNewlines(added, file.text),
  });
  if (written.kind === "object") {
    const [open, close] = before ? ["[", `, ${text}]`] : [`[${text}, `, "]"];
    return [at(written.start, open), at(written.end, close)];
  }
  if (written.kind !== "tuple") return refuse(`${name} is computed, so no block is written beside it`);
  const [first] = written.elements;
  if (!first) return setInJson(file, written.start, [], [made]);
  const isLines = file.text.slice(written.start, first.start).includes("\n");
  const gap = isLines ? `\n${indentAt(file.text, first.start)}` : " ";
  return before ? [at(before.end, `,${gap}${text}`)] : [at(first.start, `${text},${gap}`)];
};

const blockJson = (value: Json, schema: BlockSchema): Json => {
  const member = (name: string): Json => (isObject(value) ? ((value[name] ?? null) as Json) : null);
  const attributes = saidNames(value, schema).map((name) => [name, member(name)] as const);
  const blocks = Object.entries(schema.block_types ?? {}).flatMap(([name, { block }]) => {
    const inner = elementsOf(member(name)).map((one) => blockJson(one as Json, block));
    return inner.length === 0 ? [] : [[name, inner.length === 1 ? (inner[0] ?? null) : inner] as const];
  });
  return Object.fromEntries([...attributes, ...blocks]);
};
