import type { JsonObject } from "./json.ts";

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
  /** The set could not be asked: what is denied is that, and nobody can have made an exception for it. */
  readonly failed?: true;
}

/** The outcome of a bundle's own unit tests. */
export interface PolicyTests {
  readonly passed: number;
  readonly failed: readonly { readonly test: string; readonly file: string; readonly why: string }[];
  readonly skipped: number;
}

export type PolicyLevel = "deny" | "warn" | "dry_run";

/** A denial that is let pass for a time, and by whose word. */
export interface PolicyException {
  /** `main.deny_public`; `*` stands for any part of the name. */
  readonly policy: string;
  /** `OWNER/REPO//DIR#NAME` with `*`; null: every workspace. */
  readonly workspace: string | null;
  readonly owner: string;
  readonly reason: string;
  readonly until: Date;
}

/** A set of policies as the server's file names it. */
export interface PolicySet {
  readonly name: string;
  readonly source:
    | { readonly kind: "server"; readonly path: string }
    | {
        readonly kind: "repository";
        readonly repo: string;
        readonly ref: string | null;
        readonly folder: string;
      }
    /** In the workspace's own repository, as its protected branch has it. */
    | { readonly kind: "workspace"; readonly folder: string };
  readonly level: PolicyLevel;
  /** Patterns of repositories that it judges; empty: all. */
  readonly repos: readonly string[];
  /** Logins and `@org/team` who may approve what it denies; empty: nobody. */
  readonly owners: readonly string[];
  /** How many of them it takes. */
  readonly approvals: number;
  readonly namespaces: readonly string[] | null;
  readonly exceptions: readonly PolicyException[];
  /** Whether the repository's own count as well, from its protected branch. */
  readonly repositoryExceptions: boolean;
}

export interface PolicySettings {
  /** The opa to use; null: looked for, else built. */
  readonly opa: string | null;
  readonly timeoutMs: number;
  readonly sets: readonly PolicySet[];
}

export interface SetMessage extends PolicyMessage {
  readonly set: string;
}
export interface Denial extends SetMessage {
  readonly owners: readonly string[];
  readonly approvals: number;
}
export interface Excepted extends SetMessage {
  readonly owner: string;
  readonly reason: string;
  /** `YYYY-MM-DD`. */
  readonly until: string;
}

/** What all sets together say of one plan; kept with its run, secrets redacted. */
export interface PolicyVerdict {
  /** Names of the sets that were asked; verdicts stored before it was kept lack it. */
  readonly sets?: readonly string[];
  readonly denied: readonly Denial[];
  readonly warned: readonly SetMessage[];
  /** What sets on trial would deny. */
  readonly dryRun: readonly SetMessage[];
  readonly excepted: readonly Excepted[];
  readonly ms: number;
}

/** Unit tests of a policy folder that a pull request changes. */
export interface PolicyTestReport {
  readonly folder: string;
  readonly passed: number;
  readonly failed: PolicyTests["failed"];
  /** Why they could not run. */
  readonly error: string | null;
}

/** A policy set for people: where its rules stand, how far they reach, and what each said last. */
export interface PolicySetView
  extends Pick<PolicySet, "name" | "level" | "repos" | "owners" | "approvals" | "repositoryExceptions"> {
  /** Where the rules come from, in words. */
  readonly source: string;
  readonly rules: readonly PolicyRuleView[];
  /** Why its rules could not be read; null where they were. */
  readonly problem: string | null;
  readonly exceptions: readonly PolicyException[];
}

/** One rule with the workspaces on which it spoke at their last look. */
export interface PolicyRuleView {
  /** Package and rule, `main.deny_public_bucket`. */
  readonly policy: string;
  readonly denied: readonly string[];
  readonly warned: readonly string[];
  /** On trial: it would deny. */
  readonly dryRun: readonly string[];
  readonly excepted: readonly string[];
}
