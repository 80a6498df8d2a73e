import type { Decision } from "../model/decision.ts";
import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { PolicyVerdict } from "../model/policy.ts";
import { afterApply } from "./after-apply.ts";
import type { Applied } from "./applied.ts";
import type { ApplyOutcome } from "./apply-outcome.ts";
import type { MetDrift } from "./drift-on-the-way.ts";
import type { Scratch } from "./frame.ts";
import { keepPlan, lookSoon } from "./plan-run.ts";
import type { SavedPlan } from "./plan-step.ts";
import { withVerdict } from "./policies.ts";
import { type CheckedOut, lockedHint } from "./prepare.ts";
import { lookAtRun } from "./recover.ts";
import { publishSoon, type Settled } from "./settle-run.ts";
import type { World } from "./world.ts";

/** The fresh plan is kept, so that a person sees what changed and can approve exactly that. */
export const denied = async (
  world: World,
  scratch: Scratch,
  prepared: CheckedOut,
  saved: SavedPlan,
  decision: Decision & { readonly policies: PolicyVerdict | null },
  drift: Pick<MetDrift, "overridden" | "news">,
): Promise<Settled> => {
  const row = await keepPlan(world, scratch, prepared, saved);
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

/** How an apply whose end was seen is stored. */
export const ended = async (
  world: World,
  scratch: Scratch,
  prepared: CheckedOut,
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
  if (applied.error) return applied.error;
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

/** The engine was started and what came of it could not be told: that is looked at, and nothing is done again. */
export const leftInDoubt = async (world: World, { run, log }: Scratch, thrown: unknown): Promise<Settled> => {
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
