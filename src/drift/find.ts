import type { Catalogue } from "../model/catalogue.ts";
import type { DriftIgnore } from "../model/config.ts";
import type { AcceptedState, Finding } from "../model/finding.ts";
import type { Json } from "../model/json.ts";
import { type Path, renderPath } from "../model/path.ts";
import type { Plan } from "../model/plan.ts";
import { valueAt } from "../model/value-diff.ts";
import { type Memory, memoryOf } from "./accepted.ts";
import { causeOf } from "./cause.ts";
import { type Difference, differencesOf } from "./differences.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { applyIgnore, type Ignored } from "./ignore.ts";
import { masked } from "./masked.ts";
import type { SchemaFacts } from "./provider-schema.ts";
import { desiredAt, isSensitiveAt, type ResourceStates, resourceStates } from "./states.ts";

export interface DriftFacts {
  /** A normal plan with refresh; a refresh-only plan tells no desired values. */
  readonly plan: Plan;
  readonly accepted: AcceptedState | null;
  /** Instance key of the keyed hashes. */
  readonly key: Uint8Array;
  /** Workspace key. */
  readonly workspace: string;
  /** `""` where nobody knows it: then changed inputs cannot be told from merged code, and `unapplied` is said. */
  readonly inputTreeHash: string;
  readonly lockFileHash: string | null;
  readonly catalogue?: Catalogue;
  /** Tells what only providers set; without it a short list of names is all that is known. */
  readonly schema?: SchemaFacts;
  readonly ignore: readonly DriftIgnore[];
  readonly now: Date;
}

export type FoundFinding = Finding & { readonly fingerprint: string };

/**
 * Everything at which Git, the state and reality disagree, one finding per leaf path, each with its cause. Sorted by
 * address; noise included. Sensitive values are null. What the configuration ignores comes apart.
 */
export const findDrift = (
  facts: DriftFacts,
): { readonly findings: readonly FoundFinding[]; readonly ignored: readonly Ignored<FoundFinding>[] } => {
  const memory = memoryOf(facts.accepted, facts.key, facts.workspace);
  const found = resourceStates(facts.plan).flatMap((states) => findingsOf(facts, memory, states));
  return applyIgnore(found, facts.ignore, facts.now);
};

const findingsOf = (facts: DriftFacts, memory: Memory, states: ResourceStates): readonly FoundFinding[] =>
  differencesOf(facts, memory, states).flatMap((difference) => {
    const cause = causeOf(facts, memory, states, difference);
    return cause === null ? [] : [findingAt(facts, states, difference, cause)];
  });

const findingAt = (
  { key, workspace }: DriftFacts,
  states: ResourceStates,
  { path }: Difference,
  cause: Finding["cause"],
): FoundFinding => {
  const { address } = states;
  const text = renderPath(path);
  const live = valueAt(states.actual, path) ?? null;
  return {
    address,
    path: text,
    cause,
    ...valuesAt(states, path),
    fingerprint: fingerprintOf({ key, workspace, address, path: text, live }),
  };
};

const valuesAt = (
  states: ResourceStates,
  path: Path,
): Pick<Finding, "recorded" | "actual" | "desired" | "sensitive"> => {
  const sensitive = isSensitiveAt(states, path);
  // A whole resource keeps what may be read; its sensitive members become null.
  if (sensitive && path.length > 0) return { recorded: null, actual: null, desired: null, sensitive };
  const shown = (value: Json): Json => (path.length === 0 ? masked(value, states) : value);
  return {
    recorded: shown(valueAt(states.recorded, path) ?? null),
    actual: shown(valueAt(states.actual, path) ?? null),
    desired: shown(path.length === 0 ? states.desired : desiredAt(states, path)),
    sensitive,
  };
};
