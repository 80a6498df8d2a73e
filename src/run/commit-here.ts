import type { Run } from "../model/run.ts";
import type { World } from "./world.ts";

/**
 * Makes sure that this replica's mirror holds the commit of a run. A trial merge exists only where it was made, and for
 * a day; the same two commits give the same merge, so that it is made again.
 */
export const commitHere = async (
  world: Pick<World, "git">,
  repo: string,
  { base, head }: Pick<Run, "base" | "head">,
  commit: string,
): Promise<void> => {
  const isHere = async (): Promise<boolean> => (await world.git.resolve(repo, commit)) !== null;
  if (await isHere()) return;
  await world.git.fetch(repo);
  if (base !== null && head !== null && !(await isHere())) await world.git.merge(repo, base, head);
};
