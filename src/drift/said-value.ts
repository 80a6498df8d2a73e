import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { isNoise } from "../model/value-diff.ts";

/**
 * Whether the code's value is the live one, as far as a plan tells: constants are kept as written ("3" for a number
 * attribute means 3), and a set's elements in the order of the code, while the live ones are in the engine's order.
 */
export const isSaid = (said: Json, live: Json): boolean => {
  if (isNoise(said, live)) return true;
  if (Array.isArray(said) && Array.isArray(live))
    return said.length === live.length && areAllIn(said, live, isSaid);
  return !isContainer(said) && !isContainer(live) && String(said) === String(live);
};

/** Some of the live objects, and no other: blocks of an attribute beside `dynamic` ones, which plans leave out. */
export const isPartSaid = (said: Json, live: Json): boolean =>
  Array.isArray(said) &&
  Array.isArray(live) &&
  live.length > said.length &&
  said.every(isJsonObject) &&
  areAllIn(said, live, isSaid);

/** The value of an expression, undefined where only the engine can tell. */
type Value = (expression: JsonObject) => Json | undefined;

/**
 * Whether nested blocks, as a plan's configuration keeps them, say what is live: each its own element, in any order.
 * What a block leaves out is a default of the provider.
 */
export const areBlocksSaid = (blocks: Json, live: Json, value: Value): boolean => {
  const [said, elements] = [listOf(blocks), listOf(live)];
  return (
    said.length === elements.length && areAllIn(said, elements, (one, other) => isBlock(one, other, value))
  );
};

const isBlock = (block: Json, element: Json, value: Value): boolean =>
  isJsonObject(block) &&
  isJsonObject(element) &&
  Object.entries(block).every(([name, item]) => isMember(item, element[name] ?? null, value));

const isMember = (item: Json, live: Json, value: Value): boolean => {
  if (!isExpression(item)) return areBlocksSaid(item, live, value);
  const said = value(item);
  return said !== undefined && isSaid(said, live);
};

/** An expression of a plan's configuration; everything else there is a block or a list of blocks. */
export const isExpression = (value: Json | undefined): value is JsonObject =>
  isJsonObject(value) &&
  ("constant_value" in value || "references" in value || Object.keys(value).length === 0);

/** Each of `some` has an element of its own. */
const areAllIn = (
  some: readonly Json[],
  all: readonly Json[],
  isSame: (one: Json, other: Json) => boolean,
): boolean => {
  const left = [...all];
  return some.every((one) => {
    const index = left.findIndex((other) => isSame(one, other));
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
};

const listOf = (value: Json): readonly Json[] =>
  Array.isArray(value) ? value : value === null ? [] : [value];

const isContainer = (value: Json): boolean => typeof value === "object" && value !== null;
