import { PlumblineError } from "../model/errors.ts";
import { type JobOf, nothing, type Outcome } from "../model/job.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Run } from "../model/run.ts";
import type { Lease, WorkspaceRow } from "../ports/ledger.ts";
import { rescue } from "./apply-once.ts";
import { findNow, storeFindings } from "./findings.ts";
import { publishSoon, type Scratch } from "./frame.ts";
import { writeLogRef } from "./log-ref.ts";
import { changesSomething, makePlan } from "./plan-step.ts";
import { prepare } from "./prepare.ts";
import { readRunInput } from "./run-input.ts";
import { openRunLog } from "./run-log.ts";
import type { World } from "./world.ts";

/**
 * After a crash in the middle of an apply: waits until the engine that was left alone has ended, then reads state and
 * plans, changing nothing, and says what was done and what was not. Only then is the workspace free again; the apply
 * itself is never repeated (design, decision 8).
 */
export const reconcile =
  (world: World) =>
  async (job: JobOf<"reconcile">, signal: AbortSignal): Promise<Outcome> => {
    const run = await world.ledger.runs.get(job.run);
    const lease = await world.ledger.leases.get(job.workspace);
    const workspace = await world.ledger.workspaces.get(job.workspace);
    if (run?.state !== "unknown" || lease?.run !== run.id || !workspace) return nothing;
    if ((await world.files.leftByApply(workspace.key)).running)
      throw new PlumblineError("workspace-busy", `The engine of ${run.id} is still applying.`, {
        detail: { holder: run.id },
      });
    const place = await world.files.scratch(run.id);
    try {
      return await lookAndSettle(
        world,
        scratchFor(world, { run, lease, workspace, signal, folder: place.path }),
      );
    } finally {
      await place.dispose();
    }
  };

const scratchFor = (
  world: World,
  facts: { run: Run; lease: Lease; workspace: WorkspaceRow; signal: AbortSignal; folder: string },
): Scratch => {
  const log = openRunLog(world);
  const scratch: Scratch = {
    ...facts,
    log,
    afterwards: (work) => void work(),
    step: (name, work) => {
      log.line(`== ${name}`);
      return work();
    },
    heeding: (signal) => ({ ...scratch, signal }),
  };
  return scratch;
};

const lookAndSettle = async (world: World, scratch: Scratch): Promise<Outcome> => {
  const { run, workspace, lease } = scratch;
  const input = readRunInput(run);
  const { erroredState } = await world.files.leftByApply(workspace.key);
  if (erroredState !== null) await rescue(world, scratch, erroredState);
  await world.files.forgetApply(workspace.key);
  const prepared = await prepare(world, scratch, input);
  try {
    const saved = await makePlan(world, scratch, prepared, input, { name: "what is left", lock: false });
    const state = await prepared.engine.stateVersion(prepared.call);
    const drift = await findNow(world, workspace, saved, state);
    const left = saved.inspection.changes.filter((change) => !["no-op", "read"].includes(change.action));
    const done = !changesSomething(saved);
    const log = await scratch.log.save(`runs/${run.id}/reconciled.txt`);
    const at = world.clock.now();
    await world.ledger.transaction(async (ledger) => {
      const settled = await ledger.runs.transition(run.id, {
        from: ["unknown"],
        to: done ? "succeeded" : "failed",
        token: lease.token,
        at,
        logArtifact: writeLogRef(log),
        result: {
          ...(run.result as JsonObject),
          verified: done,
          remaining: left.map((change) => `${change.action} ${change.address}`),
        } as Json,
        ...(done
          ? {}
          : {
              error: {
                code: "interrupted",
                message: "The process died while it applied; what is left is listed.",
              },
            }),
      });
      if (!settled) return;
      await storeFindings(world, ledger, workspace, drift);
      await ledger.leases.release(lease);
      const details = { run: run.id, done, left: left.length };
      await ledger.audit.append({
        at,
        actor: "plumbline",
        action: "apply-reconciled",
        subject: run.workspace,
        details,
      });
      if (run.pull) await ledger.outbox.add([publishSoon(run.pull)], at);
    });
    world.nudge();
    return nothing;
  } finally {
    await prepared.tree.release();
  }
};
