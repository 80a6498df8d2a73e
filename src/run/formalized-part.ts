import { beyondDrift } from "../gate/silent-revert.ts";
import { isByHand, type OpenFinding } from "../model/finding.ts";
import type { Plan } from "../model/plan.ts";
import type { Place } from "./codify.ts";
import { keptProof } from "./edit-proof.ts";
import type { Scratch } from "./frame.ts";
import { changesSomething, type SavedPlan } from "./plan-step.ts";
import { readRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/**
 * Whether a merged drift pull request held a part of the drift only, so that applying its code would undo the rest and
 * nothing else. Then there is nothing to apply: the code says what is live where it was formalized.
 */
export const isPartFormalized = async (world: World, scratch: Scratch, saved: SavedPlan): Promise<boolean> =>
  readRunInput(scratch.run).intent === "merge" && (await isPartOf(world, scratch, saved));

/** Where a merged drift pull request whose head is the proven one was proven to say what is live. */
export const placesProven = async (world: World, { run, workspace }: Scratch): Promise<readonly Place[]> => {
  const row = run.pull ? await world.ledger.pulls.get(run.pull) : null;
  if (!row || row.driftOf !== workspace.key || readRunInput(run).intent !== "merge") return [];
  const proof = await keptProof(world, row.pull);
  return proof?.head === run.head ? proof.formalized : [];
};

/** The same of a plan before the merge. */
export const isPartOf = async (
  world: World,
  { run, workspace }: Scratch,
  saved: SavedPlan,
): Promise<boolean> => {
  if (!run.pull || !changesSomething(saved)) return false;
  const row = await world.ledger.pulls.get(run.pull);
  if (!row?.driftOf) return false;
  const proof = await keptProof(world, run.pull);
  const isOwn = row.driftOf === workspace.key;
  // The edit was proven to leave other workspaces as they are, with drift of their own that waits for its own edit.
  if (!isOwn && (proof === null || proof.head !== run.head)) return false;
  const open = await world.ledger.findings.open(workspace.key);
  return !writesBeyond(saved.plan, open, isOwn ? (proof?.formalized ?? []) : []);
};

/**
 * Whether a plan does more than undo drift that is not formalized: it imports, it writes elsewhere, or at a formalized
 * place.
 */
export const writesBeyond = (
  plan: Plan,
  open: readonly OpenFinding[],
  formalized: readonly Place[],
): boolean => {
  const left = open.filter(
    (finding) =>
      isByHand(finding) &&
      !formalized.some((place) => place.address === finding.address && place.path === finding.path),
  );
  const changesOutputs = plan.outputs.some((output) => !output.actions.every((action) => action === "no-op"));
  const imports = plan.changes.some((change) => change.importing !== null);
  return plan.errored || imports || changesOutputs || beyondDrift(plan, left).length > 0;
};
