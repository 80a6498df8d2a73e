import { type ColumnFacts, entriesOf, type Pair, type RelationFacts } from "./write-facts.ts";

const FOLLOWS = ["type", "collation", "not_null", "default"] as const;

/** A child as it is once its parent's changes have come down to it, so that they are not written a second time. */
export const afterParent = (child: RelationFacts, parent: Pair<RelationFacts>): RelationFacts => {
  const partition = child.partition_bound !== undefined;
  const columns: Record<string, ColumnFacts> = { ...child.columns };
  for (const [name, before, after] of entriesOf(parent.from?.columns, parent.to?.columns)) {
    const own = columns[name];
    if (after === undefined) {
      if (partition) delete columns[name];
    } else if (before === undefined || own === undefined) columns[name] = own ?? comesDown(after);
    else columns[name] = following(own, before, after);
  }
  const constraints: Record<string, string> = { ...child.constraints };
  for (const [name, before, after] of entriesOf(parent.from?.constraints, parent.to?.constraints)) {
    const text = after ?? before ?? "";
    if (before === after || !text.startsWith("CHECK ") || text.includes(" NO INHERIT")) continue;
    if (after !== undefined) constraints[name] = after;
    else delete constraints[name];
  }
  return { ...child, columns, constraints };
};

const comesDown = ({ comment: _, identity: __, ...others }: ColumnFacts): ColumnFacts => others;

const following = (own: ColumnFacts, before: ColumnFacts, after: ColumnFacts): ColumnFacts => {
  const changed = FOLLOWS.filter((fact) => before[fact] !== after[fact]);
  const kept = Object.entries(own).filter(([fact]) => !(changed as readonly string[]).includes(fact));
  const taken = changed.flatMap((fact) => (after[fact] === undefined ? [] : [[fact, after[fact]] as const]));
  return Object.fromEntries([...kept, ...taken]) as unknown as ColumnFacts;
};
