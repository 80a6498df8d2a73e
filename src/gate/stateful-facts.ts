import type { ChangeClass } from "../model/change-class.ts";
import type { FreezeSwitch, Governance } from "../model/governance.ts";
import type { ContextEntry } from "../model/resource-context.ts";
import type { ReadClaims, Rollout } from "../model/stateful-change.ts";

/** One thing that a pull request does to durable state: a planned change, or a finding in a file. */
export interface DurableChange {
  /** Address, or path with line. */
  readonly place: string;
  /** Of a planned change: what keeps the data, by one name for all that is changed about it. */
  readonly system?: string;
  readonly class: ChangeClass;
  readonly rule: string;
  readonly message: string;
  readonly wayOut?: string;
  readonly phase?: "expand" | "contract";
}

/** Somebody's yes, by a review on the forge or by `approve DIGEST`. */
export interface GivenApproval {
  readonly by: string;
  readonly at: Date;
  readonly how: "review" | "comment";
  readonly head: string;
  /** Null: a review names no plan; it counts for those that were there when it was given. */
  readonly digest: string | null;
}

export interface ApproverFacts {
  readonly given: readonly GivenApproval[];
  /** "Changes requested" that stand, each the last word of its reviewer. */
  readonly objections: readonly { readonly by: string; readonly at: Date }[];
  readonly head: string;
  readonly digest: string | null;
  /** When plan and evidence were both there to be looked at as they are now. */
  readonly since: Date;
  /** Author, last pusher, the service itself. */
  readonly excluded: ReadonlySet<string>;
  /** People who gave or refused approval and whose permission suffices. */
  readonly permitted: ReadonlySet<string>;
  /** Of each role: who stands for it among those who approved; "anybody" where nobody is named. */
  readonly members: Readonly<Record<string, RoleMembers>>;
}

export type RoleMembers =
  | { readonly kind: "anybody" }
  | {
      readonly kind: "named";
      /** As written: logins and teams. */
      readonly names: readonly string[];
      /** Logins in small letters that are known to belong, members of teams among them. */
      readonly logins: ReadonlySet<string>;
      /** Teams whose members the forge did not tell. */
      readonly unread: readonly string[];
    };

/** Everything that the rules about durable state must know of one workspace's plan and its pull request. */
export interface StatefulFacts {
  /** Of the whole pull request, and of what is to be applied now with the files beside it. */
  readonly pullClass: ChangeClass;
  readonly class: ChangeClass;
  readonly changes: readonly DurableChange[];
  readonly claims: ReadClaims;
  /** The plan runs migrations of a database. */
  readonly databases?: boolean;
  readonly governance: Governance;
  /** What is known of the resources that are changed; nothing where left out. */
  readonly context?: readonly ContextEntry[];
  /** What its files say of applications and of who migrates; nothing where left out. */
  readonly rollout?: Rollout;
  /** Databases and the newest migration that is applied there, as the resource context tells. */
  readonly schemas?: readonly {
    readonly database: string | null;
    readonly version: string;
    readonly source: string;
  }[];
  readonly approvers: ApproverFacts;
  /** Key, and `dir` and `dir#name`, by which freezes name it. */
  readonly workspace: { readonly key: string; readonly dir: string; readonly name: string };
  /** Null: the switch could not be read, so that it counts as thrown. */
  readonly switches: readonly FreezeSwitch[] | null;
  /** Who said, and when, that this plan goes through a freeze or outside of its window. */
  readonly freezeOverride: { readonly by: string; readonly at: Date } | null;
  readonly now: Date;
  readonly trigger: string;
}
