import type { CredentialPhase } from "../model/isolation.ts";
import type { EngineCall } from "../ports/engine.ts";
import type { Scratch } from "./frame.ts";
import type { World } from "./world.ts";

/**
 * What an engine call of a phase is given: the variables of the server's file, and over them what is lent for this run.
 * Each phase has a folder of its own, which the other's processes never see.
 */
export const lendCredentials = (
  world: World,
  { run, workspace, afterwards }: Pick<Scratch, "run" | "workspace" | "afterwards">,
  phase: CredentialPhase,
  of = workspace.key,
): Pick<EngineCall, "env" | "credentials"> => {
  const { planEnv, applyEnv } = world.server.engine;
  const env = phase === "plan" ? planEnv : applyEnv;
  if (!world.credentials) return { env };
  const ask = { workspace: of, run: run.id, phase };
  const lent = world.credentials.lend(ask, async () => {
    const { path, dispose } = await world.files.scratch(run.id);
    afterwards(dispose);
    return path;
  });
  afterwards(async () => lent.close());
  return { env, credentials: () => lent.variables() };
};
