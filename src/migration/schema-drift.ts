import type { Cause, Finding } from "../model/finding.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { SchemaStates } from "../model/migration.ts";
import { type Path, renderPath } from "../model/path.ts";

/** Every difference between the live schema and history or folder, one for each fact. */
export const schemaDrift = (states: SchemaStates): readonly Finding[] => {
  const addresses = new Set([...states.actual.keys(), ...states.recorded.keys(), ...states.desired.keys()]);
  return [...addresses].toSorted().flatMap((address) =>
    compare(address, [], states, {
      actual: states.actual.get(address),
      recorded: states.recorded.get(address),
      desired: states.desired.get(address),
    }),
  );
};

interface Three {
  readonly actual: Json | undefined;
  readonly recorded: Json | undefined;
  readonly desired: Json | undefined;
}

const compare = (address: string, path: Path, states: SchemaStates, three: Three): readonly Finding[] => {
  const { actual, recorded, desired } = three;
  if (same(actual, recorded) && same(actual, desired)) return [];
  if (isObject(actual) && isObject(recorded) && isObject(desired))
    return keysOf(three).flatMap((key) =>
      compare(address, [...path, key], states, {
        actual: partAt(actual, path, key),
        recorded: partAt(recorded, path, key),
        desired: partAt(desired, path, key),
      }),
    );
  return [
    {
      address,
      path: renderPath(path),
      cause: causeOf(three, states),
      recorded: recorded ?? null,
      actual: actual ?? null,
      desired: desired ?? null,
      sensitive: false,
    },
  ];
};

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const keysOf = ({ actual, recorded, desired }: Three): readonly string[] => [
  ...new Set([actual, recorded, desired].flatMap((value) => (isObject(value) ? Object.keys(value) : []))),
];

const at = (value: Json | undefined, key: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

// An object without triggers has none of them, rather than lacking the word.
const partAt = (value: JsonObject, path: Path, key: string): Json | undefined =>
  at(value, key) ?? (path.length === 0 && PARTS.has(key) ? {} : undefined);

const PARTS: ReadonlySet<string> = new Set([
  "columns",
  "constraints",
  "indexes",
  "triggers",
  "rules",
  "policies",
  "grants",
  "column_grants",
  "comments",
]);

const same = (a: Json | undefined, b: Json | undefined): boolean => {
  if (isObject(a) && isObject(b))
    return keysOf({ actual: a, recorded: b, desired: undefined }).every((key) =>
      same(at(a, key), at(b, key)),
    );
  return JSON.stringify(a) === JSON.stringify(b);
};

const causeOf = ({ actual, recorded, desired }: Three, { changedRepeatable }: SchemaStates): Cause => {
  if (same(actual, recorded)) return "unapplied";
  // The history has it, or would have, had we the repeatable's text of that day.
  if (changedRepeatable && !same(recorded, desired) && !same(actual, desired)) return "unapplied";
  if (actual === undefined) return "vanished";
  return recorded === undefined && desired === undefined ? "unmanaged" : "console";
};
