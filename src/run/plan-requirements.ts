import type { Requirement } from "../model/config.ts";
import type { PullRequest } from "../model/pull.ts";
import { titleOf } from "../model/workspace.ts";
import type { Affected } from "./affected.ts";
import { requirementFacts } from "./requirements.ts";
import type { World } from "./world.ts";

/** Parts what a pull request touches into what may be planned now and, as notes, what waits for a requirement. */
export const mayPlan = async (
  world: World,
  pull: PullRequest,
  affected: Affected,
): Promise<{ readonly affected: Affected; readonly notes: readonly string[] }> => {
  const notes: string[] = [];
  const workspaces: Affected["workspaces"][number][] = [];
  for (const workspace of affected.workspaces) {
    const missing = await unmet(world, workspace.config.planRequirements, pull);
    if (missing.length === 0) workspaces.push(workspace);
    else
      notes.push(
        `${titleOf(workspace.id)} is not planned yet: ${missing.map((name) => WAY_OUT[name]).join(" ")}`,
      );
  }
  return { affected: { ...affected, workspaces }, notes };
};

const unmet = async (
  world: World,
  requirements: readonly Requirement[],
  pull: PullRequest,
): Promise<readonly Requirement[]> => {
  if (requirements.length === 0) return [];
  const facts = await requirementFacts(world, requirements, pull);
  return requirements.filter((name) => !facts[name]);
};

const WAY_OUT: Readonly<Record<Requirement, string>> = {
  approved: "its configuration wants an approving review first; comment `plumbline plan` after it.",
  mergeable: "its configuration wants a mergeable pull request first.",
  undiverged: "its configuration wants the base branch merged in first.",
};
