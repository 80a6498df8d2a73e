import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import type { JsonObject } from "../model/json.ts";
import type { ArtifactRef } from "../ports/artifacts.ts";
import type { EngineResult } from "../ports/engine.ts";
import type { Applied } from "./applied.ts";
import type { Before } from "./apply-outcome.ts";
import { draftEvidence } from "./evidence-draft.ts";
import type { Scratch } from "./frame.ts";
import { patiently } from "./patiently.ts";
import { changesSomething, type SavedPlan } from "./plan-step.ts";
import type { Prepared } from "./prepare.ts";
import type { World } from "./world.ts";

/**
 * Starts the apply at most once: the start is written under the fencing token before the process exists. From here
 * on nothing interrupts it; an unsaved state is rescued before anything is cleaned up.
 */
export const applyOnce = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  saved: SavedPlan,
  before: Before,
  start: { engine: boolean },
): Promise<Applied> => {
  const draft = await draftEvidence(world, scratch, prepared, saved, before);
  await writeStart(world, scratch, saved, draft);
  scratch.afterwards(() => forgetEnded(world, scratch));
  const result = await scratch.step("apply", async () => {
    start.engine = true;
    try {
      return await prepared.engine.apply(prepared.applyCall, saved.file, {
        interrupt: world.interruptApplies,
        varFiles: prepared.varFiles,
      });
    } catch (thrown) {
      // The one failure that says that the engine never came up.
      start.engine = asPlumblineError(thrown).code !== "engine-missing";
      throw thrown;
    }
  });
  const frozen =
    result.erroredState === null ? null : await rescue(patiently(world), scratch, result.erroredState);
  const killed = result.failed && result.exitCode === null;
  const { failed, log } = result;
  return { failed, log, diagnostics: text(result), frozen, skipped: false, killed };
};

/** What the apply left lies there until its end is stored: of one in doubt the look needs it. */
const forgetEnded = async (world: World, { run, workspace }: Scratch): Promise<void> => {
  const now = await world.ledger.runs.get(run.id);
  if (now?.state === "succeeded" || now?.state === "failed") await world.files.forgetApply(workspace.key);
};

const text = (result: EngineResult): string =>
  result.failed ? result.diagnostics || result.shortMessage : "";

/** Written under the fencing token before anything is changed. */
export const writeStart = async (
  world: World,
  scratch: Scratch,
  saved: SavedPlan,
  draft: ArtifactRef,
): Promise<void> => {
  const { run, lease } = scratch;
  const at = world.clock.now();
  const started = await world.ledger.transaction(async (ledger) => {
    const changed = await ledger.runs.transition(run.id, {
      from: ["running"],
      to: "apply-started",
      token: lease.token,
      at,
      result: { ...(run.result as JsonObject), draft: { ...draft }, emptyPlan: !changesSomething(saved) },
    });
    if (changed) {
      await ledger.audit.append({
        at,
        actor: run.requestedBy,
        action: "apply-started",
        subject: run.workspace,
        details: {
          run: run.id,
          digest: saved.digest.digest,
          token: lease.token,
          pull: run.pull?.number ?? null,
        },
      });
    }
    return changed;
  });
  if (!started)
    throw new PlumblineError("stale-token", `The run ${run.id} lost its workspace before the apply began.`);
};

/** Keeps a state that the backend refused, encrypted, and freezes the workspace until it is pushed. */
export const rescue = async (world: World, scratch: Scratch, path: string): Promise<ArtifactRef> => {
  const { run } = scratch;
  const content = await world.files.read(path);
  const artifact = await world.artifacts.put(`runs/${run.id}/errored.tfstate`, content ?? new Uint8Array());
  const at = world.clock.now();
  await world.ledger.transaction(async (ledger) => {
    await ledger.workspaces.freeze(run.workspace, "state-unsaved", at, artifact);
    await ledger.audit.append({
      at,
      actor: "plumbline",
      action: "workspace-frozen",
      subject: run.workspace,
      details: { run: run.id, artifact: artifact.key },
    });
  });
  world.log.warn("the backend refused the new state; it was rescued", {
    run: run.id,
    workspace: run.workspace,
  });
  return artifact;
};
