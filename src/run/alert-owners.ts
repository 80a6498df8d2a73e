import { codeOwners } from "../gate/codeowners.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { codeownersAt } from "./protected-rules.ts";
import { readConfig } from "./run-input.ts";
import type { World } from "./world.ts";

/**
 * Who owns a workspace: the owners that its configuration names, else those that CODEOWNERS on its branch names for its
 * files. Nobody where that cannot be read: an alert goes out all the same.
 */
export const ownersOf = async (
  world: Pick<World, "git" | "log">,
  { key, repo, dir, refs, config }: WorkspaceRow,
): Promise<readonly string[]> => {
  const { owners } = readConfig(config);
  if (owners.length > 0) return owners;
  try {
    const tip = await world.git.resolve(repo, refs.desired.branch);
    const text = tip === null ? null : await codeownersAt(world, repo, tip);
    return text === null ? [] : codeOwners(text, [dir === "." ? "main.tf" : `${dir}/main.tf`]);
  } catch (error) {
    world.log.warn("the owners of a workspace could not be read", { workspace: key, error });
    return [];
  }
};
