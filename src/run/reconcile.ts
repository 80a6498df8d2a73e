import { PlumblineError } from "../model/errors.ts";
import { type FollowUp, followUps, type JobOf, nothing, type Outcome } from "../model/job.ts";
import type { JsonObject } from "../model/json.ts";
import { NO_REPLICA, type Run, type RunError } from "../model/run.ts";
import { afterwards, type Ending, storeEnding } from "./after-apply.ts";
import { rescue } from "./apply-once.ts";
import type { Verified } from "./apply-outcome.ts";
import { completeDraft, readDraft } from "./evidence-draft.ts";
import { findNow } from "./findings.ts";
import { placesProven } from "./formalized-part.ts";
import type { Scratch } from "./frame.ts";
import { writeLogRef } from "./log-ref.ts";
import { changesSomething, makePlan } from "./plan-step.ts";
import { prepare } from "./prepare.ts";
import { lookAtRun } from "./recover.ts";
import { isPartial, readRunInput } from "./run-input.ts";
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
    if (lease.holder !== world.instance && lease.holder !== NO_REPLICA)
      return followUps(leftToItsReplica(world, run));
    if ((await world.files.leftByApply(workspace.key, run.id)).running)
      throw new PlumblineError("workspace-busy", `The engine of ${run.id} is still applying.`, {
        detail: { holder: run.id },
      });
    const place = await world.files.scratch(run.id);
    const later: (() => Promise<void>)[] = [() => place.dispose()];
    const afterwards = (work: () => Promise<void>): void => void later.push(work);
    try {
      const facts = { run, lease, workspace, signal, folder: place.path, afterwards };
      await lookAndSettle(world, scratchFor(world, facts));
      return nothing;
    } finally {
      await Promise.all(later.map((work) => work()));
    }
  };

const NEXT_REPLICA_MS = 2_000;

/** The engine, and a state that it could not save, are on that machine: whoever takes the job next may be there. */
const leftToItsReplica = (world: World, run: Run): FollowUp => ({
  ...lookAtRun(run),
  notBefore: new Date(world.clock.now().getTime() + NEXT_REPLICA_MS),
});

const scratchFor = (
  world: World,
  facts: Pick<Scratch, "run" | "lease" | "workspace" | "signal" | "folder" | "afterwards">,
): Scratch => {
  const log = openRunLog(world);
  const scratch: Scratch = {
    ...facts,
    log,
    step: (name, work) => {
      log.line(`== ${name}`);
      return work();
    },
    heeding: (signal) => ({ ...scratch, signal }),
  };
  return scratch;
};

/** What was found out about an apply that nobody saw the end of. */
interface Found {
  readonly done: boolean;
  readonly verified: Verified;
  readonly error: RunError | null;
}

const lookAndSettle = async (world: World, scratch: Scratch): Promise<void> => {
  const { run, workspace } = scratch;
  const { erroredState, output } = await world.files.leftByApply(workspace.key, run.id);
  if (output !== null) scratch.log.line(`== apply, as the engine went on alone\n${output}`);
  const found =
    erroredState === null
      ? await look(world, scratch, output)
      : await keepState(world, scratch, erroredState);
  await settle(world, scratch, found);
  await world.files.forgetApply(workspace.key);
  world.nudge();
};

const keepState = async (world: World, scratch: Scratch, path: string): Promise<Found> => {
  await rescue(world, scratch, path);
  const { code, message, hint } = new PlumblineError(
    "workspace-frozen",
    "The process died while it applied, and the engine could not save the new state; it is kept, encrypted.",
  );
  return { done: false, verified: UNSEEN, error: { code, message, hint } };
};

const UNSEEN: Verified = { clean: false, remaining: [], saved: null, drift: null, state: null };

const look = async (world: World, scratch: Scratch, output: string | null): Promise<Found> => {
  const input = readRunInput(scratch.run);
  const prepared = await prepare(world, scratch, input);
  try {
    const saved = await makePlan(world, scratch, prepared, input, { name: "what is left", lock: false });
    const state = await prepared.engine.stateVersion(prepared.call);
    const drift = await findNow(world, scratch.workspace, saved, state, {
      partial: isPartial(input),
      formalized: await placesProven(world, scratch),
    });
    const left = saved.inspection.changes.filter((change) => !["no-op", "read"].includes(change.action));
    const remaining = left.map((change) => `${change.action} ${change.address}`);
    const clean = !changesSomething(saved);
    // An engine that said so came to its end, even where its next plan has something to do again.
    const done = clean || (output !== null && /^Apply complete!/m.test(output));
    return { done, verified: { clean, remaining, saved, drift, state }, error: done ? null : INTERRUPTED };
  } finally {
    await prepared.tree.release();
  }
};

const INTERRUPTED: RunError = {
  code: "interrupted",
  message: "The process died while it applied; what is left is listed.",
};

const settle = async (world: World, scratch: Scratch, found: Found): Promise<void> => {
  const { run, lease } = scratch;
  const { done, verified, error } = found;
  const draft = await readDraft(world, run);
  const evidence = draft && (await completeDraft(world, run, draft, found));
  const log = await scratch.log.save(`runs/${run.id}/reconciled-${world.newId("look")}.txt`);
  const ending: Ending = {
    done,
    verified,
    commit: draft?.commits.applied ?? readRunInput(run).commit,
    action: "apply-reconciled",
    actor: "plumbline",
    digest: draft?.plan.digest ?? null,
    evidence,
  };
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
        verified: verified.clean,
        remaining: [...verified.remaining],
        digest: ending.digest,
      },
      error,
    });
    if (!settled) return;
    await storeEnding(world, ledger, scratch, ending);
    await ledger.leases.release(lease);
    await ledger.outbox.add(afterwards(run, ending), at);
  });
};
