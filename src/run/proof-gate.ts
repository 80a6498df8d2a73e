import { ALLOWED, type Decision, deny } from "../model/decision.ts";
import { proofDigest } from "./codify-drift.ts";
import { driftCodeOf } from "./drift-code.ts";
import type { Scratch } from "./frame.ts";
import { importsOnBranch } from "./imports-on-branch.ts";
import { changesSomething, type SavedPlan } from "./plan-step.ts";
import type { Prepared } from "./prepare.ts";
import { readRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/**
 * A merged drift pull request is applied on the strength of its proof: as long as the branch held just the proven
 * texts, the plan at the merge must come to what the proof came to. Where people pushed their own code, the plan that
 * they reviewed decides instead, as in any pull request.
 */
export const askProof = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  saved: SavedPlan,
): Promise<Decision> => {
  const { run, workspace } = scratch;
  // A revert applies the deploy branch as it is: the proof is about the other way out.
  if (readRunInput(run).intent !== "merge") return ALLOWED;
  const row = run.pull ? await world.ledger.pulls.get(run.pull) : null;
  if (row?.driftOf !== workspace.key || run.head === null || !changesSomething(saved)) return ALLOWED;
  // An import was proven with what it lay on: the plan that was reviewed tells both.
  const { number } = row.pull;
  if ((await importsOnBranch(world, workspace.key)).some((one) => one.pull === number)) return ALLOWED;
  const code = await driftCodeOf(world, workspace, await world.ledger.findings.open(workspace.key));
  if (!code?.proofDigest || !(await isJustTheProven(world, workspace.repo, run.head, code.files)))
    return ALLOWED;
  const approvals = await world.ledger.approvals.list(row.pull);
  const approved = approvals.some((one) => one.voidedAt === null && one.digest === saved.digest.digest);
  if (approved || proofDigest(world, prepared, readRunInput(run), saved.plan) === code.proofDigest)
    return ALLOWED;
  return deny({
    gate: "proof-changed",
    message: "The proof of this drift pull request no longer holds: code or reality moved since.",
    wayOut:
      "Comment `plumbline drift` to look again, or approve the new plan by its digest and comment `plumbline apply`.",
  });
};

/** Whether a commit holds just these texts at their paths. */
export const isJustTheProven = async (
  world: World,
  repo: string,
  head: string,
  files: Readonly<Record<string, string>>,
): Promise<boolean> => {
  const now = await world.git.readFiles(repo, head, Object.keys(files));
  const decoder = new TextDecoder();
  return Object.entries(files).every(([path, text]) => {
    const bytes = now.get(path);
    return bytes !== undefined && decoder.decode(bytes) === text;
  });
};
