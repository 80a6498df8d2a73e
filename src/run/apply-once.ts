import { PlumblineError } from "../model/errors.ts";
import type { JsonObject } from "../model/json.ts";
import type { ArtifactRef } from "../ports/artifacts.ts";
import type { EngineResult } from "../ports/engine.ts";
import type { Applied } from "./applied.ts";
import type { Before } from "./apply-outcome.ts";
import { draftEvidence } from "./evidence-draft.ts";
import type { Scratch } from "./frame.ts";
import { patiently } from "./patiently.ts";
import type { SavedPlan } from "./plan-step.ts";
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
  onStart: () => void,
): Promise<Applied> => {
  const draft = await draftEvidence(world, scratch, prepared, saved, before);
  await writeStart(world, scratch, saved, draft);
  const result = await scratch.step("apply", () => {
    onStart();
    return prepared.engine.apply(prepared.applyCall, saved.file, {
      interrupt: world.interruptApplies,
      varFiles: prepared.varFiles,
    });
  });
  const frozen =
    result.erroredState === null ? null : await rescue(patiently(world), scratch, result.erroredState);
  return { failed: result.failed, log: result.log, diagnostics: text(result), frozen, skipped: false };
};

const text = (result: EngineResult): string =>
  result.failed ? result.diagnostics || result.shortMessage : "";

const writeStart = async (
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
      result: { ...(run.result as JsonObject), draft: { ...draft } },
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
