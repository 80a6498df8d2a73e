import { join } from "node:path";
import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import { type FollowUp, followUps, type JobOf, nothing, type Outcome } from "../model/job.ts";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import { NO_REPLICA, type Run, type RunError } from "../model/run.ts";
import { along } from "../model/trail.ts";
import { afterwards, type Ending, storeEnding } from "./after-apply.ts";
import { rescue } from "./apply-once.ts";
import type { Verified } from "./apply-outcome.ts";
import { completeDraft, readDraft } from "./evidence-draft.ts";
import { findNow } from "./findings.ts";
import { placesProven } from "./formalized-part.ts";
import type { Scratch } from "./frame.ts";
import { changesSomething, makePlan } from "./plan-step.ts";
import { prepare } from "./prepare.ts";
import { lookAtRun } from "./recover.ts";
import { isPartial, readRunInput } from "./run-input.ts";
import { openRunLog } from "./run-log.ts";
import { lookSpan } from "./run-span.ts";
import type { World } from "./world.ts";

/**
 * After a crash in the middle of an apply: waits until the engine that was left alone has ended, then reads state and
 * plans, changing nothing, and says what was done and what was not. Only then is the workspace free again; the apply
 * itself is never repeated (design, decision 8).
 */
export const reconcile =
  (world: World) =>
  (job: JobOf<"reconcile">, signal: AbortSignal): Promise<Outcome> =>
    inDoubt(world, job, signal, async (scratch) => {
      const { run, lease, workspace } = scratch;
      if (lease.holder !== world.instance && lease.holder !== NO_REPLICA)
        return followUps(leftToItsReplica(world, run));
      const left = await leftOf(world, workspace, run);
      if (left.running)
        throw new PlumblineError("workspace-busy", `The engine of ${run.id} is still applying.`, {
          detail: { holder: run.id },
        });
      await lookSpan(world, run, () => lookAndSettle(world, scratch, left));
      return nothing;
    });

/** Looks at an apply whose end nobody saw, where that is still to be done and its workspace still held for it. */
export const inDoubt = async (
  world: World,
  job: JobOf<"reconcile">,
  signal: AbortSignal,
  look: (scratch: Scratch) => Promise<Outcome>,
): Promise<Outcome> => {
  const run = await world.ledger.runs.get(job.run);
  const lease = await world.ledger.leases.get(job.workspace);
  const workspace = await world.ledger.workspaces.get(job.workspace);
  if (run?.state !== "unknown" || lease?.run !== run.id || !workspace) return nothing;
  const place = await world.files.scratch(run.id);
  const later: (() => Promise<void>)[] = [() => place.dispose()];
  const afterwards = (work: () => Promise<void>): void => void later.push(work);
  try {
    const facts = { run, lease, workspace, signal, folder: place.path, afterwards };
    return await along(world.log, { run: run.id }, () => look(scratchFor(world, facts)));
  } finally {
    await Promise.all(later.map((work) => work()));
  }
};

type Left = Awaited<ReturnType<World["files"]["leftByApply"]>>;

const leftOf = (world: World, { key }: { readonly key: string }, run: Run): Promise<Left> =>
  world.files.leftByApply(key, run.id, join(world.git.pathOf(key), readRunInput(run).config.dir));

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
  const log = openRunLog(world, facts.run.id);
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
export interface Found {
  readonly applied: boolean;
  readonly verified: Verified;
  readonly error: RunError | null;
}

const lookAndSettle = async (world: World, scratch: Scratch, left: Left): Promise<void> => {
  const found =
    left.erroredState === null
      ? await look(world, scratch, left)
      : await keepState(world, scratch, left.erroredState);
  await settle(world, scratch, found);
  await world.files.forgetApply(scratch.workspace.key);
  world.nudge();
};

/** What the engine wrote stays out of the log here: no plan was read that would tell its secrets. */
const keepState = async (world: World, scratch: Scratch, path: string): Promise<Found> => {
  await rescue(world, scratch, path);
  scratch.log.line("the engine could not save the new state; it is kept, encrypted");
  const { code, message, hint } = new PlumblineError(
    "workspace-frozen",
    "The end of the apply was not seen, and the engine could not save the new state; it is kept, encrypted.",
  );
  return { applied: false, verified: UNSEEN, error: { code, message, hint } };
};

const UNSEEN: Verified = { clean: false, remaining: [], saved: null, drift: null, state: null };

const look = async (world: World, scratch: Scratch, left: Left): Promise<Found> => {
  const { output } = left;
  const verified = await planAgain(world, scratch, output);
  if (verified instanceof PlumblineError) return unseen(scratch, isComplete(output), verified);
  const neverStarted = left.isKnown && output === null && scratch.lease.holder !== NO_REPLICA;
  // An engine that said so came to its end, even where its next plan has something to do again. An empty plan proves
  // nothing where the applied one was empty too.
  const applied = isComplete(output) || (verified.clean && !neverStarted && !wasEmpty(scratch.run));
  return { applied, verified, error: applied ? null : neverStarted ? NEVER_STARTED : INTERRUPTED };
};

/** A failure that only another commit or setting would mend is an answer too: nobody waits for it. */
const planAgain = async (
  world: World,
  scratch: Scratch,
  output: string | null,
): Promise<Verified | PlumblineError> => {
  try {
    return await whatIsLeft(world, scratch, output);
  } catch (thrown) {
    const error = asPlumblineError(thrown);
    const { retry, audience } = error.kind;
    const isFinal = (retry === "never" && audience === "user") || error.code === "git-rewritten";
    if (scratch.signal.aborted || !isFinal) throw thrown;
    return error;
  }
};

const whatIsLeft = async (world: World, scratch: Scratch, output: string | null): Promise<Verified> => {
  const input = readRunInput(scratch.run);
  const { repo } = scratch.workspace;
  // Another replica's copy of the repository may be older.
  if ((await world.git.resolve(repo, input.commit)) === null) await world.git.fetch(repo);
  const prepared = await prepare(world, scratch, input);
  try {
    const saved = await makePlan(world, scratch, prepared, input, { name: "what is left", lock: false });
    // Not before: the plan has told the redactor its secrets.
    if (output !== null) scratch.log.line(`== apply, as the engine went on alone\n${output}`);
    const state = await prepared.engine.stateVersion(prepared.call);
    const drift = await findNow(world, scratch.workspace, saved, state, {
      partial: isPartial(input),
      formalized: await placesProven(world, scratch),
    });
    const left = saved.inspection.changes.filter((change) => !["no-op", "read"].includes(change.action));
    const remaining = left.map((change) => `${change.action} ${change.address}`);
    return { clean: !changesSomething(saved), remaining, saved, drift, state };
  } finally {
    await prepared.tree.release();
  }
};

const unseen = ({ log }: Scratch, applied: boolean, { message }: PlumblineError): Found => {
  log.line(`what is left could not be told: ${message}`);
  const verified = { ...UNSEEN, remaining: ["the plan of what is left failed; see the log"] };
  return { applied, verified, error: applied ? null : INTERRUPTED };
};

const isComplete = (output: string | null): boolean => output !== null && /^Apply complete!/m.test(output);

const wasEmpty = ({ result }: Run): boolean => isJsonObject(result) && result["emptyPlan"] === true;

const INTERRUPTED: RunError = {
  code: "interrupted",
  message: "The end of the apply was not seen; what is left is listed.",
};
const NEVER_STARTED: RunError = {
  code: "interrupted",
  message: "The process died before the engine was started: nothing was applied.",
};

/** Stores what was found out, and frees the workspace. */
export const settle = async (world: World, scratch: Scratch, found: Found): Promise<void> => {
  const { run, lease } = scratch;
  const { applied, verified, error } = found;
  const draft = await readDraft(world, run);
  const evidence = draft && (await completeDraft(world, run, draft, found));
  const log = await scratch.log.save(`runs/${run.id}/reconciled-${world.newId("look")}`);
  const ending: Ending = {
    done: applied && verified.saved !== null,
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
      to: applied ? "succeeded" : "failed",
      token: lease.token,
      at,
      logArtifact: log,
      result: {
        ...(run.result as JsonObject),
        verified: verified.clean,
        remaining: [...verified.remaining],
        digest: ending.digest,
      },
      error,
    });
    if (!settled) return;
    await ledger.runLogs.forget(run.id);
    await storeEnding(world, ledger, scratch, ending);
    await ledger.leases.release(lease);
    await ledger.outbox.add(afterwards(run, ending), at);
  });
};
