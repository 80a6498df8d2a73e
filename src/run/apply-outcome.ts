import type { Evidence } from "../config/evidence-schema.ts";
import type { StatefulFacts } from "../gate/stateful-facts.ts";
import type { PolicyVerdict } from "../model/policy.ts";
import type { Engine } from "../ports/engine.ts";
import type { Applied } from "./applied.ts";
import type { FoundDrift } from "./findings.ts";
import type { SavedPlan } from "./plan-step.ts";

export type ApplicationHealth = Evidence["verification"]["health"];
export type StateVersion =
  | (NonNullable<Awaited<ReturnType<Engine["stateVersion"]>>> & {
      /** Of a database alone: the newest migration in its history. */
      readonly schemaVersion?: string | null;
    })
  | null;

/** What an apply was allowed by and what it found; taken before the engine starts. */
export interface Before {
  readonly stateful: StatefulFacts | null;
  readonly state: StateVersion;
  /** Null where no policy set judges the repository. */
  readonly policies: PolicyVerdict | null;
}

/** What the second plan says: clean, or what is left; null findings where even planning failed. */
export interface Verified {
  readonly clean: boolean;
  readonly remaining: readonly string[];
  readonly saved: SavedPlan | null;
  readonly drift: FoundDrift | null;
  /** The recorded state after the apply, told also where no plan could be made. */
  readonly state: StateVersion;
  /** Of a database alone: whether the live schema is what its files make. */
  readonly schemaCheck?: "passed" | "failed" | "unknown";
  /** SHA-256 of the live schema as it was compared; null where it could not be. */
  readonly schemaDigest?: string | null;
}

/** An apply from before its start to after its verification. */
export interface ApplyOutcome {
  readonly before: Before;
  readonly applied: Applied;
  readonly verified: Verified;
  /** How the application fared afterwards; null where nobody was asked. */
  readonly health?: ApplicationHealth;
}
