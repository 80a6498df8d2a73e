import { retypes } from "./write-column.ts";
import type { Pair, RelationFacts, RoutineFacts } from "./write-facts.ts";
import { mentionsColumn, namesIn } from "./write-names.ts";
import { makingOrder, needsOf, type Side } from "./write-order.ts";
import { mustRemake } from "./write-routine.ts";
import { mustRemakeView } from "./write-view.ts";

/** Views and routines that have to go and come back: address -> the condition under which that is still to be done. */
export type Remade = ReadonlyMap<string, string>;

/** By a change of their own that the server does not do in place, or because something that they rest on has to go. */
export const remadeObjects = (pairs: ReadonlyMap<string, Pair<unknown>>, from: Side, to: Side): Remade => {
  const remade = new Map<string, string>();
  const add = (address: string, condition: string | null): void => {
    if (condition === null) return;
    const before = remade.get(address);
    if (before?.includes(condition)) return;
    remade.set(address, before === undefined ? condition : `${before} OR ${condition}`);
  };
  for (const address of makingOrder(from)) {
    const pair = pairs.get(address);
    if (!pair || !isRemakeable(address)) continue;
    add(address, ownReason(pair, to));
    const { definition = "" } = (pair.from ?? {}) as RelationFacts;
    for (const need of needsOf(from, address)) {
      add(address, remade.get(need) ?? null);
      const under = pairs.get(need);
      if (under && isTable(need) && under.to !== null)
        for (const { column, needed } of retypes(under as Pair<RelationFacts>))
          if (mentionsColumn(definition, column)) add(address, needed);
    }
  }
  return remade;
};

const isRemakeable = (address: string): boolean =>
  /^((materialized )?view|function|procedure) /.test(address);
const isTable = (address: string): boolean => /^(foreign )?table /.test(address);

const ownReason = (pair: Pair<unknown>, to: Side): string | null => {
  if (pair.to === null) return isReplaced(pair, to) ? "true" : null;
  return /^(function|procedure) /.test(pair.address)
    ? mustRemake(pair as Pair<RoutineFacts>)
    : mustRemakeView(pair as Pair<RelationFacts>);
};

/** Whether another object takes the name of one that goes. */
export const isReplaced = ({ address, name }: Pair<unknown>, to: Side): boolean =>
  (to.byName.get(`${name.schema}.${name.name}`) ?? []).some(
    (other) => other !== address && !address.startsWith("type ") && !other.startsWith("type "),
  );

/** The conditions of every remade object that a text mentions. */
export const forcedBy =
  (remade: Remade, from: Side) =>
  (text: string): string | null => {
    if (remade.size === 0) return null;
    const conditions = namesIn(text)
      .flatMap((name) => from.byName.get(name) ?? [])
      .flatMap((address) => remade.get(address) ?? []);
    return conditions.length === 0 ? null : [...new Set(conditions)].join(" OR ");
  };
