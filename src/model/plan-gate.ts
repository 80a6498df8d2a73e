import type { Permission } from "./pull.ts";

/** What a head can bring that acts, reaches out or reads this machine as soon as somebody plans it. */
export const PLAN_CHECKS = [
  "providers",
  "provider_settings",
  "modules",
  "versions",
  "external",
  "http",
  "remote_state",
  "provisioners",
  "backend",
  "files",
  "programs",
  "unreadable",
] as const;
export type PlanCheck = (typeof PLAN_CHECKS)[number];

/** `maintainer`: a person with enough permission comments `plumbline plan`; `deny`: nobody can let it go on. */
export const PLAN_VERDICTS = ["allow", "maintainer", "deny"] as const;
export type PlanVerdict = (typeof PLAN_VERDICTS)[number];

/** The operator's word about what may be planned without being asked for. */
export interface PlanGatePolicy {
  /** Sources such as `hashicorp/*`; `*` stands for anything. */
  readonly allowProviders: readonly string[];
  /** Sources such as `git::https://github.com/acme/*`. */
  readonly allowModules: readonly string[];
  /** What a person needs on the repository to let a plan go on. */
  readonly permission: Permission;
  readonly checks: Readonly<Record<PlanCheck, PlanVerdict>>;
}

export const PLAN_GATE: PlanGatePolicy = {
  allowProviders: ["hashicorp/*"],
  allowModules: [],
  permission: "maintain",
  checks: {
    providers: "maintainer",
    provider_settings: "maintainer",
    modules: "maintainer",
    // Another version of what is trusted already comes from the same people.
    versions: "allow",
    external: "maintainer",
    http: "maintainer",
    remote_state: "maintainer",
    provisioners: "maintainer",
    backend: "maintainer",
    files: "maintainer",
    // Whoever asks for it can have it written in SQL, or run by hand.
    programs: "deny",
    unreadable: "maintainer",
  },
};

/** One thing in a head that the protected branch does not have, with its place. */
export interface PlanHold {
  readonly check: PlanCheck;
  readonly verdict: Exclude<PlanVerdict, "allow">;
  readonly path: string;
  /** From 1; null where it is no place in a text. */
  readonly line: number | null;
  readonly message: string;
  /** Equal for equal things: a maintainer's word counts for the holds that it saw. */
  readonly key: string;
}
