import { type Json, memberOf } from "../model/json.ts";
import { saidNames } from "./block-text.ts";
import { type BlockSchema, elementsOf } from "./schema.ts";

/** Blocks as objects that all have the same members, so that one `content` serves them all. */
export const sameShape = (values: readonly Json[], schema: BlockSchema): readonly Json[] => {
  const names = namesIn(values, schema);
  const inner = innerIn(values, schema);
  return values.map((value) =>
    Object.fromEntries([
      ...names.map((name) => [name, memberOf(value, name)] as const),
      ...inner.map(([name, block]) => {
        const all = values.flatMap((one) => elementsOf(memberOf(one, name)) as Json[]);
        const own = elementsOf(memberOf(value, name)) as Json[];
        const shaped = sameShape(all, block);
        return [name, own.map((one) => shaped[all.indexOf(one)] ?? null)] as const;
      }),
    ]),
  );
};

/** The lines inside of a dynamic block over such objects. */
export const dynamicLines = (
  name: string,
  values: readonly Json[],
  schema: BlockSchema,
  forEach: string,
): readonly string[] => {
  const names = namesIn(values, schema);
  const width = Math.max(0, ...names.map((one) => one.length));
  const inner = innerIn(values, schema).flatMap(([one, block]) => {
    const elements = values.flatMap((value) => elementsOf(memberOf(value, one)) as Json[]);
    const lines = dynamicLines(one, elements, block, `${name}.value.${one}`);
    return [`  dynamic "${one}" {`, ...lines.map((line) => `    ${line}`), "  }"];
  });
  return [
    ...`for_each = ${forEach}`.split("\n"),
    "content {",
    ...names.map((one) => `  ${one.padEnd(width)} = ${name}.value.${one}`),
    ...inner,
    "}",
  ];
};

const namesIn = (values: readonly Json[], schema: BlockSchema): readonly string[] => {
  const said = new Set(values.flatMap((value) => saidNames(value, schema)));
  return Object.keys(schema.attributes ?? {}).filter((name) => said.has(name));
};

const innerIn = (values: readonly Json[], schema: BlockSchema): readonly (readonly [string, BlockSchema])[] =>
  Object.entries(schema.block_types ?? {})
    .filter(([name]) => values.some((value) => elementsOf(memberOf(value, name)).length > 0))
    .map(([name, { block }]) => [name, block]);
