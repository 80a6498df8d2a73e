import type { Json, JsonObject } from "./json.ts";

/** One file of a policy set: Rego, or a data document. `path` is relative to the set's folder, with `/`. */
export interface PolicyFile {
  readonly path: string;
  readonly text: string;
}

/** What is loaded together and sees nothing else: the modules of one policy set and their data. */
export interface PolicyBundle {
  readonly files: readonly PolicyFile[];
  /** Merged over what data files say. */
  readonly data?: JsonObject;
}

/** Something that a rule said about a plan. */
export interface PolicyMessage {
  /** Package and rule as Rego names them: `main.deny_public_bucket`. */
  readonly policy: string;
  /** Why, and how to mend it, in the rule's words. */
  readonly message: string;
}

/** What all rules of a bundle said. */
export interface PolicyAnswer {
  readonly denied: readonly PolicyMessage[];
  readonly warned: readonly PolicyMessage[];
  /** Held back by an `exception` rule of the bundle itself, as conftest has it. */
  readonly excepted: readonly PolicyMessage[];
  /** How many rules were asked. */
  readonly rules: number;
}

/** The outcome of a bundle's own unit tests. */
export interface PolicyTests {
  readonly passed: number;
  readonly failed: readonly { readonly test: string; readonly file: string; readonly why: string }[];
  readonly skipped: number;
}

/** What Plumbline adds to the plan under `input.plumbline`. */
export interface PolicyEnrichment {
  /** Null at the command line. */
  readonly workspace: {
    readonly repo: string;
    readonly dir: string;
    readonly name: string;
    readonly owners: readonly string[];
  } | null;
  readonly pull: { readonly number: number; readonly author: string; readonly base: string } | null;
  /** `audit`: what is recorded, not what is planned. */
  readonly occasion: "plan" | "audit";
  readonly class: string;
  readonly changes: readonly {
    readonly address: string;
    readonly type: string;
    readonly action: string;
    readonly class: string;
    readonly stateful: boolean;
    readonly destructive: boolean;
    readonly findings: readonly { readonly rule: string; readonly message: string; readonly path: string }[];
  }[];
  /** What a file or a command of the operator tells about resources: statistics, classification, last restore test. */
  readonly context: Json;
}
