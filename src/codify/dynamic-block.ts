import type { Edit } from "../hcl/edit.ts";
import type { Json } from "../model/json.ts";
import { isJsonObject } from "../model/json.ts";
import { blocksNamed, type Dynamic, openDynamic } from "./block-source.ts";
import type { PlacedBlock, Scope } from "./configuration.ts";
import { elementFor } from "./dynamic-element.ts";
import { evaluate } from "./evaluate.ts";
import { putBack } from "./put-back.ts";
import { refuse } from "./refusal.ts";
import type { BlockSchema } from "./schema.ts";
import { otherBranch, switchEdits } from "./switch.ts";
import { isKnown, isList, isObject, scalarText, type Value } from "./value.ts";

/** A dynamic block that makes no block now. */
export const emptyDynamic = (parent: PlacedBlock, name: string, scope: Scope): Dynamic | null => {
  const block = blocksNamed(parent, name).find(({ type }) => type === "dynamic");
  return block ? openDynamic({ file: parent.file, block, overrides: [] }, name, scope) : null;
};

/** A switch that turns a dynamic block on, turned. @throws Refusal where there is none. */
export const switchedOn = ({ collection, scope }: Dynamic): readonly Edit[] => {
  const other = otherBranch(collection, scope);
  if (!isKnown(other) || countOf(other) <= countOf(evaluate(collection, scope)))
    return refuse("the switch gives no block more");
  return switchEdits(collection, other, scope);
};

const countOf = (value: Value): number =>
  isList(value) ? value.length : isObject(value) ? Object.keys(value).length : 0;

/** One more element of what a dynamic block goes through, such that its content gives this block. */
export const addedToDynamic = (
  dynamic: Dynamic,
  name: string,
  schema: BlockSchema,
  value: Json,
): readonly Edit[] => {
  const element = elementFor(dynamic, schema, value);
  const current = evaluate(dynamic.collection, dynamic.scope);
  const item = element.whole ?? likeNeighbour(element.members, current);
  if (isList(current) && isKnown(current))
    return putBack(dynamic.collection, [], [...(current as Json[]), item], dynamic.scope);
  if (!isObject(current)) return refuse(`what dynamic "${name}" goes through is not known before a plan`);
  const key = element.key ?? freeKey(name, current, value);
  return putBack(dynamic.collection, [key], item, dynamic.scope);
};

/** Members in the order of an element that is there. */
const likeNeighbour = (members: { readonly [name: string]: Json }, current: Value): Json => {
  const first = isList(current) ? current[0] : isObject(current) ? Object.values(current)[0] : undefined;
  const order = isObject(first) ? Object.keys(first) : [];
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.fromEntries(Object.entries(members).sort(([one], [other]) => rank(one) - rank(other)));
};

const freeKey = (name: string, current: { readonly [key: string]: Value }, value: Json): string => {
  const member = (key: string): string | undefined => scalarText(isJsonObject(value) ? value[key] : null);
  const parts = [member("protocol"), member("from_port")].filter(Boolean).join("_");
  const wishes = [member("description"), member("name"), parts, `${name}_${Object.keys(current).length + 1}`];
  return (
    wishes.find((key) => key !== undefined && key !== "" && !(key in current)) ??
    refuse("no key is free for one more element")
  );
};
