import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { valueAt } from "../model/value-diff.ts";

/** What only the providers' schemas tell. Undefined where a type or path is not in them. */
export interface SchemaFacts {
  /** The provider alone sets it: no code could, so nobody's console change shows there by itself. */
  isComputedOnly(type: string, path: Path): boolean | undefined;
  isSet(type: string, path: Path): boolean | undefined;
}

/** Reads `providers schema -json`. It is large for big clouds: ask for it only when a finding hangs on it. */
export const readProviderSchema = (document: Json): SchemaFacts => {
  const blocks = new Map<string, JsonObject>();
  for (const provider of members(valueAt(document, ["provider_schemas"]))) {
    for (const [type, schema] of Object.entries(objectOf(provider["resource_schemas"]))) {
      const block = valueAt(schema, ["block"]);
      if (isJsonObject(block)) blocks.set(type, block);
    }
  }
  const find = (type: string, path: Path): Found | undefined => {
    const block = blocks.get(type);
    return block && within(block, path);
  };
  return {
    isComputedOnly: (type, path) => find(type, path)?.computedOnly,
    isSet: (type, path) => find(type, path)?.set,
  };
};

interface Found {
  readonly computedOnly: boolean;
  readonly set: boolean;
}

/** Walks blocks and nested attributes; within a plain attribute its own answer holds for everything below. */
const within = (block: JsonObject, path: Path): Found | undefined => {
  const [name, ...rest] = path.filter((step) => typeof step === "string");
  if (name === undefined) return undefined;
  const attribute = objectOf(block["attributes"])[name];
  if (isJsonObject(attribute)) return inAttribute(attribute, rest, path);
  const nested = objectOf(block["block_types"])[name];
  if (!isJsonObject(nested)) return undefined;
  const inner = objectOf(nested["block"]);
  return rest.length > 0
    ? within(inner, rest)
    : { computedOnly: false, set: nested["nesting_mode"] === "set" };
};

const inAttribute = (attribute: JsonObject, rest: readonly (string | number)[], path: Path): Found => {
  const computedOnly =
    attribute["computed"] === true && attribute["optional"] !== true && attribute["required"] !== true;
  const nested = objectOf(attribute["nested_type"]);
  const inner = !computedOnly && rest.length > 0 ? within(nested, rest) : undefined;
  if (inner) return inner;
  const isHere = rest.length === 0 && typeof path.at(-1) === "string";
  return { computedOnly, set: isHere && isSetType(attribute["type"], nested) };
};

const isSetType = (type: Json | undefined, nested: JsonObject): boolean =>
  (Array.isArray(type) && type[0] === "set") || nested["nesting_mode"] === "set";

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
const members = (value: Json | undefined): readonly JsonObject[] =>
  Object.values(objectOf(value)).filter((one) => isJsonObject(one));
