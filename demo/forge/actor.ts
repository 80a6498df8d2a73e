import { cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PullRef } from "../../src/model/pull.ts";
import type { Hub } from "./hub.ts";
import { type MergeMethod, signatureOf } from "./merging.ts";
import { changePull, merge, openPull, review, setDraft } from "./pulls.ts";
import { pushing } from "./pushes.ts";
import { type Files, openRepository } from "./repository.ts";
import { isPull, type Person, type PullThread, permissionOf, type Repo, type Thread } from "./state.ts";
import { comment, findComment, openIssue, react, setStatus } from "./threads.ts";

/** A person at work, without HTTP between: the same effects, events and webhooks as over the API. */
export interface Actor {
  readonly login: string;
  readonly token: string;
  /** One commit; a missing branch is made from `from` (default `main`). Returns the new head. */
  pushFiles(
    repo: string,
    branch: string,
    files: Files,
    message?: string,
    options?: {
      readonly from?: string /** Replaces the branch by one commit on top of `from`. */;
      readonly force?: boolean;
    },
  ): Promise<string>;
  deleteBranch(repo: string, branch: string): Promise<void>;
  /** Opens a pull request from a branch, or `owner:branch` of a fork, and returns its number. */
  openPull(
    repo: string,
    pull: {
      readonly title: string;
      readonly body?: string;
      readonly head: string;
      readonly base?: string;
      readonly draft?: boolean;
    },
  ): Promise<number>;
  edit(
    ref: PullRef,
    change: { readonly title?: string; readonly body?: string; readonly base?: string },
  ): Promise<void>;
  close(ref: PullRef): Promise<void>;
  reopen(ref: PullRef): Promise<void>;
  setDraft(ref: PullRef, draft: boolean): Promise<void>;
  /** Returns the commit on the base branch. */
  merge(ref: PullRef, method?: MergeMethod): Promise<string>;
  review(ref: PullRef, verdict: "approve" | "request-changes" | "comment", body?: string): Promise<void>;
  /** Returns the comment's id. */
  comment(ref: PullRef, body: string): Promise<number>;
  react(repo: string, commentId: number, reaction: string): Promise<void>;
  label(ref: PullRef, label: string): Promise<void>;
  openIssue(repo: string, issue: { readonly title: string; readonly body: string }): Promise<number>;
  setStatus(
    repo: string,
    commit: string,
    status: { readonly context: string; readonly state: "pending" | "success" | "failure" | "error" },
  ): Promise<void>;
  /** A copy under this person's name, writable by them; returns its full name. */
  fork(repo: string): Promise<string>;
}

export const actAs = (hub: Hub, login: string): Actor => {
  const person = hub.people.get(login.toLowerCase());
  if (!person) throw new Error(`There is nobody called ${login}.`);
  const pullAt = ({ repo, number }: PullRef): [Hub, Repo, PullThread, Person] => {
    const thread = findThread(findRepo(hub, repo), number);
    if (!isPull(thread)) throw new Error(`${repo}#${number} is no pull request.`);
    return [hub, findRepo(hub, repo), thread, person];
  };
  return {
    login: person.login,
    token: person.token,
    ...branchesOf(hub, person),
    async openPull(repo, { body = "", base = "main", draft = false, ...wish }) {
      return (await openPull(hub, findRepo(hub, repo), person, { ...wish, body, base, draft })).number;
    },
    edit: (ref, change) => changePull(...pullAt(ref), change),
    close: (ref) => changePull(...pullAt(ref), { state: "closed" }),
    reopen: (ref) => changePull(...pullAt(ref), { state: "open" }),
    setDraft: async (ref, draft) => setDraft(...pullAt(ref), draft),
    merge: (ref, method = "merge") => merge(...pullAt(ref), { method, sha: null }),
    async review(ref, verdict, body = "") {
      await review(...pullAt(ref), { state: VERDICTS[verdict], body, commit: null });
    },
    async comment({ repo, number }, body) {
      const place = findRepo(hub, repo);
      return comment(hub, place, findThread(place, number), person, body).id;
    },
    async react(repo, commentId, reaction) {
      const found = findComment(findRepo(hub, repo), commentId);
      if (!found) throw new Error(`There is no comment ${commentId}.`);
      react(hub, found, person, reaction);
    },
    async label({ repo, number }, label) {
      findThread(findRepo(hub, repo), number).labels.push(label);
      hub.changed();
    },
    openIssue: async (repo, issue) => openIssue(hub, findRepo(hub, repo), person, issue).number,
    async setStatus(repo, commit, status) {
      await setStatus(hub, findRepo(hub, repo), person, commit, {
        ...status,
        description: null,
        targetUrl: null,
      });
    },
    fork: async (repo) => (await fork(hub, findRepo(hub, repo), person)).fullName,
  };
};

const VERDICTS = {
  approve: "APPROVED",
  "request-changes": "CHANGES_REQUESTED",
  comment: "COMMENTED",
} as const;

export const findRepo = (hub: Hub, fullName: string): Repo => {
  const repo = hub.repos.get(fullName.toLowerCase());
  if (!repo) throw new Error(`There is no repository ${fullName}.`);
  return repo;
};

const findThread = (repo: Repo, number: number): Thread => {
  const thread = repo.threads.get(number);
  if (!thread) throw new Error(`There is no ${repo.fullName}#${number}.`);
  return thread;
};

const branchesOf = (hub: Hub, person: Person): Pick<Actor, "pushFiles" | "deleteBranch"> => ({
  async pushFiles(fullName, branch, files, message = "Change files", { from = "main", force = false } = {}) {
    const repo = findRepo(hub, fullName);
    refuseReader(repo, person);
    return pushing(hub, repo, person, async () => {
      const tip = force ? null : await repo.git.resolve(`refs/heads/${branch}`);
      const parent = tip ?? (await repo.git.resolve(from));
      const by = signatureOf(person);
      return repo.git.commit({ branch, parent, files, message: `${message}\n`, by, at: hub.now(), force });
    });
  },
  async deleteBranch(fullName, branch) {
    const repo = findRepo(hub, fullName);
    refuseReader(repo, person);
    return pushing(hub, repo, person, () => repo.git.setRef(`refs/heads/${branch}`, null));
  },
});

const refuseReader = (repo: Repo, person: Person): void => {
  if (["none", "read", "triage"].includes(permissionOf(repo, person)))
    throw new Error(`${person.login} may not push to ${repo.fullName}.`);
};

const fork = async (hub: Hub, parent: Repo, person: Person): Promise<Repo> => {
  const fullName = `${person.login}/${parent.name}`;
  const dir = join(hub.folder, person.login, `${parent.name}.git`);
  await mkdir(dirname(dir), { recursive: true });
  await cp(parent.git.dir, dir, { recursive: true });
  const at = hub.now();
  const copy: Repo = {
    ...{
      id: hub.nextId(),
      owner: person.login,
      name: parent.name,
      fullName,
      parent,
      createdAt: at,
      pushedAt: at,
    },
    ...{
      git: openRepository(dir),
      permissions: new Map([...parent.permissions, [person.login.toLowerCase(), "admin"]]),
    },
    ...{ threads: new Map(), statuses: new Map(), activities: [], protection: new Map(), nextNumber: 1 },
  };
  hub.repos.set(fullName.toLowerCase(), copy);
  return copy;
};
