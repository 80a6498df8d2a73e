import type { Octokit } from "@octokit/rest";
import type { PullRef } from "../model/pull.ts";
import type { CommitStatus, Forge } from "../ports/forge.ts";
import type { GithubClient, Place } from "./github-client.ts";
import { orWhereRefused } from "./github-errors.ts";
import { cutText } from "./github-words.ts";

type StatusCalls = Pick<Forge, "setStatus" | "statuses" | "mergeable">;

const DESCRIPTION_LENGTH = 140;

export const githubStatuses = (client: GithubClient): StatusCalls => ({
  setStatus: (repo, commit, { context, state, description, targetUrl }) =>
    client.with(repo, async (api, at) => {
      await api.rest.repos.createCommitStatus({
        ...at,
        sha: commit,
        context,
        state,
        description: cutText(description, DESCRIPTION_LENGTH),
        ...(targetUrl === null ? {} : { target_url: targetUrl }),
      });
    }),
  statuses: (repo, commit) => client.with(repo, (api, at) => currentStatuses(api, at, commit)),
  mergeable: (ref, ownContexts) => client.with(ref.repo, (api, at) => isMergeable(api, at, ref, ownContexts)),
});

/** The newest status of each context. */
const currentStatuses = async (api: Octokit, at: Place, commit: string): Promise<CommitStatus[]> => {
  const wish = { ...at, ref: commit, per_page: 100 };
  const found: CommitStatus[] = [];
  for await (const { data } of api.paginate.iterator(api.rest.repos.getCombinedStatusForRef, wish)) {
    // The paginator unwraps lists, but not this one.
    const { statuses } = data as unknown as { statuses: readonly RawStatus[] };
    for (const { context, state, description, target_url } of statuses)
      found.push({ context, state, description: description ?? "", targetUrl: target_url || null });
  }
  return found;
};

interface RawStatus {
  readonly context: string;
  readonly state: CommitStatus["state"];
  readonly description: string | null;
  readonly target_url: string | null;
}

/**
 * GitHub's own verdict, except where it is "blocked": our apply status is often what blocks. Then the block is
 * ours alone if reviews are fine, every other required context is successful, and one of ours is not yet.
 */
const isMergeable = async (
  api: Octokit,
  at: Place,
  { number }: PullRef,
  own: readonly string[],
): Promise<boolean | null> => {
  const { data: pull } = await api.rest.pulls.get({ ...at, pull_number: number });
  if (pull.merged) return false;
  if (pull.mergeable === null) return null;
  if (!pull.mergeable) return false;
  if (["clean", "has_hooks", "unstable"].includes(pull.mergeable_state)) return true;
  if (pull.mergeable_state === "unknown") return null;
  if (pull.mergeable_state !== "blocked") return false;
  const [required, passed, reviewed] = [
    await requiredContexts(api, at, pull.base.ref),
    await passedContexts(api, at, pull.head.sha),
    await reviewsAllow(api, at, number),
  ];
  const missing = [...required].filter((context) => !passed.has(context));
  return (
    reviewed &&
    missing.length > 0 &&
    missing.every((context) => own.some((prefix) => context.startsWith(prefix)))
  );
};

/** By branch protection and by rulesets; both can be read without an administrator's rights. */
const requiredContexts = async (api: Octokit, at: Place, branch: string): Promise<ReadonlySet<string>> => {
  const { data: protectedBranch } = await api.rest.repos.getBranch({ ...at, branch });
  const asked = api.paginate(api.rest.repos.getBranchRules, { ...at, branch, per_page: 100 });
  const rules = await orWhereRefused(asked, []);
  const byRules = rules.flatMap((rule) =>
    rule.type === "required_status_checks" ? (rule.parameters?.required_status_checks ?? []) : [],
  );
  return new Set([
    ...(protectedBranch.protection.required_status_checks?.contexts ?? []),
    ...byRules.map((check) => check.context),
  ]);
};

/** Successful statuses and check runs; GitHub counts neutral and skipped runs as passed. */
const passedContexts = async (api: Octokit, at: Place, commit: string): Promise<ReadonlySet<string>> => {
  const statuses = await currentStatuses(api, at, commit);
  const asked = api.paginate(api.rest.checks.listForRef, { ...at, ref: commit, per_page: 100 });
  const runs = await orWhereRefused(asked, []);
  const passedRuns = runs.filter((run) => ["success", "neutral", "skipped"].includes(run.conclusion ?? ""));
  return new Set([
    ...statuses.filter((status) => status.state === "success").map((status) => status.context),
    ...passedRuns.map((run) => run.name),
  ]);
};

const REVIEW_DECISION = `query ($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) { pullRequest(number: $number) { reviewDecision } }
}`;

/** REST tells only administrators how many reviews a branch needs, so this is asked of GraphQL; null: none needed. */
const reviewsAllow = async (api: Octokit, at: Place, number: number): Promise<boolean> => {
  interface Answer {
    readonly repository: { readonly pullRequest: { readonly reviewDecision: string | null } };
  }
  const answer = await api.graphql<Answer>(REVIEW_DECISION, { ...at, number });
  return [null, "APPROVED"].includes(answer.repository.pullRequest.reviewDecision);
};
