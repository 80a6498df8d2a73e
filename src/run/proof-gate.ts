import { editProofGate } from "../gate/edit-proof.ts";
import { ALLOWED, type Decision, deny } from "../model/decision.ts";
import type { EditProof } from "../model/edit-proof.ts";
import type { PullRef } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import { importBranch } from "../report/import-pull.ts";
import { changedFilesSinceProof, changedSinceProof, keptProof } from "./edit-proof.ts";
import type { Scratch } from "./frame.ts";
import { changesSomething, type SavedPlan } from "./plan-step.ts";
import type { Prepared } from "./prepare.ts";
import { readRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/**
 * A pull request with an edit of ours is applied on the strength of its proof: the plan made now is compared with the
 * one that proved its head. What nobody proved, or what is not so any more, waits for somebody who approves it.
 */
export const askProof = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  saved: SavedPlan,
): Promise<Decision> => {
  const { run, workspace } = scratch;
  // A revert applies the deploy branch as it is: the proof is about the other way out.
  if (readRunInput(run).intent === "revert" || run.pull === null || !changesSomething(saved)) return ALLOWED;
  if (!(await holdsOurEdit(world, run.pull, workspace.key))) return ALLOWED;
  const proof = await keptProof(world, run.pull);
  const reasons = editProofGate({
    proof,
    head: run.head,
    fresh: saved.digest.digest,
    changes: true,
    changedPaths: proof?.digest ? changedSinceProof(proof, saved.digest) : [],
    changedFiles: proof ? await changedFiles(world, scratch, prepared.tree.commit, proof) : [],
    approved: await isApproved(world, run, run.pull, saved),
    trigger: world.server.triggerWords[0] ?? "plumbline",
  });
  return reasons.length === 0 ? ALLOWED : deny(...reasons);
};

const holdsOurEdit = async (world: World, pull: PullRef, workspace: string): Promise<boolean> => {
  const row = await world.ledger.pulls.get(pull);
  if (row?.driftOf === workspace) return true;
  return (await world.forge.pull(pull)).head.ref === importBranch(workspace);
};

/** Edited files that say something else by now, and whatever else was pushed since the proof. */
const changedFiles = async (
  world: World,
  { workspace: { repo }, run: { head } }: Scratch,
  commit: string,
  proof: EditProof,
): Promise<readonly string[]> => {
  const edited = await changedFilesSinceProof(world, repo, commit, proof);
  // A head that was rewritten may be gone from the mirror.
  const pushed =
    head === null || head === proof.head
      ? []
      : await world.git.changedFiles(repo, proof.head, head).catch(() => []);
  return [...new Set([...edited, ...pushed])].toSorted();
};

const isApproved = async (
  { ledger }: World,
  { head, workspace }: Run,
  pull: PullRef,
  { digest }: SavedPlan,
): Promise<boolean> =>
  (await ledger.approvals.list(pull)).some(
    (one) =>
      one.kind === "approve" &&
      one.voidedAt === null &&
      one.head === head &&
      one.digest === digest.digest &&
      (one.workspace === null || one.workspace === workspace),
  );
