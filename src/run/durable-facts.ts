import type { ApplyFacts } from "../gate/apply-facts.ts";
import { underServer } from "../model/governance.ts";
import type { PullRequest } from "../model/pull.ts";
import { contextOfChanges } from "../risk/context-judgement.ts";
import type { Scratch } from "./frame.ts";
import { freezeSwitches } from "./freeze-switch.ts";
import { changesSomething, type SavedPlan } from "./plan-step.ts";
import type { RunInput } from "./run-input.ts";
import { revertFacts, statefulFacts } from "./stateful-facts.ts";
import { judgedOwners } from "./workspace-owners.ts";
import type { World } from "./world.ts";

/**
 * What the apply gate must know of durable state and freezes. A plan that changes nothing, such as a formalization's,
 * waits for nothing; an apply that no pull request asked for has nobody who could approve it.
 */
export const durableFacts = async (
  world: World,
  { run, workspace }: Pick<Scratch, "run" | "workspace">,
  input: RunInput,
  saved: SavedPlan,
  pull: PullRequest | null,
): Promise<Pick<ApplyFacts, "stateful" | "freeze">> => {
  if (!changesSomething(saved)) return {};
  if (pull) {
    const base = run.base ?? input.commit;
    // A pull request's own plan falls back to the owners of its changed files; a revert applies none of them.
    const owners =
      input.intent === "revert"
        ? await judgedOwners(world, workspace.repo, base, input.config)
        : input.config.owners;
    const plan = {
      workspace: workspace.key,
      inspection: saved.inspection,
      digest: saved.digest.digest,
      owners,
      context: contextOfChanges(saved.context, saved.inspection),
    };
    const stateful =
      input.intent === "revert"
        ? await revertFacts(world, pull, plan, saved.rules, run.requestedBy)
        : await statefulFacts(world, pull, plan, saved.rules, base);
    return { stateful, freeze: stateful };
  }
  const { key, dir, name } = workspace;
  const freeze = {
    governance: underServer(saved.rules.governance, world.server),
    workspace: { key, dir, name },
    switches: await freezeSwitches(world),
    freezeOverride: null,
    now: world.clock.now(),
    trigger: world.server.triggerWords[0] ?? "plumbline",
  };
  return { freeze };
};
