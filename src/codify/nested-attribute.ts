import { isJsonObject, type Json, type JsonObject, memberOf } from "../model/json.ts";
import { type AttributeSchema, type Attributes, isWritable } from "./schema.ts";
import { isList, isObject, type Value } from "./value.ts";

/**
 * An attribute of nested attributes as code may say it: without what only the provider sets, and without members that
 * are null or that the provider chooses where the code (`written`) leaves them out.
 */
export const sayable = (want: Json, { nested_type }: AttributeSchema, written: Value | undefined): Json => {
  if (!nested_type?.attributes) return want;
  const { attributes, nesting_mode } = nested_type;
  const codes = objectsOf(written, nesting_mode);
  const one = (value: Json): Json => members(value, attributes, codes);
  if (nesting_mode === "single") return one(want);
  if (Array.isArray(want)) return want.map(one);
  if (!isObject(want)) return want;
  // An entry that is gone is told member by member.
  const isGone = (key: string, value: Value): boolean =>
    isNothing(value) && isObject(written) && !isNothing(written[key] ?? {});
  const entries = Object.entries(want).filter(([key, value]) => !isGone(key, value));
  return Object.fromEntries(entries.map(([key, value]) => [key, one(value as Json)]));
};

const isNothing = (value: Value): boolean =>
  value === null || (isObject(value) && Object.values(value).every(isNothing));

const objectsOf = (value: Value | undefined, nesting: string | undefined): readonly Value[] => {
  if (value === undefined) return [];
  if (nesting === "single") return [value];
  if (isList(value)) return value;
  return isObject(value) ? Object.values(value) : [];
};

const members = (value: Json, attributes: Attributes, codes: readonly Value[]): Json => {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, schema]): (readonly [string, Json])[] => {
      const member = (value[name] ?? null) as Json;
      const said = codes.filter((code) => isObject(code) && Object.hasOwn(code, name));
      const inner = said.map((code) => (isObject(code) ? (code[name] ?? null) : null));
      const isSilent =
        member === null ? !inner.includes(null) : schema.computed === true && said.length === 0;
      if (!isWritable(schema) || isSilent) return [];
      return [[name, inner.reduce<Json>((left, code) => sayable(left, schema, code), member)]];
    }),
  );
};

/**
 * What the schema says of members with a value, in the form of a plan's marks, for those attributes that have nested
 * ones. `states`: the same resource as recorded, live and as the code has it.
 */
export const schemaMarks = (states: readonly Json[], attributes: Attributes = {}): Json =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, schema]): (readonly [string, Json])[] => {
      const mark = marksOf(
        states.map((state) => memberOf(state, name)),
        schema,
      );
      return mark === false ? [] : [[name, mark]];
    }),
  );

/** False where nothing with a value is sensitive. */
const marksOf = (states: readonly Json[], { nested_type }: AttributeSchema): Json => {
  if (!nested_type?.attributes || !states.some((state) => holdsSensitive(state, { nested_type })))
    return false;
  const { attributes, nesting_mode } = nested_type;
  if (nesting_mode === "list") {
    const lists = states.map((state) => (Array.isArray(state) ? state : []));
    const longest = Math.max(...lists.map(({ length }) => length));
    return Array.from({ length: longest }, (_, index) =>
      memberMarks(
        lists.map((list) => list[index] ?? null),
        attributes,
      ),
    );
  }
  if (nesting_mode === "single") return memberMarks(states, attributes);
  // In a set nobody knows which element is which.
  if (nesting_mode !== "map") return true;
  const keys = new Set(states.flatMap((state) => (isJsonObject(state) ? Object.keys(state) : [])));
  return Object.fromEntries(
    [...keys].map((key) => [
      key,
      memberMarks(
        states.map((state) => memberOf(state, key)),
        attributes,
      ),
    ]),
  );
};

const memberMarks = (states: readonly Json[], attributes: Attributes): Json => ({
  ...(schemaMarks(states, attributes) as JsonObject),
  ...Object.fromEntries(
    Object.entries(attributes)
      .filter(([name, { sensitive }]) => sensitive && states.some((state) => memberOf(state, name) !== null))
      .map(([name]) => [name, true]),
  ),
});

/** Whether a member with a value is one that the schema calls sensitive. */
export const holdsSensitive = (value: Json, { nested_type }: AttributeSchema): boolean => {
  if (value === null || !nested_type?.attributes) return false;
  if (Array.isArray(value)) return value.some((item) => holdsSensitive(item, { nested_type }));
  if (!isObject(value)) return false;
  const { attributes, nesting_mode } = nested_type;
  if (nesting_mode === "map")
    return Object.values(value).some((item) =>
      holdsSensitive(item as Json, { nested_type: { attributes, nesting_mode: "single" } }),
    );
  return Object.entries(attributes).some(([name, schema]) => {
    const member = (value[name] ?? null) as Json;
    return member !== null && (schema.sensitive === true || holdsSensitive(member, schema));
  });
};
