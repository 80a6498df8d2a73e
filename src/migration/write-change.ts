import type { SchemaSnapshot } from "../model/migration.ts";
import type { Unwritten } from "../model/migration-proposal.ts";
import { isLateKey } from "./write-constraint.ts";
import {
  entriesOf,
  type Pair,
  pairsOf,
  type RelationFacts,
  type RoutineFacts,
  type SequenceFacts,
  sameFacts,
  type TypeFacts,
} from "./write-facts.ts";
import { afterParent } from "./write-inherited.ts";
import { namesIn, plain } from "./write-names.ts";
import { makingOrder, parentsOf, type Side, sideOf } from "./write-order.ts";
import { isUnwritten, type Piece, STEPS, type Step, type WrittenStatement } from "./write-piece.ts";
import type { Forced } from "./write-relation.ts";
import { forcedBy, isReplaced, type Remade, remadeObjects } from "./write-remade.ts";
import { writeRoutine } from "./write-routine.ts";
import { writeExtension, writeSchema } from "./write-schema.ts";
import { writeSequence } from "./write-sequence.ts";
import { writeTable } from "./write-table.ts";
import { writeType } from "./write-type.ts";
import { writeView } from "./write-view.ts";

export interface SchemaChange {
  /** In the order in which they run. */
  readonly statements: readonly WrittenStatement[];
  readonly unwritten: readonly Unwritten[];
}

/** The statements that make one schema into the other. `version`: major version of the server. */
export const writeSchemaChange = (
  from: SchemaSnapshot,
  to: SchemaSnapshot,
  { version }: { readonly version: number },
): SchemaChange => {
  const { pairs, unreadable } = pairsOf(from, to);
  const [before, after] = [sideOf(from), sideOf(to)];
  const remade = remadeObjects(pairs, before, after);
  const change: Change = {
    version,
    pairs,
    before,
    after,
    remade,
    forced: forcedBy(remade, before),
    lateKeys: lateKeysOf(pairs),
  };
  const pieces = [...pairs.values()].flatMap((pair) => writePair(change, pair));
  const unwritten = [
    ...unreadable
      .filter((address) => !sameFacts(from.get(address), to.get(address)))
      .map((address) => ({ address, path: "", why: "its name can be read in two ways" })),
    ...pieces.filter(isUnwritten),
  ];
  return { statements: inOrder(change, pieces), unwritten };
};

interface Change {
  readonly version: number;
  readonly pairs: ReadonlyMap<string, Pair<unknown>>;
  readonly before: Side;
  readonly after: Side;
  readonly remade: Remade;
  readonly forced: Forced;
  /** Tables that get a key at the end only. */
  readonly lateKeys: ReadonlySet<string>;
}

const writePair = (change: Change, pair: Pair<unknown>): readonly Piece[] => {
  const again = change.remade.get(pair.address) ?? null;
  if (again === null && sameFacts(pair.from, pair.to) && !mayFollow(change, pair)) return [];
  const early = isReplaced(pair, change.after) || (again !== null && pair.to === null);
  const pieces = writeKind(change, pair, again);
  if (pair.to !== null || !early) return pieces;
  return pieces.map((piece) =>
    "step" in piece && piece.step === "remove"
      ? { ...piece, step: /view /.test(pair.address) ? "drop views" : "drop routines" }
      : piece,
  );
};

// A table that stays as it is may hold a trigger on a routine that does not.
const mayFollow = ({ remade, after, pairs }: Change, { address, to }: Pair<unknown>): boolean =>
  /(table|view) /.test(address) &&
  to !== null &&
  (remade.size > 0 || parentsOf(after, to as RelationFacts).some((each) => !isSame(pairs.get(each))));

const isSame = (pair: Pair<unknown> | undefined): boolean =>
  pair === undefined || sameFacts(pair.from, pair.to);

const writeKind = (change: Change, pair: Pair<unknown>, again: string | null): readonly Piece[] => {
  switch (pair.name.kind) {
    case "schema":
      return writeSchema(pair as Parameters<typeof writeSchema>[0]);
    case "extension":
      return writeExtension(pair as Parameters<typeof writeExtension>[0]);
    case "type":
      return writeType(pair as Pair<TypeFacts>);
    case "sequence":
      return writeSequence(pair as Pair<SequenceFacts>, ownerGoes(change, pair as Pair<SequenceFacts>));
    case "function":
    case "procedure":
    case "aggregate":
      return writeRoutine(pair as Pair<RoutineFacts>, again);
    case "view":
    case "materialized view":
      return writeView(pair as Pair<RelationFacts>, again, change.forced);
    default:
      return writeKnownTable(change, pair as Pair<RelationFacts>);
  }
};

const ownerGoes = ({ before, pairs }: Change, { from }: Pair<SequenceFacts>): boolean => {
  const owner = from?.owned_by ?? null;
  if (owner === null) return false;
  const [table = ""] = namesIn(owner);
  const [address] = (before.byName.get(table) ?? []).filter((each) => each.startsWith("table "));
  const column = plain(/("(?:[^"]|"")+"|[^."]+)$/.exec(owner)?.[1] ?? "");
  const after = pairs.get(address ?? "")?.to as RelationFacts | null | undefined;
  return !after || !Object.hasOwn(after.columns ?? {}, column);
};

const writeKnownTable = (change: Change, pair: Pair<RelationFacts>): readonly Piece[] => {
  const { before, after, pairs, forced, lateKeys, version } = change;
  const parents = parentsOf(after, pair.to ?? {}).flatMap((address) => pairs.get(address) ?? []);
  const joins = !sameFacts(
    [pair.from?.parents, pair.from?.partition_bound],
    [pair.to?.parents, pair.to?.partition_bound],
  );
  const stays = joins ? [] : parentsOf(before, pair.from ?? {});
  const from = parents
    .filter(({ address }) => stays.includes(address))
    .reduce<RelationFacts | null>(
      (child, parent) => child && afterParent(child, parent as Pair<RelationFacts>),
      pair.from,
    );
  const known = { ...pair, from: pair.to === null ? pair.from : from };
  const pieces = writeTable(known, {
    version,
    forced,
    joins: joins && pair.to?.parents !== undefined,
    leaves: joins && pair.from?.parents !== undefined,
    inherited: new Set(
      stays.flatMap((each) => Object.keys((pairs.get(each)?.from as RelationFacts | null)?.columns ?? {})),
    ),
    lateParents: parents.some((parent) => parent.from !== null && !isSame(parent)),
    identities: new Set(pair.to?.partition_bound === undefined ? [] : parents.flatMap(identitiesOf)),
    lateKey: (text) => refersTo(after, text).some((each) => lateKeys.has(each)),
    goes: (text) =>
      namesIn(text)
        .flatMap((name) => before.byName.get(name) ?? [])
        .some((each) => each !== pair.address && pairs.get(each)?.to === null),
  });
  return [...pieces, ...blockedColumns(change, known)];
};

const identitiesOf = ({ to }: Pair<unknown>): readonly string[] =>
  Object.entries((to as RelationFacts | null)?.columns ?? {})
    .filter(([, { identity }]) => identity !== undefined)
    .map(([column]) => column);

const refersTo = (side: Side, foreignKey: string): readonly string[] => {
  const [name = ""] = namesIn(foreignKey.slice(foreignKey.indexOf(" REFERENCES ")));
  return side.byName.get(name) ?? [];
};

// Defaults and computed columns hold on to their functions.
const blockedColumns = ({ forced }: Change, { address, from, to }: Pair<RelationFacts>): readonly Piece[] =>
  to === null
    ? []
    : Object.entries(from?.columns ?? {})
        .filter(([, column]) => forced(`${column.default ?? ""} ${column.generated ?? ""}`) !== null)
        .map(([column]) => ({
          address,
          path: `columns.${column}`,
          why: "it uses a function that has to be dropped and made anew: write this change by hand",
        }));

const lateKeysOf = (pairs: ReadonlyMap<string, Pair<unknown>>): ReadonlySet<string> =>
  new Set(
    [...pairs.values()]
      .filter(({ address, from, to }) => {
        const [old, table] = [from as RelationFacts | null, to as RelationFacts | null];
        return (
          address.startsWith("table ") &&
          old !== null &&
          table?.partition_by === undefined &&
          entriesOf(old.constraints, table?.constraints).some(
            ([, had, has]) => has !== undefined && had !== has && isLateKey(has),
          )
        );
      })
      .map(({ address }) => address),
  );

const DROPS: ReadonlySet<Step> = new Set(
  STEPS.filter((step) => step.startsWith("drop ") || step === "remove"),
);

const inOrder = ({ before, after }: Change, pieces: readonly Piece[]): readonly WrittenStatement[] => {
  const made = rankOf(makingOrder(after));
  const dropped = rankOf(makingOrder(before).toReversed());
  const rank = ({ step, address }: WrittenStatement): number =>
    (DROPS.has(step) ? dropped : made).get(address) ?? 0;
  return pieces
    .flatMap((piece) => (isUnwritten(piece) ? [] : [piece]))
    .map((piece, index) => ({ piece, index }))
    .toSorted(
      (a, b) =>
        STEPS.indexOf(a.piece.step) - STEPS.indexOf(b.piece.step) ||
        rank(a.piece) - rank(b.piece) ||
        a.index - b.index,
    )
    .map(({ piece }) => piece);
};

const rankOf = (order: readonly string[]): ReadonlyMap<string, number> =>
  new Map(order.map((address, index) => [address, index]));
