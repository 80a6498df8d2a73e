import { isDeepStrictEqual } from "node:util";
import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import type { JobOf, Outcome } from "../model/job.ts";
import type { JsonObject } from "../model/json.ts";
import type { Ledger } from "../ports/ledger.ts";
import { frame, type Scratch } from "./frame.ts";
import { importRun } from "./import-run.ts";
import { mustWork, type Prepared, prepare } from "./prepare.ts";
import { noteIntent } from "./privileged.ts";
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
      try {
        const prepared = await prepare(world, scratch, input);
        scratch.afterwards(() => prepared.tree.release());
        if (input.intent === "import") return await importRun(world, scratch, prepared, input);
        return input.intent === "state-push"
          ? await pushState(world, scratch, prepared)
          : await unlockState(world, scratch, prepared, input);
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
  const { frozen, key } = scratch.workspace;
  if (!frozen?.artifact)
    throw new PlumblineError("gate-denied", "No state of this workspace waits to be pushed.");
  const saved = await world.artifacts.get(frozen.artifact);
  const artifact = frozen.artifact.key;
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
  const done = { action: "state-pushed", details: { artifact, ...before }, unfreeze: key };
  return settled(world, scratch, prepared, done);
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

/** Lineage, serial and content; which release of the engine wrote it says nothing of the objects. */
const isRecorded = async (
  { engine, call }: Pick<Prepared, "engine" | "call">,
  saved: Uint8Array,
): Promise<boolean> => {
  const now = await engine.recordedState(call);
  const { terraform_version: _was, ...rescued } = JSON.parse(new TextDecoder().decode(saved));
  if (now === null || rescued.lineage === undefined) return false;
  const { terraform_version: _is, ...recorded } = JSON.parse(now);
  return isDeepStrictEqual(recorded, rescued);
};

/** Same lineage and a higher serial, or somebody else's state would be overwritten. */
const refuseOlder = async (prepared: Pick<Prepared, "engine" | "call">, saved: Uint8Array): Promise<void> => {
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
  await noteIntent(world, scratch, { lock: id });
  await scratch.step("force-unlock", async () =>
    mustWork("force-unlock", await prepared.engine.forceUnlock(prepared.applyCall, id)),
  );
  const done = { action: "state-unlocked", details: { lock: id }, unfreeze: null };
  return settled(world, scratch, prepared, done);
};

interface Done {
  readonly action: string;
  readonly details: JsonObject;
  /** The workspace's key, where it may be applied to again. */
  readonly unfreeze: string | null;
  /** What else is stored with it. */
  readonly store?: (ledger: Ledger) => Promise<void>;
}

/** It is done, told, and looked at. */
export const settled = (
  world: World,
  scratch: Scratch,
  prepared: Pick<Prepared, "tree">,
  { action, details, unfreeze, store }: Done,
): Settled => {
  const { run } = scratch;
  const look = { kind: "drift", workspace: run.workspace, slot: `after:${run.id}` } as const;
  return {
    to: "succeeded",
    commit: prepared.tree.commit,
    result: run.result,
    followUps: [{ job: look }, ...(run.pull ? [publishSoon(run.pull)] : [])],
    store: async (ledger) => {
      await store?.(ledger);
      if (unfreeze !== null) await ledger.workspaces.unfreeze(unfreeze);
      const at = world.clock.now();
      await ledger.audit.append({ at, actor: run.requestedBy, action, subject: run.workspace, details });
    },
  };
};
