import { readHealth } from "../config/health-answer.ts";
import { asPlumblineError } from "../model/errors.ts";
import type { ApplicationHealth, ApplyOutcome } from "./apply-outcome.ts";
import type { Scratch } from "./frame.ts";
import type { World } from "./world.ts";

/**
 * How the application fares once its infrastructure was applied, by the operator's command; null where there is none, or
 * nothing was applied. That it is not well, or cannot be told, undoes nothing: it is kept as what the verification found.
 */
export const applicationHealth = async (
  world: Pick<World, "health" | "redactor">,
  scratch: Pick<Scratch, "run" | "workspace" | "log" | "step">,
  commit: string,
  { before, applied }: Pick<ApplyOutcome, "before" | "applied">,
): Promise<ApplicationHealth> => {
  const { health } = world;
  if (!health || applied.skipped) return null;
  const claim = before.stateful?.claims.claim ?? null;
  const metrics = claim?.metrics ?? [];
  const { key: workspace, repo } = scratch.workspace;
  const found = await scratch.step("health", async () => {
    try {
      const answer = await health.ask({
        version: 1,
        repo,
        workspace,
        run: scratch.run.id,
        commit,
        changeId: claim?.changeId ?? null,
        systems: claim?.durableSystems ?? [],
        metrics,
      });
      return readHealth(world.redactor.redact(answer), metrics);
    } catch (thrown) {
      return { healthy: null, metrics: {}, missing: [...metrics], problem: asPlumblineError(thrown).message };
    }
  });
  scratch.log.line(
    found.healthy === null
      ? `the application's health could not be told: ${found.problem}`
      : `the application is ${found.healthy ? "well" : "NOT WELL"}`,
  );
  return found;
};
