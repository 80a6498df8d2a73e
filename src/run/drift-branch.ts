import type { PullRequest } from "../model/pull.ts";
import type { World } from "./world.ts";

/** Who else has commits on a drift pull request's branch; empty where all of it is ours. Such a branch is left alone. */
export const othersOn = async (world: World, pull: PullRequest): Promise<readonly string[]> => {
  const people = await world.git.contributors(pull.repo, pull.base.sha, pull.head.sha);
  const me = await world.forge.identity();
  return people.filter((person) => person !== me && !person.startsWith("plumbline"));
};
