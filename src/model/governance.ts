import type { ChangeClass } from "./change-class.ts";

/** Roles that every repository has; others may be added. */
export const BUILT_IN_ROLES = ["service-owner", "data-owner", "platform", "security"] as const;

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** When changes of a class may be applied; `from` and `to` as `HH:MM`, `to` earlier than `from` reaches past midnight. */
export interface ApplyWindow {
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly to: string;
  /** Name of the IANA zone that days and hours are meant in. */
  readonly timezone: string;
}

/** What a change of one class takes before it may be applied. */
export interface ClassRules {
  /** One approval for each of these roles; one person may stand for several. */
  readonly approvals: readonly string[];
  /** The author's `stateful_change` block, with every field that the class requires. */
  readonly claim: boolean;
  readonly backupProof: boolean;
  /** Empty: at any time. */
  readonly windows: readonly ApplyWindow[];
}

/** A time in which nothing is applied. */
export interface FreezePeriod {
  readonly from: Date;
  readonly until: Date;
  readonly reason: string;
  /** Folders or workspaces (globs over `dir`, `dir#name`); empty: all. */
  readonly workspaces: readonly string[];
}

/** How a repository governs changes of durable state; counts only from the protected branch. */
export interface Governance {
  /** Logins and `@org/team`; a role that is not here is anybody's who may approve, service-owner first the owners'. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  readonly classes: Readonly<Record<ChangeClass, ClassRules>>;
  readonly restoreTestMaxAgeMs: number;
  readonly backupMaxAgeMs: number;
  /** Contract and expand never in one pull request. */
  readonly contractApart: boolean;
  readonly freeze: readonly FreezePeriod[];
}

const DAY = 86_400_000;
const nothing: ClassRules = { approvals: [], claim: false, backupProof: false, windows: [] };

/** What holds where the repository says nothing. */
export const DEFAULT_GOVERNANCE: Governance = {
  roles: {},
  classes: {
    R0: nothing,
    R1: nothing,
    R2: nothing,
    R3: { ...nothing, approvals: ["service-owner"], claim: true },
    R4: {
      ...nothing,
      approvals: ["service-owner", "data-owner", "platform"],
      claim: true,
      backupProof: true,
    },
    R5: {
      ...nothing,
      approvals: ["service-owner", "data-owner", "platform", "security"],
      claim: true,
      backupProof: true,
    },
  },
  restoreTestMaxAgeMs: 90 * DAY,
  backupMaxAgeMs: 7 * DAY,
  contractApart: true,
  freeze: [],
};

/** The switch that stops every apply at once, thrown by an operator. */
export interface FreezeSwitch {
  /** A workspace's key, or `*` for all. */
  readonly target: string;
  readonly by: string;
  readonly reason: string;
  readonly since: Date;
}
