import { currentStatuses, type PullThread, type Repo, type Review } from "./state.ts";

/** GitHub's `mergeable_state`: what stands between an open pull request and its base. */
export const mergeableState = (repo: Repo, thread: PullThread): string => {
  if (thread.state === "closed") return "unknown";
  if (thread.pull.draft) return "draft";
  if (!thread.pull.mergeable) return "dirty";
  const reviewed = [null, "APPROVED"].includes(reviewDecision(repo, thread));
  if (!reviewed || missingContexts(repo, thread).length > 0) return "blocked";
  const states = currentStatuses(repo, thread.pull.headSha).map((status) => status.state);
  return states.every((state) => state === "success") ? "clean" : "unstable";
};

/** Required contexts without success on the head. */
export const missingContexts = (repo: Repo, { pull }: PullThread): readonly string[] => {
  const passed = currentStatuses(repo, pull.headSha).filter((status) => status.state === "success");
  const required = repo.protection.get(pull.baseRef)?.contexts ?? [];
  return required.filter((context) => !passed.some((status) => status.context === context));
};

/** GraphQL's `reviewDecision`: null where the base branch needs no review. */
export const reviewDecision = (
  repo: Repo,
  { pull }: PullThread,
): "APPROVED" | "CHANGES_REQUESTED" | "REVIEW_REQUIRED" | null => {
  const needed = repo.protection.get(pull.baseRef)?.reviews ?? 0;
  if (needed === 0) return null;
  const latest = new Map<number, Review["state"]>();
  for (const review of pull.reviews)
    if (review.state !== "COMMENTED") latest.set(review.author.id, review.state);
  const states = [...latest.values()];
  if (states.includes("CHANGES_REQUESTED")) return "CHANGES_REQUESTED";
  return states.filter((state) => state === "APPROVED").length >= needed ? "APPROVED" : "REVIEW_REQUIRED";
};
