import type { Requirement } from "../model/config.ts";
import { type PullRequest, permits, type Review } from "../model/pull.ts";
import type { World } from "./world.ts";

/** What a workspace demands before an apply, and whether the forge says that it holds. */
export interface RequirementFacts {
  readonly requirements: readonly Requirement[];
  readonly approved: boolean;
  readonly mergeable: boolean;
  readonly undiverged: boolean;
}

export const OWN_CONTEXTS: readonly string[] = ["plumbline/"];

/** Asks the forge only for what is demanded: requirements come from the protected branch, facts from now. */
export const requirementFacts = async (
  world: World,
  requirements: readonly Requirement[],
  pull: PullRequest | null,
): Promise<RequirementFacts> => {
  const ask = async (name: Requirement, look: (pull: PullRequest) => Promise<boolean>): Promise<boolean> =>
    !requirements.includes(name) || (pull !== null && (await look(pull)));
  return {
    requirements,
    approved: await ask("approved", (found) => isApproved(world, found)),
    mergeable: await ask("mergeable", (found) => isMergeable(world, found)),
    undiverged: await ask("undiverged", (found) => isUndiverged(world, found)),
  };
};

/** The newest word of each reviewer, for this head, from somebody who neither wrote nor pushed it (decision 6). */
const isApproved = async (world: World, pull: PullRequest): Promise<boolean> => {
  const excluded = await whoMayNotApprove(world, pull);
  const newest = new Map<string, Review>();
  for (const review of await world.forge.reviews(pull)) {
    if (review.state !== "commented" && review.state !== "pending") newest.set(review.user, review);
  }
  const words = [...newest.values()].filter((review) => !excluded.has(review.user));
  const yes = words.filter((review) => review.state === "approved" && review.commit === pull.head.sha);
  for (const { user } of yes) {
    // On a public repository anybody may review.
    const has = await world.forge.permission(pull.repo, user);
    if (permits(has, world.server.commandPermission)) return true;
  }
  return false;
};

/** Where the forge does not tell who pushed, every contributor is excluded: authorship can be forged. */
export const whoMayNotApprove = async (world: World, pull: PullRequest): Promise<ReadonlySet<string>> => {
  const pusher = await world.forge.lastPusher(pull.repo, pull.head.ref, pull.head.sha);
  const people =
    pusher === null ? await world.git.contributors(pull.repo, pull.base.sha, pull.head.sha) : [pusher];
  return new Set([...people, pull.author, await world.forge.identity()]);
};

const isMergeable = async (world: World, pull: PullRequest): Promise<boolean> =>
  pull.state === "merged" || (await world.forge.mergeable(pull, OWN_CONTEXTS)) === true;

const isUndiverged = async (world: World, pull: PullRequest): Promise<boolean> => {
  if (pull.state === "merged") return true;
  await world.git.fetch(pull.repo);
  const tip = await world.git.resolve(pull.repo, pull.base.ref);
  return tip !== null && (await world.git.isAncestor(pull.repo, tip, pull.head.sha));
};
