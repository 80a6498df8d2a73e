import type { Block } from "../hcl/syntax.ts";
import { type Json, memberOf } from "../model/json.ts";
import { holdsSensitive } from "./nested-attribute.ts";
import { render } from "./render.ts";
import { type BlockSchema, elementsOf, isWritable } from "./schema.ts";
import { isEmpty } from "./value.ts";

/** The lines inside a new block, with the arguments in the order of a sibling where there is one, `=` aligned. */
export const blockLines = (value: Json, schema: BlockSchema, sibling?: Block): readonly string[] => {
  const order = sibling?.body.attributes.map(({ name }) => name) ?? [];
  const rank = (name: string): number => (order.indexOf(name) + order.length + 1) % (order.length + 1);
  const names = Object.keys(schema.attributes ?? {}).filter((name) => isSaid(value, name, schema, order));
  const sorted = order.length === 0 ? names : names.toSorted((one, other) => rank(one) - rank(other));
  const width = Math.max(0, ...sorted.map((name) => name.length));
  const lines = sorted.flatMap((name) =>
    `${name.padEnd(width)} = ${render(memberOf(value, name))}`.split("\n"),
  );
  const blocks = Object.entries(schema.block_types ?? {}).flatMap(([name, nested]) =>
    elementsOf(memberOf(value, name)).flatMap((inner) => [
      "",
      `${name} {`,
      ...blockLines(inner as Json, nested.block).map((line) => (line === "" ? "" : `  ${line}`)),
      "}",
    ]),
  );
  return lines.length === 0 && blocks[0] === "" ? blocks.slice(1) : [...lines, ...blocks];
};

/** The arguments that a block of this value must write. */
export const saidNames = (value: Json, schema: BlockSchema): readonly string[] =>
  Object.keys(schema.attributes ?? {}).filter((name) => isSaid(value, name, schema, []));

const isSaid = (value: Json, name: string, schema: BlockSchema, order: readonly string[]): boolean => {
  const attribute = schema.attributes?.[name] ?? {};
  const member = memberOf(value, name);
  if (!isWritable(attribute) || attribute.sensitive || holdsSensitive(member, attribute)) return false;
  if (attribute.required) return true;
  if (order.includes(name)) return member !== null && member !== "";
  return !isEmpty(member) && member !== false;
};
