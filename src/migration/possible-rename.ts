import type { SchemaSnapshot } from "../model/migration.ts";
import type { PossibleRename } from "../model/migration-proposal.ts";
import { type ColumnFacts, entriesOf, pairsOf, type RelationFacts } from "./write-facts.ts";
import { identifier, sqlName } from "./write-names.ts";

/** Columns and tables that go while others of their kind come: renames, perhaps. */
export const possibleRenames = (from: SchemaSnapshot, to: SchemaSnapshot): readonly PossibleRename[] => {
  const tables = [...pairsOf(from, to).pairs.values()].filter(({ address }) => address.startsWith("table "));
  const columns = tables.flatMap(({ address, name, from: before, to: after }) =>
    before === null || after === null
      ? []
      : renamedColumns(before as RelationFacts, after as RelationFacts).map(([old, fresh]) => ({
          address,
          from: old,
          to: fresh,
          sql: `ALTER TABLE ${sqlName(name)} RENAME COLUMN ${identifier(old)} TO ${identifier(fresh)};`,
        })),
  );
  const gone = tables.filter(({ to: after }) => after === null);
  const fresh = tables.filter(({ from: before }) => before === null);
  const renamed = gone.flatMap((old) =>
    fresh
      .filter((other) => old.name.schema === other.name.schema && areAlike(old.from, other.to))
      .map((other) => ({
        address: old.address,
        from: old.name.name,
        to: other.name.name,
        sql: `ALTER TABLE ${sqlName(old.name)} RENAME TO ${identifier(other.name.name)};`,
      })),
  );
  return [...columns, ...renamed];
};

const renamedColumns = (
  before: RelationFacts,
  after: RelationFacts,
): readonly (readonly [string, string])[] => {
  const entries = entriesOf<ColumnFacts>(before.columns, after.columns);
  const gone = entries.filter(([, , now]) => now === undefined);
  const fresh = entries.filter(([, was]) => was === undefined);
  return gone.flatMap(([old, was]) =>
    fresh.filter(([, , now]) => now?.type === was?.type).map(([name]) => [old, name] as const),
  );
};

// Half of the columns have their names in common.
const areAlike = (before: unknown, after: unknown): boolean => {
  const [old, fresh] = [before, after].map((each) =>
    Object.entries((each as RelationFacts).columns ?? {}).map(([name, { type }]) => `${name} ${type}`),
  );
  if (!old || !fresh) return false;
  const shared = old.filter((column) => fresh.includes(column)).length;
  return shared > 0 && shared * 2 >= Math.max(old.length, fresh.length);
};
