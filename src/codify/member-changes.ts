import type { Edit } from "../hcl/edit.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { parsePath, renderPath } from "../model/path.ts";
import { attributeChange } from "./attribute-change.ts";
import type { Change, InstanceWish, Way } from "./facts.ts";
import { attempt } from "./refusal.ts";
import { type AttributeSchema, normalAttribute } from "./schema.ts";
import type { AttributeSite } from "./site.ts";
import { isSame, meansSame } from "./value.ts";

/**
 * One attribute that the code must give another value: a map or an object as one change per member where that comes
 * to the same text, so that a member whose source is shared does not take the others with it. `planned`: what the
 * plan says that the code gives now.
 */
export const attributeChanges = (
  site: AttributeSite,
  name: string,
  schema: AttributeSchema,
  wanted: Json,
  planned: Json,
): readonly Change[] => {
  const whole = attributeChange(site, name, schema, wanted, planned);
  if (!isJsonObject(wanted) || !isJsonObject(planned)) return [whole];
  const groups = memberGroups(site, wanted, planned);
  if (groups.length < 2) return [whole];
  const member: Member = { site, name, schema, wanted, planned, whole };
  const parts = groups.map((keys) => memberChange(member, keys));
  return isTogether(whole, parts) ? parts : [whole];
};

interface Member {
  readonly site: AttributeSite;
  readonly name: string;
  readonly schema: AttributeSchema;
  readonly wanted: JsonObject;
  readonly planned: JsonObject;
  readonly whole: Change;
}

/** Each changed member for itself; those that come and go together. None where a finding speaks of the whole. */
const memberGroups = (
  { settles }: AttributeSite,
  wanted: JsonObject,
  planned: JsonObject,
): readonly (readonly string[])[] => {
  const keys = settles.map((path) => parsePath(path)?.[1]);
  const names = [...new Set(keys)].filter((key) => typeof key === "string");
  const differs = (key: string): boolean => !isSame(wanted[key] ?? null, planned[key] ?? null);
  if (keys.some((key) => typeof key !== "string") || !names.every(differs)) return [];
  const stays = (key: string): boolean => (wanted[key] ?? null) !== null && (planned[key] ?? null) !== null;
  const moving = names.filter((key) => !stays(key));
  return [...names.filter(stays).map((key) => [key]), ...(moving.length > 0 ? [moving] : [])];
};

const memberChange = (member: Member, keys: readonly string[]): Change => {
  const { site, name, schema, wanted, whole } = member;
  const [first = ""] = keys;
  return {
    ...whole,
    path: keys.length === 1 ? `${site.prefix}${renderPath([name, first])}` : whole.path,
    members: keys,
    ways: whole.ways.map((way, index) => memberWay(member, keys, way, index)),
    reached: (planned) =>
      meansSame(
        normalAttribute(only(planned ?? null, keys), schema),
        normalAttribute(only(wanted, keys), schema),
      ),
    settles: whole.settles.filter((path) => keys.includes(String(parsePath(path)?.[1]))),
  };
};

/** Along references each member goes alone; in place of them all that go there go together; else the whole is said. */
const memberWay = (member: Member, keys: readonly string[], way: Way, index: number): Way => {
  const alone = (own: readonly string[]): readonly Edit[] | InstanceWish =>
    waysWith(member, own)[index]?.edits() ?? [];
  if (index === 0) return { name: way.name, edits: () => alone(keys) };
  if (way.name !== "source" && way.name !== "here") return way;
  const { site, name } = member;
  return {
    name: way.name,
    edits: (): InstanceWish => ({
      key: keys.join(" "),
      value: [...keys],
      place: `members:${site.address}:${site.prefix}${name}:${index}`,
      join: (wishes) => {
        const made = alone(wishes.flatMap(({ value }) => value as string[]));
        return "place" in made ? [] : made;
      },
    }),
  };
};

/** The ways of a change in which only these members change. */
const waysWith = ({ site, name, schema, wanted, planned }: Member, keys: readonly string[]): readonly Way[] =>
  attributeChange(site, name, schema, { ...planned, ...only(wanted, keys) }, planned).ways;

const only = (value: Json, keys: readonly string[]): JsonObject =>
  Object.fromEntries(keys.map((key) => [key, isJsonObject(value) ? (value[key] ?? null) : null]));

/** Whether the members' edits at their sources are those of the whole, no more and no less. */
const isTogether = (whole: Change, parts: readonly Change[]): boolean => {
  const tried = attempt(() => ({ whole: textsOf(whole), parts: parts.flatMap(textsOf) }));
  if ("reason" in tried) return false;
  const { whole: one, parts: many } = tried.value;
  return one.length === many.length && new Set([...one, ...many]).size === new Set(one).size;
};

const textsOf = ({ ways }: Change): readonly string[] => {
  const made = ways[0]?.edits() ?? [];
  return "place" in made
    ? []
    : made.map(({ file, start, end, text }) => `${file.path}:${start}:${end}:${text}`);
};
