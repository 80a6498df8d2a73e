import type { RelationFacts, RoutineFacts, TypeFacts } from "./write-facts.ts";
import { namesIn, OBJECT_KINDS, type ObjectName, plain, readAddress } from "./write-names.ts";

/** One side of a change: address -> facts, with the names in it resolved. */
export interface Side {
  readonly objects: ReadonlyMap<string, unknown>;
  readonly names: ReadonlyMap<string, ObjectName>;
  /** `schema.name` -> its addresses: a table has a type of its name, functions share theirs. */
  readonly byName: ReadonlyMap<string, readonly string[]>;
}

export const sideOf = (objects: ReadonlyMap<string, unknown>): Side => {
  const schemas = new Set(
    [...objects.keys()].filter((each) => each.startsWith("schema ")).map((each) => each.slice(7)),
  );
  const names = new Map<string, ObjectName>();
  const byName = new Map<string, string[]>();
  for (const address of objects.keys()) {
    const name = readAddress(address, schemas);
    if (name === null) continue;
    names.set(address, name);
    if (name.schema === null) continue;
    const key = `${name.schema}.${name.name}`;
    const there = byName.get(key);
    if (there) there.push(address);
    else byName.set(key, [address]);
  }
  return { objects, names, byName };
};

/** Addresses of what an object cannot be made without. */
export const needsOf = (side: Side, address: string): ReadonlySet<string> => {
  const schema = side.names.get(address)?.schema ?? null;
  const { schema: home } = (side.objects.get(address) ?? {}) as { readonly schema?: unknown };
  const texts = textsOf(address, side.objects.get(address));
  const needs = texts.flatMap(namesIn).flatMap((name) => side.byName.get(name) ?? []);
  return new Set(
    [
      ...(schema === null ? [] : [`schema ${schema}`]),
      ...(address.startsWith("extension ") && typeof home === "string" ? [`schema ${home}`] : []),
      ...needs,
    ].filter((each) => each !== address && side.objects.has(each)),
  );
};

// Indexes, foreign keys, triggers, policies and owned sequences come after all objects are there.
const textsOf = (address: string, facts: unknown): readonly string[] => {
  if (/^(function|procedure) /.test(address)) return [routineText((facts as RoutineFacts).definition)];
  if (address.startsWith("type ")) {
    const { base, attributes, range_of, default: preset, constraints } = facts as TypeFacts;
    return [base, range_of, preset, ...(attributes ?? []), ...Object.values(constraints ?? {})].filter(
      isText,
    );
  }
  const { definition, columns, constraints, partition_by, parents } = facts as RelationFacts;
  if (definition !== undefined) return [definition];
  const made = Object.values(columns ?? {}).flatMap((each) => [each.type, each.default, each.generated]);
  const checks = Object.values(constraints ?? {}).filter((each) => !each.startsWith("FOREIGN KEY"));
  return [...made, ...checks, partition_by, ...(parents ?? [])].filter(isText);
};

const isText = (text: string | undefined): text is string => text !== undefined;

/** What the server reads of a routine when it is made: a body in quotes is read when it runs. */
export const routineText = (definition: string): string => {
  const body = definition.search(/\nAS (\$|'|E')/);
  return body === -1 ? definition : definition.slice(0, body);
};

/** Every address after what it needs; where a circle leaves no order, by kind. */
export const makingOrder = (side: Side): readonly string[] => {
  const left = new Set([...side.names.keys()].toSorted(byKind(side)));
  const order: string[] = [];
  const open = new Set<string>();
  const visit = (address: string): void => {
    if (!left.has(address) || open.has(address)) return;
    open.add(address);
    for (const need of [...needsOf(side, address)].toSorted(byKind(side))) visit(need);
    open.delete(address);
    left.delete(address);
    order.push(address);
  };
  for (const address of [...left]) visit(address);
  return order;
};

const byKind =
  ({ names }: Side) =>
  (a: string, b: string): number => {
    const rank = (address: string) => OBJECT_KINDS.indexOf(names.get(address)?.kind ?? "view");
    return rank(a) - rank(b) || (a < b ? -1 : 1);
  };

/** Addresses of the relations that a table's `parents` name; the server writes them as `app.orders`. */
export const parentsOf = (side: Side, { parents = [] }: RelationFacts): readonly string[] =>
  parents.flatMap((parent) => {
    const [name = plain(parent)] = namesIn(parent);
    return (side.byName.get(name) ?? []).filter((each) => /^(foreign )?table /.test(each));
  });
