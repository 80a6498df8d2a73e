import { asPlumblineError } from "../model/errors.ts";
import { type PullRequest, pullKey } from "../model/pull.ts";
import type { World } from "./world.ts";

/**
 * Deletes the branch of a merged pull request, while it still points to what was merged and nobody needs it. Best effort:
 * a rule of the forge may forbid it, which the log tells, and nothing else depends on it.
 */
export const deleteMergedBranch = async (world: World, pull: PullRequest): Promise<void> => {
  try {
    if (await isOver(world, pull)) await world.git.deleteBranch(pull.repo, pull.head.ref, pull.head.sha);
  } catch (thrown) {
    const { code, message } = asPlumblineError(thrown);
    world.log.warn("the branch of a merged pull request was not deleted", {
      ...{ pull: pullKey(pull), branch: pull.head.ref, code },
      message: world.redactor.redact(message),
    });
  }
};

/** A branch of this repository, as it was merged, on which no other pull request is based. */
const isOver = async (world: World, { repo, fork, head, base }: PullRequest): Promise<boolean> => {
  if (fork || head.ref === base.ref || head.ref === (await world.forge.defaultBranch(repo))) return false;
  await world.git.fetch(repo);
  if ((await world.git.resolve(repo, head.ref)) !== head.sha) return false;
  const others = await world.forge.openPulls(repo);
  return !others.some((other) => other.base.ref === head.ref || (!other.fork && other.head.ref === head.ref));
};
