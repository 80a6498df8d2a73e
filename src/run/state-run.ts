import { asPlumblineError } from "../model/errors.ts";
import type { JobOf, Outcome } from "../model/job.ts";
import { abandonState } from "./abandon-state.ts";
import { frame, type Scratch } from "./frame.ts";
import { importRun } from "./import-run.ts";
import { mustWork, type Prepared, prepare } from "./prepare.ts";
import { noteIntent } from "./privileged.ts";
import { isRecorded, refuseOlder, rescuedState } from "./rescued-state.ts";
import { type RunInput, readRunInput } from "./run-input.ts";
import type { Settled } from "./settle-run.ts";
import { stateSettled } from "./state-settled.ts";
import type { World } from "./world.ts";

/**
 * What a person may do to a recorded state by comment: write the state that an apply could not save (`state push`), give it
 * up (`state abandon`), and remove a stale lock of the engine (`force-unlock ID`). These, and an import asked for by comment, take the workspace's lease, so that
 * nothing runs beside them.
 */
export const stateRun =
  (world: World) =>
  (job: JobOf<"state">, signal: AbortSignal): Promise<Outcome> =>
    frame(world, job.run, signal, async (scratch) => {
      const input = readRunInput(scratch.run);
      try {
        const prepared = await prepare(world, scratch, input);
        scratch.afterwards(() => prepared.tree.release());
        if (input.intent === "import") return await importRun(world, scratch, prepared, input);
        if (input.intent === "state-push") return await pushState(world, scratch, prepared);
        if (input.intent === "state-abandon")
          return await abandonState(world, scratch, prepared, input.targets[0] ?? "");
        return await unlockState(world, scratch, prepared, input);
      } catch (thrown) {
        return refused(world, scratch, thrown);
      }
    });

/** What an earlier run pushed whose end was not kept is not pushed again: that it is done is what was missing. */
export const pushState = async (
  world: World,
  scratch: Scratch,
  prepared: Pick<Prepared, "engine" | "call" | "applyCall" | "tree">,
): Promise<Settled> => {
  const { saved, artifact } = await rescuedState(world, scratch);
  const before = (await isRecorded(prepared, saved)) ? { before: true } : {};
  if (!("before" in before)) {
    await refuseOlder(prepared, saved);
    const file = `${scratch.folder}/rescued.tfstate`;
    await world.files.write(file, saved);
    await noteIntent(world, scratch, { artifact });
    await scratch.step("state push", async () =>
      mustWork("state push", await prepared.engine.statePush(prepared.applyCall, file)),
    );
  }
  const { key } = scratch.workspace;
  const done = { action: "state-pushed", details: { artifact, ...before }, unfreeze: key };
  return stateSettled(world, scratch, prepared, done);
};

/** Nobody looks at the log of such a run: why it failed is answered on the pull request. */
export const refused = (world: World, { run }: Scratch, thrown: unknown): Settled => {
  const { code, message, hint } = asPlumblineError(thrown);
  const safe = world.redactor.redact(message);
  const answer = {
    kind: "reply",
    key: `reply:${run.id}`,
    body: `That did not work: ${safe}\n\n${hint}`,
  } as const;
  return {
    to: "failed",
    error: { code, message: safe, hint },
    result: run.result,
    followUps: run.pull ? [{ job: { ...answer, pull: run.pull } }] : [],
    store: async (ledger) => {
      const at = world.clock.now();
      const [action, details] = [`${run.trigger}-refused`, { run: run.id, code, why: safe }];
      await ledger.audit.append({ at, actor: run.requestedBy, action, subject: run.workspace, details });
    },
  };
};

const unlockState = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  input: RunInput,
): Promise<Settled> => {
  const [id = ""] = input.targets;
  await noteIntent(world, scratch, { lock: id });
  await scratch.step("force-unlock", async () =>
    mustWork("force-unlock", await prepared.engine.forceUnlock(prepared.applyCall, id)),
  );
  const done = { action: "state-unlocked", details: { lock: id }, unfreeze: null };
  return stateSettled(world, scratch, prepared, done);
};
