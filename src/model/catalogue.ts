import type { ChangeClass } from "./change-class.ts";
import type { Path } from "./path.ts";
import type { ResourceChange, Risk } from "./plan.ts";

/** What a resource type holds. `network` and `compute` hold nothing durable but have rules worth telling. */
export const STATEFUL_KINDS = [
  "database",
  "snapshot",
  "bucket",
  "bucket-guard",
  "volume",
  "filesystem",
  "queue",
  "topic",
  "stream",
  "cache",
  "search",
  "dns",
  "key",
  "secret",
  "certificate",
  "identity",
  "log",
  "registry",
  "workload",
  "network",
  "compute",
] as const;
export type StatefulKind = (typeof STATEFUL_KINDS)[number];

/** How a rule compares the value before with the value after at a path. */
export const CONDITIONS = [
  /** true before, anything else after. */
  "turned-off",
  /** true after, not true before. */
  "turned-on",
  "lowered",
  "raised",
  "changed",
  /** Something before, empty after. */
  "removed",
  "major-raised",
  "major-lowered",
  /** After is one of `values`, before is not. */
  "becomes",
  /** Before is one of `values`, after is not. */
  "leaves",
  /** An element that names 0.0.0.0/0 or ::/0 (or `*`, `Internet`) is new. */
  "opened-to-world",
  /** A policy document grants something to everybody that it did not grant before. */
  "made-public",
  /** The document or list at the path grants a principal that it did not grant before. */
  "principal-added",
  /** An element of the list or set is new, told by its name, region or id. */
  "element-added",
  /** An element of the list or set is gone, told by its name, region or id. */
  "element-removed",
  /** Lifecycle rules delete something that was kept, or delete it sooner. */
  "expires-sooner",
  /** Chart values differ in what keeps data: persistence, storage, volumes, retention. */
  "persistence-changed",
  /** Only on delete and replace: the value before is true. */
  "true-on-destroy",
  /** Only on delete and replace: one of `values` is part of the text before. */
  "named-on-destroy",
  /** Only on replace: a change of the value is what forces it. */
  "forces-replacement",
  /** A policy document allows every action on everything, or everything about identities, and did not before. */
  "all-allowed",
] as const;
export type Condition = (typeof CONDITIONS)[number];

/** One rule at one path of one type, defaults filled in. */
export interface CatalogueRule {
  readonly id: string;
  readonly class: ChangeClass;
  /** Steps of the attribute path; `*` stands for any one step. */
  readonly path: readonly (string | number)[];
  readonly when: Condition;
  /** For `becomes` and `leaves`; for `lowered` and `raised` words in ascending order. */
  readonly values: readonly (string | number | boolean)[];
  /** For `lowered` and `raised`: numbers that mean "without end". */
  readonly unlimited: readonly number[];
  /** For `lowered` and `raised`: what the provider takes where nothing is written; undefined: not known. */
  readonly absent: number | undefined;
  /** The rule is silent where another attribute of the resource has one of these values (`*`: any value). */
  readonly unless: readonly {
    readonly path: readonly (string | number)[];
    readonly values: readonly (string | number | boolean)[];
  }[];
  /** What the provider sets where nothing is written already fits the rule: a new object counts only if its code says it. */
  readonly byDefault: boolean;
  /** What it tells of cannot be taken back by the reverse change. */
  readonly oneWay: boolean;
  /** With `{address} {path} {before} {after}` to fill in. */
  readonly message: string;
  readonly wayOut: string;
  /** Where it is written that the rule is so. */
  readonly source: string;
}

export interface CatalogueType {
  readonly type: string;
  readonly kind: StatefulKind;
  /** Plain words for messages: "RDS instance". */
  readonly what: string;
  readonly stateful: boolean;
  /** Class of a delete or replace. */
  readonly destroy: ChangeClass;
  /** Attribute paths that are sets, so that they differ as a whole. */
  readonly sets: readonly (readonly (string | number)[])[];
  readonly rules: readonly CatalogueRule[];
  /** Objects of this type that hold nothing after all, told by the value at a path: a manifest's kind. */
  readonly statelessWhere: {
    readonly path: readonly (string | number)[];
    readonly values: readonly string[];
  } | null;
}

/** The stateful catalogue, ready to ask. Pure: the same change gets the same answer. */
export interface Catalogue {
  readonly types: ReadonlyMap<string, CatalogueType>;
  classify(change: ResourceChange): Risk;
  /** Whether the judgement of this change hangs on what its code says, which `written` then tells. */
  asksCode(change: ResourceChange): boolean;
  /** True for a known set, undefined where nothing is known. */
  isSet(type: string, path: Path): boolean | undefined;
  /** Whether a rule looks at this path, at something inside it or around it. */
  watches(type: string, path: Path): boolean;
}
