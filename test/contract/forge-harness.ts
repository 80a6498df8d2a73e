import type { PullRef } from "../../src/model/pull.ts";
import type { Forge } from "../../src/ports/forge.ts";

/** Path -> new content, null deletes. */
export type HarnessFiles = Readonly<Record<string, string | null>>;

/** A person on the forge, told apart from the adapter's own identity. Everything is done as this person. */
export interface HarnessUser {
  readonly login: string;
  /** One commit on the branch; a missing branch is made from `from` (default `main`). Returns the new head. */
  push(repo: string, branch: string, files: HarnessFiles, options?: { from?: string }): Promise<string>;
  /** Opens a pull request onto `main` (or `base`) and returns its number. A draft is made in the forge's own way. */
  openPull(
    repo: string,
    pull: { title: string; body?: string; head: string; base?: string; draft?: boolean },
  ): Promise<number>;
  comment(ref: PullRef, body: string): Promise<number>;
  review(ref: PullRef, verdict: "approve" | "request-changes"): Promise<void>;
  close(ref: PullRef): Promise<void>;
}

/** What the contract needs of a forge: a local one, or a real server in a box. */
export interface ForgeHarness {
  /** The adapter under test; acts with administrator's rights on every repository made here. */
  readonly forge: Forge;
  /** Login that the adapter acts under. */
  readonly login: string;
  /** A new repository with these files as the first commit on `main`; returns `owner/name`. */
  createRepo(files: HarnessFiles): Promise<string>;
  /** A new person with this permission on the repository. */
  addUser(repo: string, permission: "read" | "write" | "admin"): Promise<HarnessUser>;
  /** `ORG/TEAM` with these members; left out where the harness cannot make one. */
  setTeam?(team: string, logins: readonly string[]): Promise<void>;
  /** From now on `main` takes only pull requests on which these contexts are successful. */
  requireStatuses(repo: string, contexts: readonly string[]): Promise<void>;
  /** Number of open issues (pull requests left out) in the repository. */
  openIssues(repo: string): Promise<number>;
  /** Reactions on a comment of a pull request, as the port spells them. */
  reactions(ref: PullRef, commentId: number): Promise<readonly string[]>;
  /** Remarks on lines that reviews of a pull request hold. */
  remarks(ref: PullRef): Promise<readonly { path: string; body: string }[]>;
  /** Commit that a branch points to, null where it doesn't exist. */
  branch(repo: string, branch: string): Promise<string | null>;
  /** Resolves once the forge has caught up with what was pushed or done (a real server works in the background). */
  settled(ref: PullRef): Promise<void>;
  stop(): Promise<void>;
}
