import type { SchemaSnapshot } from "../model/migration.ts";
import { type ObjectName, readAddress } from "./write-names.ts";

/* The facts of a snapshot by kind, as its queries give them. What is false or absent is left out. */

export interface ColumnFacts {
  readonly type: string;
  readonly not_null?: boolean;
  readonly default?: string;
  readonly generated?: string;
  readonly virtual?: boolean;
  readonly identity?: "always" | "by default";
  readonly collation?: string;
  readonly comment?: string;
}
export interface PolicyFacts {
  /** `r`, `a`, `w`, `d` or `*`. */
  readonly command: string;
  readonly permissive: boolean;
  readonly using: string | null;
  readonly check: string | null;
  readonly roles: readonly string[];
}
type Named<Facts> = Readonly<Record<string, Facts>>;
export type Grants = Named<readonly string[]>;

export interface RelationFacts {
  readonly unlogged?: boolean;
  readonly partition_by?: string;
  readonly partition_bound?: string;
  readonly parents?: readonly string[];
  readonly row_security?: boolean;
  readonly row_security_forced?: boolean;
  readonly replica_identity?: string;
  readonly options?: readonly string[];
  readonly definition?: string;
  readonly comment?: string;
  readonly columns?: Named<ColumnFacts>;
  readonly constraints?: Named<string>;
  readonly indexes?: Named<{ readonly definition: string; readonly valid: boolean }>;
  readonly triggers?: Named<WatchFacts>;
  readonly rules?: Named<WatchFacts>;
  readonly policies?: Named<PolicyFacts>;
  readonly grants?: Grants;
  /** Column -> its own grants. */
  readonly column_grants?: Named<Grants>;
  /** `index orders_by_day`, `constraint positive` -> what is said of it. */
  readonly comments?: Named<string>;
}
/** A trigger or rule. */
export interface WatchFacts {
  readonly definition: string;
  /** By changes of sessions alone, or of replication alone, or of both. */
  readonly enabled: boolean | "replica" | "always";
}
export interface SequenceFacts {
  readonly type: string;
  readonly start: string;
  readonly step: string;
  readonly least: string;
  readonly largest: string;
  readonly cycles: boolean;
  readonly cache: string;
  readonly owned_by: string | null;
  readonly comment?: string;
  readonly grants?: Grants;
}
export interface RoutineFacts {
  readonly definition: string;
  readonly comment?: string;
  readonly grants?: Grants;
}
export interface TypeFacts {
  readonly values?: readonly string[];
  readonly base?: string;
  readonly collation?: string;
  readonly not_null?: boolean;
  readonly default?: string;
  readonly constraints?: Named<string>;
  readonly range_of?: string;
  readonly attributes?: readonly string[];
  readonly comment?: string;
  readonly grants?: Grants;
}

/** One object before and after; `null` where it is not there. */
export interface Pair<Facts> {
  readonly address: string;
  readonly name: ObjectName;
  readonly from: Facts | null;
  readonly to: Facts | null;
}

/** All objects of either snapshot, and the addresses that cannot be read. */
export const pairsOf = (
  from: SchemaSnapshot,
  to: SchemaSnapshot,
): { readonly pairs: ReadonlyMap<string, Pair<unknown>>; readonly unreadable: readonly string[] } => {
  const addresses = [...new Set([...from.keys(), ...to.keys()])];
  const schemas = new Set(
    addresses.filter((each) => each.startsWith("schema ")).map((each) => each.slice("schema ".length)),
  );
  const pairs = new Map<string, Pair<unknown>>();
  const unreadable: string[] = [];
  for (const address of addresses) {
    const name = readAddress(address, schemas);
    if (name === null) unreadable.push(address);
    else pairs.set(address, { address, name, from: from.get(address) ?? null, to: to.get(address) ?? null });
  }
  return { pairs, unreadable };
};

/** Entries of a part before and after, by name. */
export const entriesOf = <Facts>(
  from: Named<Facts> | undefined,
  to: Named<Facts> | undefined,
): readonly (readonly [name: string, before: Facts | undefined, after: Facts | undefined])[] =>
  [...new Set([...Object.keys(from ?? {}), ...Object.keys(to ?? {})])].map((name) => [
    name,
    own(from, name),
    own(to, name),
  ]);

const own = <Facts>(part: Named<Facts> | undefined, name: string): Facts | undefined =>
  part !== undefined && Object.hasOwn(part, name) ? part[name] : undefined;

/** Facts are JSON and compared as such, whatever the order of their words. */
export const sameFacts = (a: unknown, b: unknown): boolean => ordered(a) === ordered(b);

const ordered = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  ) ?? "";
