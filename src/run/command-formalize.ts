import type { EditProof } from "../model/edit-proof.ts";
import type { PlanSummary } from "../model/plan.ts";
import { isSettled } from "../model/run.ts";
import { readPlan } from "../plan/read.ts";
import type { PlanRow, WorkspaceRow } from "../ports/ledger.ts";
import { foreignBranch, placesList } from "../report/drift-answers.ts";
import { code } from "../report/escape.ts";
import type { Asked, CommandHandler } from "./asked.ts";
import { reply } from "./asked.ts";
import { currentPlans } from "./current-plans.ts";
import { othersOn } from "./drift-branch.ts";
import { askRevert, driftSelection, isNamed, revertAskedBy, selectDrift } from "./drift-selection.ts";
import { driftNamed } from "./drift-targets.ts";
import { keptProof } from "./edit-proof.ts";
import { writesBeyond } from "./formalized-part.ts";
import { provenPurpose, runsOnlyProven } from "./migration-proof.ts";
import { pendingIgnores, withoutPending } from "./pending-ignores.ts";
import { changesSomething } from "./plan-step.ts";
import { planChangesSomething } from "./silent-revert.ts";
import type { World } from "./world.ts";

type Answers = ReturnType<CommandHandler>;

/**
 * `formalize`: merges a drift pull request whose plan proves that the code says what is live. `formalize ADDRESS...`:
 * makes its branch hold the edits of these findings alone, proven anew; what is left out comes back in the next one.
 */
export const formalizeCommand: CommandHandler = async (world, asked) => {
  const row = await world.ledger.pulls.get(asked.pull);
  const workspace = row?.driftOf ? await world.ledger.workspaces.get(row.driftOf) : null;
  if (!workspace) return [reply(asked, "`formalize` works on a drift pull request.")];
  const targets = asked.command.args ?? [];
  if (targets.length > 0) return holdOnly(world, asked, workspace, targets);
  return (await revertAskedBy(world, workspace.key)) === null
    ? mergeProven(world, asked, workspace)
    : keepAgain(world, asked, workspace);
};

/** The branch of a database was asked to take the drift back; now it is to keep it. */
const keepAgain = async (world: World, asked: Asked, { key }: WorkspaceRow): Answers => {
  const others = await othersOn(world, asked.pull);
  if (others.length > 0) return [reply(asked, foreignBranch(others))];
  await selectDrift(world, key, []);
  await askRevert(world, key, null);
  const text = `This branch held the migration that takes the drift back. It is being written anew to keep it; read it, then merge or comment \`${trigger(world)} formalize\` again.`;
  return [reply(asked, text), look(key, `formalize:${asked.commentId}`)];
};

const holdOnly = async (
  world: World,
  asked: Asked,
  workspace: WorkspaceRow,
  targets: readonly string[],
): Answers => {
  const { key } = workspace;
  const found = await driftNamed(world, [key], targets);
  if ("answer" in found) return [reply(asked, found.answer)];
  const others = await othersOn(world, asked.pull);
  if (others.length > 0)
    return [
      reply(
        asked,
        `${foreignBranch(others)} Take out by hand what is not to be merged, then comment \`${trigger(world)} formalize\`.`,
      ),
    ];
  const named = withoutPending(found.named, await pendingIgnores(world, key));
  const writable = named.filter((finding) => !finding.sensitive);
  if (writable.length === 0) return [reply(asked, byHand(world, named.length > 0))];
  const all = withoutPending(found.open, await pendingIgnores(world, key));
  const left = all.filter((finding) => !isNamed(targets, finding));
  await selectDrift(world, key, left.length === 0 ? [] : targets);
  await askRevert(world, key, null);
  return [reply(asked, holdingOnly(world, writable, left)), look(key, `formalize:${asked.commentId}`)];
};

const look = (workspace: string, slot: string) => ({ job: { kind: "drift", workspace, slot } }) as const;

const trigger = (world: World): string => world.server.triggerWords[0] ?? "plumbline";

const byHand = (world: World, sensitive: boolean): string =>
  sensitive
    ? "Secrets are never written into code. Put the live value where the code takes it from (a variable, a secret store), or push a reference to it to this branch; then comment `" +
      `${trigger(world)} formalize\`.`
    : "This branch already proposes to ignore that drift, so there is nothing to write.";

type Places = Parameters<typeof placesList>[0];

const holdingOnly = (world: World, named: Places, left: Places): string =>
  [
    `This branch is being written anew to hold ${left.length === 0 ? "all of the drift" : "only"}:`,
    "",
    placesList(named),
    "",
    ...(left.length === 0 ? [] : [leftOpen(left.length), ""]),
    `It is proven and planned again; read it, then merge or comment \`${trigger(world)} formalize\`.`,
  ].join("\n");

const leftOpen = (count: number): string =>
  `${count === 1 ? "One more finding stays" : `${count} more findings stay`} open and come${count === 1 ? "s" : ""} back in the next drift pull request.`;

const mergeProven = async (world: World, asked: Asked, workspace: WorkspaceRow): Answers => {
  const { pull } = asked;
  const runs = await world.ledger.runs.list({ pull, head: pull.head.sha });
  if (runs.some((run) => !isSettled(run.state))) return [reply(asked, STILL_PLANNED)];
  const { proven, stale } = await provenOn(world, asked, workspace);
  if (stale) return [reply(asked, STILL_WRITTEN)];
  const plans = (await currentPlans(world.ledger, pull, runs)).filter((plan) => plan.head === pull.head.sha);
  const judged = await Promise.all(plans.map((plan) => isInTheWay(world, plan, proven, workspace)));
  // An edit in a shared module reaches other workspaces: their plans must be empty too, but for drift of their own.
  const changing = plans.filter((_plan, index) => judged[index]).map((plan) => code(plan.workspace));
  if (plans.length === 0 || changing.length > 0) return [reply(asked, notYet(world, changing))];
  await world.forge.merge(pull, { method: "merge", head: pull.head.sha });
  const isMigrated = proven !== null && provenPurpose(proven) !== null;
  return [reply(asked, isMigrated ? MIGRATED : mergedText(plans.filter(planChangesSomething)))];
};

const mergedText = (changing: readonly PlanRow[]): string => {
  if (changing.length === 0) return "The plan is empty: the code says what is live. Merged.";
  return changing.every(isOnlyImports)
    ? "The plan imports what was made by hand and changes nothing: the code says what is live. Merged."
    : "The code says what is live wherever this branch formalizes it. Merged; nothing is applied, and the rest stays open as drift.";
};

const MIGRATED =
  "The migration does nothing in the database where this was done by hand, and the same in every other one. Merged: it is run, and the history explains what is live.";
const STILL_PLANNED = "The plan of this pull request is still being made; comment again when it is there.";
const STILL_WRITTEN =
  "The branch does not hold yet what was last asked for; comment again when it is written and planned.";

const notYet = (world: World, changing: readonly string[]): string => {
  const which =
    changing.length > 0 ? `the plan of ${changing.join(", ")} is not empty` : "there is no plan yet";
  return `The code on this branch does not say yet what is live: ${which}. Push the edit to this branch, or comment \`${trigger(world)} revert\`.`;
};

/** What was proven for this head; stale while the branch waits to be written by a selection. */
const provenOn = async (
  world: World,
  { pull }: Asked,
  { key }: WorkspaceRow,
): Promise<{ readonly proven: EditProof | null; readonly stale: boolean }> => {
  const selection = await driftSelection(world, key);
  const proof = await keptProof(world, pull);
  const held = proof !== null && proof.digest !== null && proof.head === pull.head.sha;
  const asSelected =
    selection.length === 0 || (proof?.formalized ?? []).every((place) => isNamed(selection, place));
  const ours = (await othersOn(world, pull)).length === 0;
  return {
    proven: held && asSelected ? proof : null,
    stale: ours && selection.length > 0 && !(held && asSelected),
  };
};

/**
 * A plan that changes something is in the way, unless all that it does is to import what was proven, or to undo drift
 * that is left open.
 */
const isInTheWay = async (
  world: World,
  row: PlanRow,
  proven: EditProof | null,
  { key, dir }: WorkspaceRow,
): Promise<boolean> => {
  const isOwn = row.workspace === key;
  if (!planChangesSomething(row)) return false;
  if (isOwn && proven && provenPurpose(proven) === "formalize")
    return (await world.ledger.runs.get(row.run))?.state !== "succeeded" || !runsOnlyProven(row, proven, dir);
  if (isOwn && proven && isOnlyImports(row)) return false;
  if (!proven || proven.formalized.length === 0 || !row.jsonArtifact) return true;
  const plan = readPlan(new TextDecoder().decode(await world.artifacts.get(row.jsonArtifact)));
  const open = await world.ledger.findings.open(row.workspace);
  return writesBeyond(plan, open, isOwn ? proven.formalized : []);
};

const isOnlyImports = (row: PlanRow): boolean => {
  const { inspection, outputs } = row.summary as unknown as PlanSummary;
  const imports = inspection.counts.import;
  const rest = { ...inspection, counts: { ...inspection.counts, import: 0 } };
  return imports > 0 && !changesSomething({ inspection: rest, summary: { outputs } });
};
