// Between an entry of the account file and a resource in the engine's state.
import type { Entry } from "./account.ts";
import { bodyType, type ResourceType } from "./schema.ts";
import { type CtyType, conform, isObj, type Obj, type Value } from "./values.ts";

export interface Kind {
  readonly name: string;
  readonly spec: ResourceType;
  readonly type: CtyType;
}

export const kindOf = (name: string, spec: ResourceType): Kind => ({ name, spec, type: bodyType(spec) });

export const attributeType = (kind: Kind, attribute: string): CtyType =>
  (kind.type[1] as { readonly [name: string]: CtyType })[attribute] ?? "string";

/**
 * The file's entry as the engine's state. `prior` supplies what the cloud does not give back.
 * @throws Error that names the attribute, where a person wrote a value of the wrong type.
 */
export const toState = (kind: Kind, id: string, entry: Entry, prior: Obj | null): Obj => {
  const state = conform({ ...entry, id }, kind.type) as Obj;
  fillBlocks(kind.spec, state);
  for (const [name, attribute] of Object.entries(kind.spec.attributes)) {
    if (attribute.local) state[name] = prior?.[name] ?? null;
    else if (attribute.derive) state[name] = attribute.derive(state);
    else if (attribute.tick) state[name] = attribute.tick(state);
    else if (state[name] === null && attribute.default !== undefined) state[name] = attribute.default;
  }
  return state;
};

/** A block is never null, only empty. */
export const fillBlocks = (spec: ResourceType, state: Obj): void => {
  for (const name of Object.keys(spec.blocks ?? {})) state[name] ??= [];
};

/** What goes into the file: no nulls, no empty blocks, nothing local or calculated, and no id, which is the key. */
export const toEntry = (kind: Kind, state: Obj): Entry => {
  const { attributes, blocks } = kind.spec;
  const kept = Object.entries(state).filter(([name, value]) => {
    const attribute = attributes[name];
    const emptyBlock = blocks?.[name] !== undefined && Array.isArray(value) && value.length === 0;
    return (
      name !== "id" &&
      value !== null &&
      !emptyBlock &&
      !(attribute?.local || attribute?.derive || attribute?.tick)
    );
  });
  return withoutNulls(Object.fromEntries(kept)) as Entry;
};

const withoutNulls = (value: Value): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObj(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
};

/** Attributes that a person misspelt in the console. */
export const strangeAttributes = (kind: Kind, entry: Entry): readonly string[] =>
  Object.keys(entry).filter((name) => !(name in kind.spec.attributes) && !(name in (kind.spec.blocks ?? {})));
