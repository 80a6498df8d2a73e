// How a resource type of the demo cloud is described, and what the engine gets to see of that.
import { randomBytes } from "node:crypto";
import type { Account } from "./account.ts";
import type { CtyType, Obj, Value } from "./values.ts";

export interface Attribute {
  readonly type: CtyType;
  readonly required?: true;
  /** Neither required nor computed: null when the configuration leaves it out. */
  readonly optional?: true;
  /**
   * The cloud may choose it. With `optional`, an edit in the console is adopted when the configuration is silent:
   * the plan shows a no-op.
   */
  readonly computed?: true;
  readonly sensitive?: true;
  /** Used when the configuration is silent, so an edit in the console is planned back. */
  readonly default?: Value;
  /** Value given at creation for a computed attribute. */
  readonly create?: (resource: Obj, account: Account) => Value;
  /** Always calculated from the others, in the plan too, never stored (tags_all). */
  readonly derive?: (resource: Obj) => Value;
  /** Calculated afresh at every read, never stored; a plan keeps what was read (latest_restorable_time). */
  readonly tick?: (resource: Obj) => Value;
  /** A change needs a new resource. */
  readonly replace?: true | ((before: Value, after: Value) => boolean);
  /** The members of the objects that `type` tells, as providers of the newer kind describe them. */
  readonly nested?: { readonly nesting: Nesting; readonly attributes: Attributes };
  /** Only the engine's state knows it (password, skip_final_snapshot): never read back from the cloud. */
  readonly local?: true;
}

export type Nesting = "single" | "list" | "set" | "map";

export interface Block {
  readonly nesting: "list" | "set";
  readonly max?: number;
  readonly attributes: Attributes;
  readonly blocks?: Blocks;
}
export type Attributes = { readonly [name: string]: Attribute };
export type Blocks = { readonly [name: string]: Block };
export interface Body {
  readonly attributes: Attributes;
  readonly blocks?: Blocks;
}

export interface ResourceType extends Body {
  /** The id of a new one; also its key in the account file. */
  readonly id: (resource: Obj) => string;
  /** Why the cloud refuses to delete it, if it does. */
  readonly refuseDelete?: (resource: Obj) => string | undefined;
  /** What is wrong with a configuration: attribute name -> message. Unknown values arrive as such. */
  readonly check?: (config: Obj) => { readonly [attribute: string]: string };
}

export const S = "string";
export const N = "number";
export const B = "bool";
export const STRINGS: CtyType = ["list", S];
export const STRING_SET: CtyType = ["set", S];
export const STRING_MAP: CtyType = ["map", S];

type More = Partial<Attribute>;
export const required = (type: CtyType, more: More = {}): Attribute => ({ type, required: true, ...more });
export const optional = (type: CtyType, more: More = {}): Attribute => ({ type, optional: true, ...more });
export const withDefault = (type: CtyType, value: Value, more: More = {}): Attribute => ({
  type,
  optional: true,
  computed: true,
  default: value,
  ...more,
});
/** Optional, and chosen by the cloud where the configuration is silent. */
export const chosen = (
  type: CtyType,
  create: NonNullable<Attribute["create"]>,
  more: More = {},
): Attribute => ({ type, optional: true, computed: true, create, ...more });
export const computed = (type: CtyType, create: NonNullable<Attribute["create"]>): Attribute => ({
  type,
  computed: true,
  create,
});

/** `x = { ... }`, a list, a set or a map of such. */
export const nested = (nesting: Nesting, attributes: Attributes): Attribute => {
  const one = bodyType({ attributes });
  return {
    type: nesting === "single" ? one : [nesting, one],
    optional: true,
    nested: { nesting, attributes },
  };
};

export const ID: Attribute = { type: S, computed: true };
export const TAGS: Attributes = {
  tags: optional(STRING_MAP),
  tags_all: { type: STRING_MAP, computed: true, derive: (resource) => resource["tags"] ?? {} },
};

export const hex = (digits: number): string => randomBytes(digits).toString("hex").slice(0, digits);

/** For sizes that can grow in place, while a smaller one needs a new resource. */
export const shrinks = (before: Value, after: Value): boolean =>
  typeof before === "number" && typeof after === "number" && after < before;

export const bodyType = (body: Body): CtyType => [
  "object",
  {
    ...Object.fromEntries(Object.entries(body.attributes).map(([name, attribute]) => [name, attribute.type])),
    ...Object.fromEntries(
      Object.entries(body.blocks ?? {}).map(([name, block]) => [
        name,
        [block.nesting, bodyType(block)] as const satisfies CtyType,
      ]),
    ),
  },
];

const schemaAttributes = (attributes: Attributes): readonly object[] =>
  Object.entries(attributes).map(([name, attribute]) => ({
    name,
    // The protocol has one of the two.
    ...(attribute.nested
      ? {
          nested_type: {
            attributes: schemaAttributes(attribute.nested.attributes),
            nesting: attribute.nested.nesting.toUpperCase(),
          },
        }
      : { type: Buffer.from(JSON.stringify(attribute.type)) }),
    required: attribute.required === true,
    optional: attribute.optional === true,
    computed: attribute.computed === true,
    sensitive: attribute.sensitive === true,
  }));

/** The protocol's Schema.Block message. */
export const schemaBlock = (body: Body): object => ({
  version: 0,
  attributes: schemaAttributes(body.attributes),
  block_types: Object.entries(body.blocks ?? {}).map(([name, block]) => ({
    type_name: name,
    block: schemaBlock(block),
    nesting: block.nesting === "list" ? "LIST" : "SET",
    min_items: 0,
    max_items: block.max ?? 0,
  })),
});
