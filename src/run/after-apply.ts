import type { FollowUp } from "../model/job.ts";
import type { Json } from "../model/json.ts";
import type { Run } from "../model/run.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { ApplyOutcome, Verified } from "./apply-outcome.ts";
import { releaseLock } from "./close.ts";
import { buildEvidence } from "./evidence.ts";
import { putEvidence } from "./evidence-draft.ts";
import { evidenceKey } from "./evidence-key.ts";
import { acceptLive, storeFindings } from "./findings.ts";
import type { Scratch } from "./frame.ts";
import type { SavedPlan } from "./plan-step.ts";
import type { CheckedOut } from "./prepare.ts";
import { isPartial, readRunInput } from "./run-input.ts";
import { mergeSoon, publishSoon } from "./settle-run.ts";
import type { World } from "./world.ts";

export interface AfterApply {
  readonly followUps: readonly FollowUp[];
  readonly store: (ledger: Ledger) => Promise<void>;
}

/** Everything that is stored with the end of an apply: accepted state, findings, lock, evidence, what follows. */
export const afterApply = async (
  world: World,
  scratch: Scratch,
  prepared: CheckedOut,
  saved: SavedPlan,
  outcome: ApplyOutcome,
): Promise<AfterApply> => {
  const { applied, verified } = outcome;
  const bundle = await buildEvidence(world, scratch, prepared, saved, outcome);
  const { key, sha256, bytes } = await putEvidence(world, evidenceKey(scratch.run.id), bundle);
  const ending: Ending = {
    done: !applied.failed && verified.saved !== null,
    verified,
    commit: prepared.tree.commit,
    action: applied.failed ? "apply-failed" : "applied",
    actor: scratch.run.requestedBy,
    digest: saved.digest.digest,
    evidence: { key, sha256, bytes },
  };
  return {
    followUps: afterwards(scratch.run, ending),
    store: (ledger) => storeEnding(world, ledger, scratch, ending),
  };
};

/** How an apply ended, whoever found out. */
export interface Ending {
  readonly done: boolean;
  readonly verified: Verified;
  readonly commit: string;
  readonly action: "applied" | "apply-failed" | "apply-reconciled";
  readonly actor: string;
  readonly digest: string | null;
  readonly evidence: Json;
}

/** What must be done once an apply has ended. */
export const afterwards = (run: Run, { done }: Pick<Ending, "done">): readonly FollowUp[] => [
  ...(run.pull ? [publishSoon(run.pull)] : []),
  ...(done && run.pull ? [mergeSoon(run.pull, run.requestedBy)] : []),
  {
    job: { kind: "drift-pull", workspace: run.workspace },
    dedupeKey: `drift-pull:${run.workspace}`,
  },
];

/** Within the transaction that settles the run. */
export const storeEnding = async (
  world: World,
  ledger: Ledger,
  scratch: Pick<Scratch, "run" | "workspace">,
  ending: Ending,
): Promise<void> => {
  const { run, workspace } = scratch;
  const { done, verified, commit, action, actor, digest, evidence } = ending;
  const input = readRunInput(run);
  const at = world.clock.now();
  // A plan of some addresses says nothing of the others: what was accepted of all stays.
  if (done && verified.saved && !isPartial(input))
    await acceptLive(world, ledger, workspace, verified.saved, commit, verified.drift);
  if (verified.drift) await storeFindings(world, ledger, workspace, verified.drift);
  if (done) await ledger.outbox.add(await passLockOn(ledger, run), at);
  if (done && input.destroy) await ledger.workspaces.markRemoved(run.workspace, at);
  const details = { run: run.id, digest, commit, verified: verified.clean, evidence };
  await ledger.audit.append({ at, actor, action, subject: run.workspace, details });
};

/** After a verified apply the lock goes to whoever waits; before the merge it stays until the pull request ends. */
const passLockOn = async (ledger: Ledger, run: Run): Promise<readonly FollowUp[]> => {
  if (!run.pull || readRunInput(run).intent !== "merge") return [];
  return releaseLock(ledger, run.workspace, run.pull);
};
