import type { FollowUp } from "../model/job.ts";
import type { Json } from "../model/json.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Applied } from "./apply-once.ts";
import type { ApplyOutcome, StateVersion, Verified } from "./apply-outcome.ts";
import { releaseLock } from "./close.ts";
import { buildEvidence } from "./evidence.ts";
import { acceptLive, findNow, storeFindings } from "./findings.ts";
import { placesProven } from "./formalized-part.ts";
import { publishSoon, type Scratch } from "./frame.ts";
import { changesSomething, makePlan, type SavedPlan } from "./plan-step.ts";
import type { Prepared } from "./prepare.ts";
import { isPartial, type RunInput, readRunInput } from "./run-input.ts";
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

const enterVerifying = async (world: World, scratch: Scratch, applied: Applied): Promise<void> => {
  if (applied.skipped) return;
  const { run, lease } = scratch;
  await world.ledger.runs.transition(run.id, {
    from: ["apply-started"],
    to: "verifying",
    token: lease.token,
    at: world.clock.now(),
  });
};

export interface AfterApply {
  readonly followUps: readonly FollowUp[];
  readonly store: (ledger: Ledger) => Promise<void>;
}

/** Everything that is stored with the end of an apply: accepted state, findings, lock, evidence, what follows. */
export const afterApply = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  saved: SavedPlan,
  outcome: ApplyOutcome,
): Promise<AfterApply> => {
  const { applied, verified } = outcome;
  const evidence = await keepEvidence(world, scratch, prepared, saved, outcome);
  const { run } = scratch;
  const done = !applied.failed && verified.saved !== null;
  const followUps: FollowUp[] = run.pull ? [publishSoon(run.pull)] : [];
  if (done && run.pull)
    followUps.push({
      job: { kind: "merge", pull: run.pull, by: run.requestedBy },
      dedupeKey: `merge:${run.pull.repo}#${run.pull.number}`,
    });
  followUps.push({
    job: { kind: "drift-pull", workspace: run.workspace },
    dedupeKey: `drift-pull:${run.workspace}`,
  });
  return {
    followUps,
    store: async (ledger) => {
      const at = world.clock.now();
      // A plan of some addresses says nothing of the others: what was accepted of all stays.
      if (done && verified.saved && !isPartial(readRunInput(run)))
        await acceptLive(
          world,
          ledger,
          scratch.workspace,
          verified.saved,
          prepared.tree.commit,
          verified.drift,
        );
      if (verified.drift) await storeFindings(world, ledger, scratch.workspace, verified.drift);
      if (done) await ledger.outbox.add(await passLockOn(ledger, scratch), at);
      if (done && readRunInput(run).destroy) await ledger.workspaces.markRemoved(run.workspace, at);
      await ledger.audit.append({
        at,
        actor: run.requestedBy,
        action: applied.failed ? "apply-failed" : "applied",
        subject: run.workspace,
        details: {
          run: run.id,
          digest: saved.digest.digest,
          commit: prepared.tree.commit,
          verified: verified.clean,
          evidence,
        },
      });
    },
  };
};

/** After a verified apply the lock goes to whoever waits; before the merge it stays until the pull request ends. */
const passLockOn = async (ledger: Ledger, { run }: Scratch): Promise<readonly FollowUp[]> => {
  if (!run.pull || readRunInput(run).intent !== "merge") return [];
  return releaseLock(ledger, run.workspace, run.pull);
};

const keepEvidence = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  saved: SavedPlan,
  outcome: ApplyOutcome,
): Promise<Json> => {
  const evidence = await buildEvidence(world, scratch, prepared, saved, outcome);
  const content = new TextEncoder().encode(world.redactor.redact(JSON.stringify(evidence, null, 2)));
  const { key, sha256, bytes } = await world.artifacts.put(evidenceKey(scratch.run.id), content);
  return { key, sha256, bytes };
};

/** Where the evidence of a run lies in the artifact store. */
export const evidenceKey = (run: string): string => `evidence/${run}.json`;
