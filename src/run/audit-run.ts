import type { Outcome } from "../model/job.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { parseJson } from "../model/lossless-json.ts";
import { readPlan } from "../plan/read.ts";
import { redactPlan } from "../plan/redact.ts";
import { stateAsPlan } from "../policy/recorded-plan.ts";
import { frame, type Scratch } from "./frame.ts";
import { auditAlerts, auditWith, type Existing, storeAudit } from "./policy-audit.ts";
import { mustWork, type Prepared, prepare } from "./prepare.ts";
import { protectedRules } from "./protected-rules.ts";
import { resourceContext } from "./resource-context.ts";
import { readRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/**
 * The scheduled look at a workspace in which nobody looks for drift, since it is frozen or its schedule is off: its
 * recorded state is read, and all policies are asked about it. Nothing is planned, refreshed or locked, and findings
 * stay as they were.
 */
export const auditRun = (world: World, run: string, signal: AbortSignal): Promise<Outcome> =>
  frame(world, run, signal, async (scratch) => {
    const input = readRunInput(scratch.run);
    const prepared = await prepare(world, scratch, input);
    try {
      const audit = await auditWith(world, scratch, input, () => recorded(world, scratch, prepared));
      return {
        to: "succeeded",
        commit: prepared.tree.commit,
        result: {
          ...(scratch.run.result as JsonObject),
          ...(audit.audit ? { policies: audit.audit.verdict as unknown as Json } : {}),
        },
        followUps: [
          ...auditAlerts(audit),
          // It keeps the repository's issue on what policies deny.
          {
            job: { kind: "drift-pull", workspace: scratch.workspace.key },
            dedupeKey: `drift-pull:${scratch.workspace.key}`,
          },
        ],
        store: (ledger) => storeAudit(ledger, scratch.workspace.key, audit),
      };
    } finally {
      await prepared.tree.release();
    }
  });

const recorded = async (world: World, scratch: Scratch, prepared: Prepared): Promise<Existing> => {
  const { json } = await scratch.step("read the state", async () =>
    mustWork("show", await prepared.engine.showState(prepared.call)),
  );
  const state = parseJson(json);
  const document = stateAsPlan(isJsonObject(state) ? state : {});
  const plan = readPlan(JSON.stringify(document));
  for (const secret of redactPlan(plan).secrets) world.redactor.learn(secret);
  const { repo } = scratch.workspace;
  const base = prepared.tree.commit;
  const rules = await protectedRules(world, repo, base);
  const context = await resourceContext(world, { repo, base, rules, workspace: scratch.workspace, plan });
  return { document, rules, context, recordedOnly: true };
};
