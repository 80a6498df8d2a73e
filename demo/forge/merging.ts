import type { Hub } from "./hub.ts";
import { missingContexts, reviewDecision } from "./mergeability.ts";
import { Refusal } from "./refusal.ts";
import type { Person, PullThread, Repo } from "./state.ts";

export const signatureOf = (person: Person) => ({
  name: person.login,
  email: `${person.login.replace(/[^\w.-]/g, "-")}@users.noreply.example`,
});

/** The trial merge of an open pull request: `refs/pull/N/merge` where it works, gone where it conflicts. */
export const refreshMerge = async (
  hub: Hub,
  repo: Repo,
  { pull, number, title, author }: PullThread,
): Promise<void> => {
  const ref = `refs/pull/${number}/merge`;
  const base = await repo.git.resolve(`refs/heads/${pull.baseRef}`);
  const tree = base && (await repo.git.mergeTree(base, pull.headSha));
  pull.mergeable = Boolean(tree);
  pull.mergeCommit =
    base && tree
      ? await repo.git.commitTree(
          tree,
          [base, pull.headSha],
          `Merge ${pull.headSha} into ${base}\n\n${title}\n`,
          signatureOf(author),
          hub.now(),
        )
      : null;
  await repo.git.setRef(ref, pull.mergeCommit);
};

export type MergeMethod = "merge" | "squash" | "rebase";

/** Merges into the base branch and returns its new tip; the caller runs this inside `pushing`. */
export const mergePull = async (
  hub: Hub,
  repo: Repo,
  thread: PullThread,
  by: Person,
  wish: { readonly method: MergeMethod; readonly sha: string | null },
): Promise<string> => {
  refuseUnready(repo, thread, wish.sha);
  const { pull } = thread;
  const base = await repo.git.resolve(`refs/heads/${pull.baseRef}`);
  const commit = base && (await MERGES[wish.method](hub, repo, thread, by, base));
  if (!base || !commit) throw new Refusal(405, "Pull Request is not mergeable");
  pull.merged = { by, at: hub.now() };
  pull.mergeCommit = commit;
  thread.state = "closed";
  thread.closedAt = thread.updatedAt = hub.now();
  await repo.git.setRef(`refs/heads/${pull.baseRef}`, commit);
  return commit;
};

const refuseUnready = (repo: Repo, thread: PullThread, sha: string | null): void => {
  const { pull } = thread;
  if (thread.state === "closed" || !pull.mergeable) throw new Refusal(405, "Pull Request is not mergeable");
  if (pull.draft) throw new Refusal(405, "Pull Request is still a draft");
  if (sha !== null && sha !== pull.headSha)
    throw new Refusal(409, "Head branch was modified. Review and try the merge again.");
  const [missing] = missingContexts(repo, thread);
  if (missing !== undefined) throw new Refusal(405, `Required status check "${missing}" is expected.`);
  if (![null, "APPROVED"].includes(reviewDecision(repo, thread)))
    throw new Refusal(405, "At least one approving review is required by reviewers with write access.");
};

type Merge = (hub: Hub, repo: Repo, thread: PullThread, by: Person, base: string) => Promise<string | null>;

const merge: Merge = async (hub, repo, { pull, number, title }, by, base) => {
  const tree = await repo.git.mergeTree(base, pull.headSha);
  const message = `Merge pull request #${number} from ${pull.headRepo.owner}/${pull.headRef}\n\n${title}\n`;
  return tree && repo.git.commitTree(tree, [base, pull.headSha], message, signatureOf(by), hub.now());
};

const squash: Merge = async (hub, repo, { pull, number, title, author }, _by, base) => {
  const tree = await repo.git.mergeTree(base, pull.headSha);
  return tree && repo.git.commitTree(tree, [base], `${title} (#${number})\n`, signatureOf(author), hub.now());
};

/** Each commit again on top of the base: the merge of base and commit is the tree that a replay would give. */
const rebase: Merge = async (hub, repo, { pull }, _by, base) => {
  let tip = base;
  for (const { commit, by, message } of await repo.git.log(base, pull.headSha)) {
    const tree = await repo.git.mergeTree(base, commit);
    if (!tree) return null;
    tip = await repo.git.commitTree(tree, [tip], message, by, hub.now());
  }
  return tip === base ? null : tip;
};

const MERGES: Readonly<Record<MergeMethod, Merge>> = { merge, squash, rebase };
