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
  /** Whom to ask about it; of the server's calendar. */
  readonly owner?: string;
  /** Folders or workspaces (globs over `dir`, `dir#name`, key); empty: all. */
  readonly workspaces: readonly string[];
}

/** What a proof of backup must keep, in milliseconds; null: no limit but the repository's own. */
export interface RecoveryLimits {
  readonly rtoMs: number | null;
  readonly rpoMs: number | null;
  readonly restoreTestMaxAgeMs: number | null;
  readonly backupMaxAgeMs: number | null;
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
  /** An image never in one pull request with the migration that it may need, unless the author says that it works before. */
  readonly schemaFirst: boolean;
  /** Database users as whom no migration runs. */
  readonly privilegedIdentities: readonly string[];
  readonly freeze: readonly FreezePeriod[];
  /** By class, from the server's file; none where left out. */
  readonly recovery?: Readonly<Record<string, RecoveryLimits>>;
}

/** What the server's file adds for every repository. */
export interface ServerGovernance {
  readonly calendar?: readonly FreezePeriod[];
  readonly recoveryLimits?: Readonly<Record<string, RecoveryLimits>>;
}

/** A repository's own rules with those of the server, which it cannot take back. */
export const underServer = (
  own: Governance,
  { calendar = [], recoveryLimits }: ServerGovernance,
): Governance => ({
  ...own,
  freeze: [...own.freeze, ...calendar],
  ...(recoveryLimits ? { recovery: recoveryLimits } : {}),
});

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
  schemaFirst: true,
  privilegedIdentities: [
    ...["postgres", "root", "admin", "administrator", "sa", "sys", "system", "master", "superuser"],
    ...[
      "rdsadmin",
      "rds_superuser",
      "cloudsqladmin",
      "cloudsqlsuperuser",
      "azure_superuser",
      "azure_pg_admin",
    ],
  ],
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
