import { redactPlan } from "../plan/redact.ts";
import type { Prepared } from "./prepare.ts";
import type { World } from "./world.ts";

/** What every writing of code works on, and who is told the secrets that it meets. */
export const codifyInput = (world: World, prepared: Prepared, planFile: string) => ({
  workspace: {
    engine: prepared.engine,
    call: prepared.call,
    repoRoot: prepared.tree.root,
    varFiles: prepared.varFiles,
    planFile,
  },
  onSecret: (text: string): void => world.redactor.learn(text),
  onPlan: (plan: Parameters<typeof redactPlan>[0]): void => {
    for (const secret of redactPlan(plan).secrets) world.redactor.learn(secret);
  },
});
