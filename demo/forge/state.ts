import type { Permission } from "../../src/model/pull.ts";
import type { Repository } from "./repository.ts";

// What the forge remembers. GitHub's words where GitHub has one; JSON shapes are made in shapes-*.ts only.

export interface Person {
  readonly id: number;
  readonly login: string;
  readonly bot: boolean;
  /** Answers for this person over HTTP and git. */
  readonly token: string;
}

export interface Comment {
  readonly id: number;
  readonly author: Person;
  body: string;
  readonly createdAt: Date;
  updatedAt: Date;
  readonly reactions: {
    readonly id: number;
    readonly by: Person;
    readonly content: string;
    readonly at: Date;
  }[];
}

export interface Review {
  readonly id: number;
  readonly author: Person;
  state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED";
  readonly body: string;
  readonly commit: string;
  /** On lines of the head, the last one named. */
  readonly remarks: readonly {
    readonly path: string;
    readonly from: number;
    readonly line: number;
    readonly body: string;
  }[];
  readonly at: Date;
}

export interface Status {
  readonly id: number;
  readonly context: string;
  readonly state: "pending" | "success" | "failure" | "error";
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creator: Person;
  readonly at: Date;
}

/** An issue, or a pull request where `pull` is set: they share numbers and comments. */
export interface Thread {
  readonly id: number;
  readonly number: number;
  readonly author: Person;
  title: string;
  body: string;
  state: "open" | "closed";
  readonly createdAt: Date;
  updatedAt: Date;
  closedAt: Date | null;
  readonly labels: string[];
  readonly comments: Comment[];
  readonly pull: Pull | null;
}

export interface Pull {
  readonly headRepo: Repo;
  readonly headRef: string;
  headSha: string;
  baseRef: string;
  /** Tip of the base when the pull request was opened or last pushed to, as GitHub has it. */
  baseSha: string;
  draft: boolean;
  mergeable: boolean;
  merged: { readonly by: Person; readonly at: Date } | null;
  /** The trial merge while open and free of conflicts, the real one once merged. */
  mergeCommit: string | null;
  readonly reviews: Review[];
}

export interface PullThread extends Thread {
  readonly pull: Pull;
}

export interface Activity {
  readonly id: number;
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly by: Person;
  readonly type: "push" | "force_push" | "branch_creation" | "branch_deletion" | "pr_merge";
  readonly at: Date;
}

export interface Repo {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly fullName: string;
  readonly git: Repository;
  readonly parent: Repo | null;
  readonly createdAt: Date;
  pushedAt: Date;
  readonly permissions: Map<string, Permission>;
  readonly threads: Map<number, Thread>;
  /** Commit -> every status ever set, oldest first. */
  readonly statuses: Map<string, Status[]>;
  readonly activities: Activity[];
  /** Branch -> what a pull request onto it needs. */
  readonly protection: Map<string, Protection>;
  nextNumber: number;
}

export interface Protection {
  readonly contexts: readonly string[];
  /** Approvals needed. */
  readonly reviews: number;
}

export interface RequestEntry {
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  readonly login: string | null;
  status: number;
}

export const ZERO = "0".repeat(40);

/** Only the moment to the second leaves the forge, as on GitHub. */
export const stamp = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

export const isPull = (thread: Thread): thread is PullThread => thread.pull !== null;

export const openPullsOf = (repo: Repo): PullThread[] =>
  [...repo.threads.values()].filter(isPull).filter((thread) => thread.state === "open");

/** The newest status of each context on a commit. */
export const currentStatuses = (repo: Repo, commit: string): Status[] => {
  const newest = new Map<string, Status>();
  for (const status of repo.statuses.get(commit) ?? []) newest.set(status.context, status);
  return [...newest.values()];
};

export const permissionOf = (repo: Repo, person: Person | null): Permission =>
  (person && repo.permissions.get(person.login.toLowerCase())) ?? "none";
