import type { Attribute, Block, SourceFile } from "../hcl/syntax.ts";
import { type BlockSchema, isWritable } from "./schema.ts";
import { isEmpty, type Value } from "./value.ts";

/** One argument: its value's text, whose further lines are indented as they will stand. */
export interface Argument {
  readonly name: string;
  readonly text: string;
}

/** Arguments with their `=` aligned, run by run, as the engines' formatter does. */
export const alignedArguments = (args: readonly Argument[], indent: string): readonly string[] => {
  const lines: string[] = [];
  let run: Argument[] = [];
  const flush = (): void => {
    const width = Math.max(0, ...run.map(({ name }) => name.length));
    lines.push(...run.map(({ name, text }) => `${indent}${name.padEnd(width)} = ${text}`));
    run = [];
  };
  for (const one of args) {
    if (!one.text.includes("\n")) {
      run.push(one);
      continue;
    }
    flush();
    lines.push(...`${indent}${one.name} = ${one.text}`.split("\n"));
  }
  flush();
  return lines;
};

export interface GeneratedBlock {
  readonly file: SourceFile;
  readonly block: Block;
  readonly schema: BlockSchema;
  /** Dotted place of the block in its resource. */
  readonly path: string;
}

export interface BlockChoices {
  readonly value: (attribute: Attribute) => Value;
  /** Whether the argument at this dotted place must stay out. */
  readonly hidden: (path: string) => boolean;
  /** Empty values too. */
  readonly full: boolean;
  readonly secret: (name: string, value: Value) => boolean;
}

/** A nested block without what says nothing; no lines where nothing is left. */
export const nestedLines = (
  { file, block, schema, path }: GeneratedBlock,
  choices: BlockChoices,
  indent: string,
): readonly string[] => {
  const args = block.body.attributes
    .filter((attribute) => isKept(attribute, schema, `${path}.${attribute.name}`, choices))
    .map(({ name, value }) => ({
      name,
      text: reindented(file.text.slice(value.start, value.end), indent, block, file),
    }));
  const blocks = block.body.blocks.flatMap((inner) => {
    const nested = schema.block_types?.[inner.type];
    if (!nested) return [];
    const place = { file, block: inner, schema: nested.block, path: `${path}.${inner.type}` };
    const lines = nestedLines(place, choices, `${indent}  `);
    return lines.length === 0 ? [] : ["", ...lines];
  });
  const body = [...alignedArguments(args, `${indent}  `), ...blocks];
  if (body.length === 0) return [];
  return [`${indent}${block.type} {`, ...(body[0] === "" ? body.slice(1) : body), `${indent}}`];
};

const isKept = (attribute: Attribute, schema: BlockSchema, path: string, choices: BlockChoices): boolean => {
  const known = schema.attributes?.[attribute.name] ?? {};
  if (!isWritable(known) || known.sensitive || choices.hidden(path)) return false;
  const value = choices.value(attribute);
  if (choices.secret(attribute.name, value)) return false;
  if (known.required) return true;
  return choices.full ? value !== null : !isEmpty(value);
};

/** Generated blocks lie two columns deeper per level, and so do ours. */
const reindented = (text: string, indent: string, block: Block, file: SourceFile): string => {
  const start = file.text.lastIndexOf("\n", block.start) + 1;
  const was = file.text.slice(start, block.start).match(/^[ \t]*/)?.[0] ?? "";
  return was === indent ? text : text.replaceAll(`\n${was}`, `\n${indent}`);
};
