import type { Edit } from "../hcl/edit.ts";
import type { Cause } from "../model/finding.ts";
import type { Json } from "../model/json.ts";
import type { CodeFacts } from "./configuration.ts";
import type { Influence } from "./influence.ts";

/** One managed resource that drifted: its three states, and what was found. Marks as the plan's JSON has them. */
export interface DriftedResource {
  readonly address: string;
  /** Full provider address, the key into provider schemas. */
  readonly provider: string;
  readonly type: string;
  readonly recorded: Json;
  readonly actual: Json;
  readonly desired: Json;
  readonly unknown: Json;
  readonly sensitive: readonly Json[];
  /** Set where the code also moves the resource. */
  readonly movedFrom: string | null;
  readonly findings: readonly { readonly path: string; readonly cause: Cause }[];
  /** Live texts that a scanner takes for secrets, besides those that look so here. */
  readonly secrets?: ReadonlySet<string>;
}

export interface CodifyFacts {
  readonly code: CodeFacts;
  readonly resources: readonly DriftedResource[];
  /** `providers schema -json`. */
  readonly schemas: Json | null;
}

export interface RefusedPlace {
  readonly address: string;
  readonly path: string;
  readonly reason: string;
}

/** One way to write a change. `edits` throws a `Refusal` where it cannot be gone. */
export interface Way {
  /** For people: where it is written. */
  readonly name: "source" | "here" | "literal" | "instance" | "input";
  readonly edits: () => readonly Edit[] | InstanceWish;
}

/** A value for one instance of a shared block: all instances that differ are written together. */
export interface InstanceWish {
  readonly key: string;
  readonly value: Json;
  /** Names the shared attribute: wishes of one place are joined. */
  readonly place: string;
  readonly join: (wishes: readonly { readonly key: string; readonly value: Json }[]) => readonly Edit[];
}

/** One thing to be said by the code, with the ways to say it from most natural to least. */
export interface Change {
  readonly address: string;
  readonly path: string;
  /** Top-level attribute or block of the resource; `""` for the whole. */
  readonly attribute: string;
  /** Where it speaks of some members of the attribute's map only: their keys. */
  readonly members?: readonly string[];
  readonly ways: readonly Way[];
  /** Whether a planned value of the attribute is as wanted. */
  readonly reached: (planned: Json | undefined) => boolean;
  readonly removes: boolean;
  /** Attributes that the provider works out from others and the code does not write. */
  readonly follows: readonly string[];
  /** Dotted places of findings that this change settles. */
  readonly settles: readonly string[];
}

/** All that is proposed, and which edits may reach which resource. */
export interface Proposed extends Proposal {
  readonly influence: Influence;
}

export interface Proposal {
  readonly changes: readonly Change[];
  readonly refused: readonly RefusedPlace[];
}
