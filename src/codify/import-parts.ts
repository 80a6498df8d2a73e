import type { Attribute, Block, SourceFile } from "../hcl/syntax.ts";
import { type Json, memberOf } from "../model/json.ts";
import { type AttributeSchema, type BlockSchema, blocksOfAttribute, isWritable, kindOf } from "./schema.ts";
import { secretIn } from "./secret-in.ts";
import { isEmpty, isKnown, isList, isObject, isSame, isZero, type Value } from "./value.ts";

/** What is known about one block that the engine generated. */
export interface DraftFacts {
  readonly type: string;
  readonly name: string;
  readonly address: string;
  readonly file: SourceFile;
  readonly block: Block;
  readonly schema: BlockSchema;
  readonly value: (attribute: Attribute) => Value;
  /** A reference that has this value, where exactly one place of the module is its source. */
  readonly reference: (name: string, value: Value) => string | null;
  readonly siblings: Siblings;
  /** What a new one gets that says only what it must; null where no plan told. */
  readonly defaults: Json;
  /** Live texts that a scanner takes for secrets. */
  readonly secrets: ReadonlySet<string>;
}

/** How the module's other resources of the type are written. */
export interface Siblings {
  /** Arguments and blocks that they write, in their order. */
  readonly written: readonly string[];
  /** Whether those that leave an argument out have this live value. */
  readonly leaveOut: (name: string, value: Value) => boolean;
}

/** How an argument is written at the moment. */
export type Form = "absent" | "reference" | "blocks" | "generated" | "full" | "live" | "without";

export interface Part {
  readonly name: string;
  readonly attribute: Attribute | null;
  readonly blocks: readonly Block[];
  readonly schema: AttributeSchema;
  readonly value: Value;
  /** Nothing of it may be written. */
  readonly secret: boolean;
  /** Keys of a map that may not be written. */
  readonly secretKeys: readonly string[];
  readonly forms: readonly Form[];
  at: number;
}

/** The arguments and blocks of a generated block, each with the ways to write it, in the order of the siblings. */
export const partsOf = (facts: DraftFacts): Part[] => {
  const { block, schema } = facts;
  const attributes = block.body.attributes.flatMap((attribute): Part[] => {
    const own = schema.attributes?.[attribute.name] ?? {};
    if (!isWritable(own) || (attribute.name === "id" && !own.required)) return [];
    const value = facts.value(attribute);
    const holds =
      own.sensitive === true || (isKnown(value) && secretIn(attribute.name, value, facts.secrets));
    const secretKeys = holds && own.sensitive !== true ? secretKeysOf(value, own, facts.secrets) : [];
    const secret = holds && secretKeys.length === 0;
    const forms: readonly Form[] = secret
      ? ["absent"]
      : secretKeys.length > 0
        ? ["without"]
        : formsOf(attribute.name, value, own, facts);
    const { name } = attribute;
    return [{ name, attribute, blocks: [], schema: own, value, secret, secretKeys, forms, at: 0 }];
  });
  const byType = Map.groupBy(block.body.blocks, ({ type }) => type);
  const blocks = [...byType].flatMap(([name, own]): Part[] => {
    const nested = schema.block_types?.[name];
    if (!nested) return [];
    const forms = ["generated", "full", "absent"] as const;
    const required = (nested.min_items ?? 0) > 0;
    const part = { name, attribute: null, schema: { required, computed: true }, value: null };
    return [{ ...part, secret: false, secretKeys: [], blocks: own, forms, at: 0 }];
  });
  return [...inOrder(attributes, facts.siblings.written), ...inOrder(blocks, facts.siblings.written)];
};

/** What the generated block says, as values, at any depth. */
export const generatedValues = ({ block, value }: Pick<DraftFacts, "block" | "value">): readonly Json[] => [
  ...block.body.attributes.map(value).filter(isKnown),
  ...block.body.blocks.flatMap((inner) => generatedValues({ block: inner, value })),
];

/** Of a map's members, those that may not be written; none where no other would be left. */
const secretKeysOf = (
  value: Value,
  schema: AttributeSchema,
  secrets: ReadonlySet<string>,
): readonly string[] => {
  if (kindOf(schema) !== "map" || !isObject(value)) return [];
  const keys = Object.keys(value).filter((key) => isKnown(value[key]) && secretIn(key, value[key], secrets));
  return keys.length < Object.keys(value).length ? keys : [];
};

const formsOf = (
  name: string,
  value: Value,
  schema: AttributeSchema,
  { reference, siblings, defaults }: DraftFacts,
): readonly Form[] => {
  const said: Form[] = [
    ...(reference(name, value) === null ? [] : (["reference"] as const)),
    ...(isBlocks(value, schema) ? (["blocks"] as const) : []),
    "generated",
    "live",
  ];
  if (schema.required) return said;
  // After what an engine finds invalid: left out for good.
  if (isEmpty(value)) return ["absent", "live", "absent"];
  const usual =
    isZero(value) ||
    USUAL.has(name) ||
    isSame(memberOf(defaults, name), value) ||
    (typeof value === "string" && /^default(?:$|[.:-])/.test(value)) ||
    siblings.leaveOut(name, value);
  return usual && !siblings.written.includes(name) ? ["absent", ...said, "absent"] : [...said, "absent"];
};

/** What the provider works out from others, or from its own configuration. */
const USUAL = new Set(["tags_all", "region", "project"]);

const isBlocks = (value: Value, schema: AttributeSchema): boolean =>
  isList(value) && isKnown(value) && blocksOfAttribute(schema) !== undefined;

const inOrder = (parts: readonly Part[], written: readonly string[]): readonly Part[] => {
  const rank = ({ name, schema }: Part): number => {
    const at = written.indexOf(name);
    if (at >= 0) return at;
    if (LAST.has(name)) return 1e6;
    return written.length + (FIRST.has(name) ? 0 : schema.required ? 1 : 2);
  };
  return parts.toSorted((one, other) => rank(one) - rank(other));
};

const FIRST = new Set(["name", "identifier", "bucket"]);
const LAST = new Set(["tags", "labels"]);
