import type { ChangeClass } from "../model/change-class.ts";
import type { Finding } from "../model/finding.ts";
import type { SharedProof } from "../model/shared-proof.ts";

type Placed = Pick<Finding, "address" | "path">;

/** What a change does to durable state or to who may reach it, in the catalogue's words. */
export interface Danger {
  readonly class: ChangeClass;
  readonly messages: readonly string[];
}

export interface DriftPullFinding extends Finding {
  readonly openedAt?: Date;
  /** Who did it, where somebody knows. */
  readonly who?: string;
  /** Of what was done by hand; left out where nothing is at stake. */
  readonly danger?: Danger;
  /** Of undoing it. */
  readonly undoing?: Danger;
}

export interface DriftedDatabase {
  /** What the migration on the branch is for, or was to be for. */
  readonly purpose: "formalize" | "revert";
  /** Worst class of what it does where it has something to do; null where the branch holds none. */
  readonly class: ChangeClass | null;
  readonly destroys: readonly string[];
  readonly hazards: readonly string[];
}

export interface DriftPullView {
  /** Workspace key. */
  readonly workspace: string;
  readonly dir: string;
  /** Open findings of this workspace that somebody's hand made. */
  readonly findings: readonly DriftPullFinding[];
  /** When the first of them was found. */
  readonly since?: Date | undefined;
  /** The word that commands begin with. */
  readonly trigger: string;
  /** Places that the branch formalizes, proven; none: the branch holds the report only. */
  readonly formalized?: readonly Placed[];
  /** What could not be written as code, and why. */
  readonly refused?: readonly (Placed & { readonly reason: string })[];
  /** What the edit comes to in other workspaces that read an edited file. */
  readonly shared?: readonly SharedProof[];
  /** What the branch proposes to ignore. */
  readonly ignored?: readonly (Placed & { readonly until: Date })[];
  /** Of a database: its schema only goes forward, so each way out is a migration. */
  readonly database?: DriftedDatabase;
  /** Left out since somebody named what the branch is to hold. */
  readonly unselected?: readonly Placed[];
}

/** The worst first: what was deleted or is dangerous, then by class; equals keep their order. */
export const worstFirst = (findings: readonly DriftPullFinding[]): readonly DriftPullFinding[] =>
  findings.toSorted((left, right) => weightOf(right) - weightOf(left));

const weightOf = ({ cause, danger }: DriftPullFinding): number =>
  Number(danger?.class.slice(1) ?? 0) * 2 + (cause === "vanished" ? 1 : 0);

/** What must not be overlooked among the rest. */
export const isGrave = ({ cause, danger }: DriftPullFinding): boolean =>
  cause === "vanished" || (danger !== undefined && danger.class >= "R3");
