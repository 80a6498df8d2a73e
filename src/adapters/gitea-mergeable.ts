import { z } from "zod";
import type { PullRef } from "../model/pull.ts";
import type { CommitStatus, Forge } from "../ports/forge.ts";
import type { GiteaClient } from "./gitea-client.ts";
import { isForgeError } from "./gitea-errors.ts";
import { type GiteaPull, type GiteaReview, pullShape, reviewShape } from "./gitea-words.ts";

// Gitea says no while it still checks for conflicts, which it does after each push to either side, and does not say
// which no it is: so it is asked again.
const CHECK_WAITS_MS = [500, 1000, 2000];

/**
 * Gitea's word on conflicts and drafts, then the branch's rules read one by one, because its own verdict would
 * count our statuses too. Protected file patterns are left to Gitea: the merge itself is refused then.
 */
export const giteaMergeable =
  (client: GiteaClient, statuses: Forge["statuses"]): Forge["mergeable"] =>
  async (ref, ownContexts) => {
    const pull = await checkedPull(client, ref);
    if (pull.state !== "open" || pull.draft === true || pull.mergeable !== true) return false;
    const rules = await rulesOf(client, ref.repo, pull.base.ref);
    if (rules === null) return true;
    const outdated = rules.upToDate && pull.merge_base !== pull.base.sha;
    if (outdated || !(await reviewsAllow(client, ref, rules))) return false;
    if (rules.contexts === null) return true;
    return contextsAllow(rules.contexts, await statuses(ref.repo, pull.head.sha), ownContexts);
  };

const checkedPull = async (client: GiteaClient, { repo, number }: PullRef): Promise<GiteaPull> => {
  const look = () => client.call(repo, { path: `pulls/${number}`, shape: pullShape });
  let pull = await look();
  for (const waitMs of CHECK_WAITS_MS) {
    if (pull.mergeable === true || pull.draft === true || pull.state !== "open") break;
    await client.clock.wait(waitMs);
    pull = await look();
  }
  return pull;
};

interface Rules {
  readonly approvals: number;
  /** Required ones as patterns, null where statuses don't matter; none: every status that there is. */
  readonly contexts: readonly string[] | null;
  readonly staleCounts: boolean;
  readonly rejectionBlocks: boolean;
  readonly requestBlocks: boolean;
  readonly upToDate: boolean;
}

const branchShape = z.object({
  protected: z.boolean(),
  required_approvals: z.number(),
  enable_status_check: z.boolean(),
  status_check_contexts: z.array(z.string()).nullish(),
  effective_branch_protection_name: z.string().nullish(),
});

const protectionShape = z.object({
  block_on_rejected_reviews: z.boolean().optional(),
  block_on_official_review_requests: z.boolean().optional(),
  block_on_outdated_branch: z.boolean().optional(),
  ignore_stale_approvals: z.boolean().optional(),
});

/** Null: the branch is not protected. What only administrators may read is taken at its strictest where we can't. */
const rulesOf = async (client: GiteaClient, repo: string, name: string): Promise<Rules | null> => {
  const path = `branches/${name.split("/").map(encodeURIComponent).join("/")}`;
  const branch = await client.call(repo, { path, shape: branchShape });
  if (!branch.protected) return null;
  const more = await protectionOf(client, repo, branch.effective_branch_protection_name ?? "");
  return {
    approvals: branch.required_approvals,
    contexts: branch.enable_status_check ? (branch.status_check_contexts ?? []) : null,
    staleCounts: more?.ignore_stale_approvals === false,
    rejectionBlocks: more?.block_on_rejected_reviews !== false,
    requestBlocks: more?.block_on_official_review_requests === true,
    upToDate: more?.block_on_outdated_branch === true,
  };
};

const protectionOf = async (
  client: GiteaClient,
  repo: string,
  rule: string,
): Promise<z.infer<typeof protectionShape> | null> => {
  if (rule === "") return null;
  const call = { path: `branch_protections/${encodeURIComponent(rule)}`, shape: protectionShape };
  return client.call(repo, call).catch((thrown: unknown) => {
    if (isForgeError(thrown, "forge-not-found", "forge-refused")) return null;
    throw thrown;
  });
};

const reviewsAllow = async (client: GiteaClient, { repo, number }: PullRef, rules: Rules) => {
  if (rules.approvals === 0 && !rules.rejectionBlocks && !rules.requestBlocks) return true;
  const path = `pulls/${number}/reviews`;
  const found = await client.all(repo, { path, shape: z.array(reviewShape) });
  const counting = found.filter((review) => review.official === true && review.dismissed !== true);
  const has = (state: GiteaReview["state"]) => counting.some((review) => review.state === state);
  const approvals = counting.filter(
    (review) => review.state === "APPROVED" && (rules.staleCounts || review.stale !== true),
  );
  if (rules.rejectionBlocks && has("REQUEST_CHANGES")) return false;
  if (rules.requestBlocks && has("REQUEST_REVIEW")) return false;
  return approvals.length >= rules.approvals;
};

/** A pattern that names one of ours may wait for ours alone; every other one needs a status, and all successful. */
const contextsAllow = (
  patterns: readonly string[],
  statuses: readonly CommitStatus[],
  own: readonly string[],
): boolean => {
  const isOwn = (context: string): boolean => own.some((prefix) => context.startsWith(prefix));
  const others = statuses.filter(({ context }) => !isOwn(context));
  const mine = statuses.map(({ context }) => context).filter(isOwn);
  if (patterns.length === 0) return others.every((status) => status.state === "success");
  return patterns.every((pattern) => {
    const required = asPattern(pattern);
    const matching = others.filter((status) => required.test(status.context));
    const ours =
      isOwn(pattern) ||
      own.some((prefix) => required.test(prefix)) ||
      mine.some((context) => required.test(context));
    return (matching.length > 0 || ours) && matching.every((status) => status.state === "success");
  });
};

/** Gitea's globs: `*` and `?` are what is used in contexts. */
const asPattern = (glob: string): RegExp => {
  const escaped = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`, "s");
};
