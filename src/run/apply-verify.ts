import type { Applied } from "./applied.ts";
import type { StateVersion, Verified } from "./apply-outcome.ts";
import { findNow } from "./findings.ts";
import { placesProven } from "./formalized-part.ts";
import type { Scratch } from "./frame.ts";
import { changesSomething, makePlan } from "./plan-step.ts";
import type { Prepared } from "./prepare.ts";
import { isPartial, type RunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/**
 * Looks with a second plan at what the apply really did; after a failed apply it tells what was done and what was not.
 * A service that stops waits for it as long as for the apply itself.
 */
export const verify = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  input: RunInput,
  applied: Applied,
): Promise<Verified> => {
  const call = { ...prepared.call, signal: world.interruptApplies };
  if (applied.frozen)
    return {
      clean: false,
      remaining: [],
      saved: null,
      drift: null,
      state: await readState(scratch, prepared, call),
    };
  await enterVerifying(world, scratch, applied);
  const state = await readState(scratch, prepared, call);
  try {
    const calm = scratch.heeding(world.interruptApplies);
    const again = { ...prepared, call };
    const saved = await makePlan(world, calm, again, input, { name: "verify", lock: false });
    const remaining = saved.inspection.changes.filter((change) => !["no-op", "read"].includes(change.action));
    const drift = await findNow(world, scratch.workspace, saved, state, {
      partial: isPartial(input),
      formalized: await placesProven(world, scratch),
    });
    return {
      clean: !changesSomething(saved),
      remaining: remaining.map((change) => `${change.action} ${change.address}`),
      saved,
      drift,
      state,
    };
  } catch (failure) {
    scratch.log.line(`the verifying plan failed: ${(failure as Error).message}`);
    return {
      clean: false,
      remaining: ["the verifying plan failed; see the log"],
      saved: null,
      drift: null,
      state,
    };
  }
};

/** Null where there is none, or it cannot be read: that stops nothing here, the engine would. */
export const readState = async (
  scratch: Scratch,
  { engine }: Prepared,
  call: Prepared["call"],
): Promise<StateVersion> =>
  engine.stateVersion(call).catch((failure: unknown) => {
    scratch.log.line(`the state could not be read: ${(failure as Error).message}`);
    return null;
  });

/** From here on it is known that nothing more is changed. */
export const enterVerifying = async (world: World, scratch: Scratch, applied: Applied): Promise<void> => {
  if (applied.skipped) return;
  const { run, lease } = scratch;
  await world.ledger.runs.transition(run.id, {
    from: ["apply-started"],
    to: "verifying",
    token: lease.token,
    at: world.clock.now(),
  });
};
