import { ALLOWED, type Decision } from "../model/decision.ts";
import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import type { Outcome } from "../model/job.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { PolicyVerdict } from "../model/policy.ts";
import type { Run } from "../model/run.ts";
import { afterApply } from "./after-apply.ts";
import { applicationHealth } from "./application-health.ts";
import type { Applied } from "./applied.ts";
import { applyOnce } from "./apply-once.ts";
import type { ApplyOutcome, Before } from "./apply-outcome.ts";
import { readState, verify } from "./apply-verify.ts";
import { driftOnTheWay } from "./drift-on-the-way.ts";
import { isPartFormalized } from "./formalized-part.ts";
import { frame, type Scratch } from "./frame.ts";
import { type Decided, decideApply } from "./gate-facts.ts";
import { patiently } from "./patiently.ts";
import { keepPlan, lookSoon } from "./plan-run.ts";
import { changesSomething, makePlan, type SavedPlan } from "./plan-step.ts";
import { withVerdict } from "./policies.ts";
import { lockedHint, type Prepared, prepare } from "./prepare.ts";
import { askProof } from "./proof-gate.ts";
import { lookAtRun } from "./recover.ts";
import { type RunInput, readRunInput } from "./run-input.ts";
import { publishSoon, type Settled } from "./settle-run.ts";
import type { World } from "./world.ts";

/**
 * An apply run, read aloud: check out the merged commit, plan again, compare with what was reviewed, ask the gates,
 * apply that very plan file in the same worktree and process, verify with a second plan, keep the evidence
 * (design, decisions 7 and 8).
 */
export const applyRun =
  (world: World) =>
  (job: { readonly run: string }, signal: AbortSignal): Promise<Outcome> =>
    frame(world, job.run, signal, async (scratch) => {
      const input = readRunInput(scratch.run);
      const prepared = await prepare(world, scratch, input);
      const start = { engine: false };
      let inDoubt = false;
      try {
        // Without the backend's lock: a service that is killed here would leave it behind. The apply takes it, and the
        // engine applies this plan to the very state that it was made of, or not at all.
        const saved = await makePlan(world, scratch, prepared, input, { name: "plan", lock: false });
        const decision = await scratch.step("gate", () => decideApply(world, scratch, input, saved));
        const part = !decision.allowed && (await isPartFormalized(world, scratch, saved));
        if (!decision.allowed && !part) return await denied(world, scratch, prepared, saved, decision);
        const { policies } = decision;
        const proof = part ? ALLOWED : await askProof(world, scratch, prepared, saved);
        if (!proof.allowed) return await denied(world, scratch, prepared, saved, { ...proof, policies });
        const before = await lookBefore(scratch, prepared, decision);
        const applied =
          !part && mustApply(input, saved)
            ? await applyOnce(world, scratch, prepared, saved, before, start)
            : nothingToApply;
        const patient = patiently(world);
        const verified = await verify(patient, scratch, prepared, input, applied);
        const health = await applicationHealth(patient, scratch, prepared.tree.commit, { before, applied });
        const end = await ended(patient, scratch, prepared, saved, { before, applied, verified, health });
        return part ? leavingTheRest(scratch.run, end) : end;
      } catch (thrown) {
        if (!start.engine) throw thrown;
        inDoubt = true;
        return await leftInDoubt(patiently(world), scratch, thrown);
      } finally {
        // A state that the engine could not save may lie in there.
        await prepared.tree.release({ keep: inDoubt });
      }
    });

/** The engine was started and what came of it could not be told: that is looked at, and nothing is done again. */
const leftInDoubt = async (world: World, { run, log }: Scratch, thrown: unknown): Promise<Settled> => {
  const { code, message, hint } = asPlumblineError(thrown);
  log.line(`how the apply ended could not be told: ${message}`);
  return {
    to: "unknown",
    error: { code, message: world.redactor.redact(message), hint },
    // As it is by now: with the draft of its evidence.
    result: (await world.ledger.runs.get(run.id))?.result ?? run.result,
    followUps: [...(run.pull ? [publishSoon(run.pull)] : []), lookAtRun(run)],
  };
};

/** A formalization is recorded by applying its empty plan; any other empty plan leaves the state alone. */
const mustApply = (input: RunInput, saved: SavedPlan): boolean =>
  changesSomething(saved) || input.intent === "merge";

const nothingToApply: Applied = {
  ...{ failed: false, log: "", diagnostics: "", frozen: null },
  ...{ skipped: true, killed: false },
};

/** What the evidence tells of the time before. */
const lookBefore = async (
  scratch: Scratch,
  prepared: Prepared,
  { stateful, policies }: Decided,
): Promise<Before> => ({ stateful, state: await readState(scratch, prepared, prepared.call), policies });

/** The fresh plan is kept, so that a person sees what changed and can approve exactly that. */
const denied = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  saved: SavedPlan,
  decision: Decision & { readonly policies: PolicyVerdict | null },
): Promise<Settled> => {
  const row = await keepPlan(world, scratch, prepared, saved);
  const drift = await driftOnTheWay(world, scratch, saved);
  const code = decision.reasons.some((reason) => reason.gate === "plan-changed")
    ? "plan-changed"
    : "gate-denied";
  const error = new PlumblineError(code, decision.reasons.map((reason) => reason.message).join(" "));
  return {
    to: "failed",
    commit: prepared.tree.commit,
    error: { code: error.code, message: world.redactor.redact(error.message), hint: error.hint },
    result: {
      ...withVerdict(scratch.run.result, decision.policies),
      denied: decision.reasons as unknown as Json,
      overridden: drift.overridden as unknown as Json,
    },
    followUps: [
      ...(scratch.run.pull ? [publishSoon(scratch.run.pull)] : []),
      ...(drift.news ? [lookSoon(scratch.run)] : []),
    ],
    store: (ledger) => ledger.plans.add(row),
  };
};

const ended = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  saved: SavedPlan,
  outcome: ApplyOutcome,
): Promise<Settled> => {
  const { applied, verified } = outcome;
  const after = await afterApply(world, scratch, prepared, saved, outcome);
  return {
    to: applied.failed ? "failed" : "succeeded",
    commit: prepared.tree.commit,
    ...(applied.failed ? { error: applyError(applied) } : {}),
    result: {
      ...(scratch.run.result as JsonObject),
      applied: saved.summary.inspection.counts as unknown as Json,
      skipped: applied.skipped,
      verified: verified.clean,
      remaining: verified.remaining as unknown as Json,
      digest: saved.digest.digest,
    },
    followUps: after.followUps,
    store: after.store,
  };
};

const KILLED =
  "The engine was killed while it applied: what it was making may exist without being recorded. Look at that before the next apply.";

const applyError = (applied: Applied): NonNullable<Settled["error"]> => {
  const { code, message, hint } = applied.frozen
    ? new PlumblineError(
        "workspace-frozen",
        `The apply failed and the new state could not be written; it is kept, encrypted.\n${applied.diagnostics}`,
      )
    : new PlumblineError(
        "engine-failed",
        `${applied.killed ? KILLED : "The apply failed."}\n${applied.diagnostics}`,
        lockedHint(applied.diagnostics),
      );
  return { code, message, hint };
};

/** What was left out of the pull request is looked at and written as code at once, for the next one. */
const leavingTheRest = (run: Run, end: Settled): Settled => ({
  ...end,
  result: { ...(end.result as JsonObject), leftOpen: true },
  followUps: [...end.followUps.filter(({ job }) => job.kind !== "drift-pull"), lookSoon(run)],
});
