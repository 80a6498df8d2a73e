import { createHash } from "node:crypto";
import type { FollowUp } from "../model/job.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Applied } from "./apply-once.ts";
import { releaseLock } from "./close.ts";
import { acceptLive, type FoundDrift, findNow, storeFindings } from "./findings.ts";
import { publishSoon, type Scratch } from "./frame.ts";
import { changesSomething, makePlan, type SavedPlan } from "./plan-step.ts";
import type { Prepared } from "./prepare.ts";
import { type RunInput, readRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/** What the second plan says: clean, or what is left; null findings where even planning failed. */
export interface Verified {
  readonly clean: boolean;
  readonly remaining: readonly string[];
  readonly saved: SavedPlan | null;
  readonly drift: FoundDrift | null;
}

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
  if (applied.frozen) return { clean: false, remaining: [], saved: null, drift: null };
  await enterVerifying(world, scratch, applied);
  try {
    const calm = scratch.heeding(world.interruptApplies);
    const call = { ...prepared.call, signal: world.interruptApplies };
    const again = { ...prepared, call };
    const saved = await makePlan(world, calm, again, input, { name: "verify", lock: false });
    const remaining = saved.inspection.changes.filter((change) => !["no-op", "read"].includes(change.action));
    const state = await prepared.engine.stateVersion(call);
    const drift = await findNow(world, scratch.workspace, saved, state);
    return {
      clean: !changesSomething(saved),
      remaining: remaining.map((change) => `${change.action} ${change.address}`),
      saved,
      drift,
    };
  } catch (failure) {
    scratch.log.line(`the verifying plan failed: ${(failure as Error).message}`);
    return { clean: false, remaining: ["the verifying plan failed; see the log"], saved: null, drift: null };
  }
};

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
  applied: Applied,
  verified: Verified,
): Promise<AfterApply> => {
  const evidence = await keepEvidence(world, scratch, prepared, saved, applied, verified);
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
      if (done && verified.saved)
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
  applied: Applied,
  verified: Verified,
): Promise<Json> => {
  const { run } = scratch;
  const approvals = run.pull ? await world.ledger.approvals.list(run.pull) : [];
  const evidence: JsonObject = {
    version: 1,
    run: run.id,
    workspace: run.workspace,
    pull: run.pull ? `${run.pull.repo}#${run.pull.number}` : null,
    requestedBy: run.requestedBy,
    head: run.head,
    commit: prepared.tree.commit,
    digest: saved.digest.digest,
    engine: `${prepared.engine.version.distribution} ${prepared.engine.version.version}`,
    planSha256: createHash("sha256").update(saved.json).digest("hex"),
    class: saved.inspection.class,
    approvals: approvals.map(({ by, kind, digest, head, at }) => ({
      by,
      kind,
      digest,
      head,
      at: at.toISOString(),
    })),
    outcome: applied.failed ? "failed" : "applied",
    verified: verified.clean,
    remaining: [...verified.remaining],
    endedAt: world.clock.now().toISOString(),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(evidence, null, 2));
  const { key, sha256 } = await world.artifacts.put(`evidence/${run.id}.json`, bytes);
  return { key, sha256 };
};
