import { isJsonObject, type Json } from "../model/json.ts";
import { isEmpty, isList, isObject, isZero, type Value } from "./value.ts";

/** A type as provider schemas write it: `"string"`, `["set", "string"]`, `["object", {...}]`. */
export type CtyType = string | readonly [string, CtyType | { readonly [name: string]: CtyType }];

export interface AttributeSchema {
  readonly type?: CtyType;
  readonly nested_type?: { readonly attributes?: Attributes; readonly nesting_mode?: string };
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  readonly write_only?: boolean;
}
export type Attributes = { readonly [name: string]: AttributeSchema };

export interface BlockSchema {
  readonly attributes?: Attributes;
  readonly block_types?: { readonly [name: string]: NestedSchema };
}

export interface NestedSchema {
  readonly nesting_mode: string;
  readonly block: BlockSchema;
  readonly max_items?: number;
  readonly min_items?: number;
}

/** The schema of a resource type in `providers schema -json`; undefined where it is not there. */
export const resourceSchema = (
  schemas: Json | null,
  provider: string,
  type: string,
): BlockSchema | undefined => {
  const found = [provider, "resource_schemas", type, "block"].reduce<Json | undefined>(
    (here, name) => (isJsonObject(here) ? here[name] : undefined),
    isJsonObject(schemas ?? undefined) ? (schemas as { [key: string]: Json })["provider_schemas"] : undefined,
  );
  return found as BlockSchema | undefined;
};

/** An attribute that holds objects may be written as blocks; this is how they look then. */
export const blocksOfAttribute = ({ type }: AttributeSchema): NestedSchema | undefined => {
  if (!Array.isArray(type)) return undefined;
  const [kind, element] = type as readonly [string, CtyType];
  if ((kind !== "set" && kind !== "list") || !Array.isArray(element) || element[0] !== "object")
    return undefined;
  const members = element[1] as { readonly [name: string]: CtyType };
  const attributes = Object.fromEntries(
    Object.entries(members).map(([name, member]) => [name, { type: member, optional: true }]),
  );
  return { nesting_mode: kind, block: { attributes } };
};

/** Whether the engine may write it at all. */
export const isWritable = ({ computed, optional, required }: AttributeSchema): boolean =>
  required === true || optional === true || computed !== true;

export const kindOf = ({ type, nested_type }: AttributeSchema): string =>
  nested_type ? (nested_type.nesting_mode ?? "") : Array.isArray(type) ? String(type[0]) : String(type ?? "");

/** A value in one spelling: nothing is null, sets are sorted. */
export const normalValue = (value: Value | undefined, type: CtyType | undefined): Value => {
  if (isEmpty(value) || value === undefined) return null;
  if (!Array.isArray(type)) return value;
  const [kind, inner] = type as readonly [string, CtyType];
  if (isList(value) && (kind === "set" || kind === "list")) {
    const items = value.map((item) => normalValue(item, inner));
    return kind === "set" ? sorted(items) : items;
  }
  if (!isObject(value)) return value;
  const members = kind === "object" ? (inner as unknown as { readonly [name: string]: CtyType }) : null;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      normalValue(member, members ? members[name] : inner),
    ]),
  );
};

const sorted = (items: readonly Value[]): readonly Value[] =>
  items
    .map<{ readonly item: Value; readonly text: string }>((item) => ({
      item,
      text: JSON.stringify(item) ?? "",
    }))
    .sort((one, other) => (one.text < other.text ? -1 : one.text > other.text ? 1 : 0))
    .map<Value>(({ item }) => item);

export const normalAttribute = (value: Value | undefined, { type, nested_type }: AttributeSchema): Value => {
  if (!nested_type) return normalValue(value, type);
  if (isEmpty(value) || value === undefined) return null;
  const { attributes = {}, nesting_mode } = nested_type;
  const one = (item: Value): Value => normalBlock(item, { attributes });
  if (isList(value)) return nesting_mode === "set" ? sorted(value.map<Value>(one)) : value.map<Value>(one);
  if (nesting_mode !== "map" || !isObject(value)) return one(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, one(item)]));
};

/** A nested block without what only the provider sets, and without what means nothing. */
export const normalBlock = (value: Value | undefined, schema: BlockSchema): Value => {
  if (!isObject(value)) return null;
  const attributes = Object.entries(schema.attributes ?? {}).map(([name, attribute]): [string, Value] => {
    const member = value[name];
    if (!isWritable(attribute)) return [name, null];
    return [name, !attribute.required && isZero(member) ? null : normalAttribute(member, attribute)];
  });
  const blocks = Object.entries(schema.block_types ?? {}).map(([name, nested]): [string, Value] => [
    name,
    normalBlocks(value[name], nested),
  ]);
  return Object.fromEntries([...attributes, ...blocks]);
};

export const normalBlocks = (value: Value | undefined, nested: NestedSchema): Value => {
  if (isEmpty(value) || value === undefined) return null;
  const items: readonly Value[] = elementsOf(value).map<Value>((item) => normalBlock(item, nested.block));
  return nested.nesting_mode === "set" ? sorted(items) : items;
};

/** Nested blocks as a list, whatever their nesting. */
export const elementsOf = (value: Value | undefined): readonly Value[] => {
  if (isEmpty(value) || value === undefined) return [];
  return isList(value) ? value : [value];
};
