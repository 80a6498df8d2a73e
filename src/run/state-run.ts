import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import type { JobOf, Outcome } from "../model/job.ts";
import type { JsonObject } from "../model/json.ts";
import { frame, type Scratch } from "./frame.ts";
import { importRun } from "./import-run.ts";
import { mustWork, type Prepared, prepare } from "./prepare.ts";
import { type RunInput, readRunInput } from "./run-input.ts";
import { publishSoon, type Settled } from "./settle-run.ts";
import type { World } from "./world.ts";

/**
 * The two things that a person may do to a recorded state by comment: write the state that an apply could not save
 * (`state push`), and remove a stale lock of the engine (`force-unlock ID`). These, and an import asked for by comment, take the workspace's lease, so that
 * nothing runs beside them.
 */
export const stateRun =
  (world: World) =>
  (job: JobOf<"state">, signal: AbortSignal): Promise<Outcome> =>
    frame(world, job.run, signal, async (scratch) => {
      const input = readRunInput(scratch.run);
      const prepared = await prepare(world, scratch, input);
      try {
        if (input.intent === "import") return await importRun(world, scratch, prepared, input);
        return input.intent === "state-push"
          ? await pushState(world, scratch, prepared)
          : await unlockState(world, scratch, prepared, input);
      } catch (thrown) {
        return refused(world, scratch, thrown);
      } finally {
        await prepared.tree.release();
      }
    });

const pushState = async (world: World, scratch: Scratch, prepared: Prepared): Promise<Settled> => {
  const { frozen, key } = scratch.workspace;
  if (!frozen?.artifact)
    throw new PlumblineError("gate-denied", "No state of this workspace waits to be pushed.");
  const saved = await world.artifacts.get(frozen.artifact);
  const file = `${scratch.folder}/rescued.tfstate`;
  await world.files.write(file, saved);
  await refuseOlder(prepared, saved);
  await scratch.step("state push", async () =>
    mustWork("state push", await prepared.engine.statePush(prepared.applyCall, file)),
  );
  return settled(world, scratch, prepared, "state-pushed", { artifact: frozen.artifact.key }, key);
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
  };
};

/** Same lineage and a higher serial, or somebody else's state would be overwritten. */
const refuseOlder = async (prepared: Prepared, saved: Uint8Array): Promise<void> => {
  const now = await prepared.engine.stateVersion(prepared.call);
  const { lineage, serial } = JSON.parse(new TextDecoder().decode(saved)) as {
    lineage?: string;
    serial?: number;
  };
  if (now === null || (now.lineage === lineage && (serial ?? 0) > now.serial)) return;
  throw new PlumblineError(
    "gate-denied",
    `The recorded state moved on since: it is at serial ${now.serial}, the rescued one at ${serial ?? "none"}.`,
    { hint: "Compare both by hand; the rescued state is kept in the artifact store." },
  );
};

const unlockState = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  input: RunInput,
): Promise<Settled> => {
  const [id = ""] = input.targets;
  await scratch.step("force-unlock", async () =>
    mustWork("force-unlock", await prepared.engine.forceUnlock(prepared.applyCall, id)),
  );
  return settled(world, scratch, prepared, "state-unlocked", { lock: id }, null);
};

/** It is done, told, and looked at. */
export const settled = (
  world: World,
  scratch: Scratch,
  prepared: Pick<Prepared, "tree">,
  action: string,
  details: JsonObject,
  unfreeze: string | null,
): Settled => {
  const { run } = scratch;
  const look = { kind: "drift", workspace: run.workspace, slot: `after:${run.id}` } as const;
  return {
    to: "succeeded",
    commit: prepared.tree.commit,
    result: run.result,
    followUps: [{ job: look }, ...(run.pull ? [publishSoon(run.pull)] : [])],
    store: async (ledger) => {
      if (unfreeze !== null) await ledger.workspaces.unfreeze(unfreeze);
      const at = world.clock.now();
      await ledger.audit.append({ at, actor: run.requestedBy, action, subject: run.workspace, details });
    },
  };
};
