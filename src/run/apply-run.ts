import { ALLOWED } from "../model/decision.ts";
import type { Outcome } from "../model/job.ts";
import type { JsonObject } from "../model/json.ts";
import type { Run } from "../model/run.ts";
import { applicationHealth } from "./application-health.ts";
import type { Applied } from "./applied.ts";
import { denied, ended, leftInDoubt } from "./apply-end.ts";
import { applyOnce } from "./apply-once.ts";
import type { Before } from "./apply-outcome.ts";
import { readState, verify } from "./apply-verify.ts";
import { driftOnTheWay } from "./drift-on-the-way.ts";
import { isPartFormalized } from "./formalized-part.ts";
import { frame, type Scratch } from "./frame.ts";
import { type Decided, decideApply } from "./gate-facts.ts";
import { patiently } from "./patiently.ts";
import { lookSoon } from "./plan-run.ts";
import { changesSomething, makePlan, type SavedPlan } from "./plan-step.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { askProof } from "./proof-gate.ts";
import { type RunInput, readRunInput } from "./run-input.ts";
import type { Settled } from "./settle-run.ts";
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
        if (!decision.allowed && !part) return await stopped(world, scratch, prepared, saved, decision);
        const { policies } = decision;
        const proof = part ? ALLOWED : await askProof(world, scratch, prepared, saved);
        if (!proof.allowed) return await stopped(world, scratch, prepared, saved, { ...proof, policies });
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

const stopped = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  saved: SavedPlan,
  decision: Parameters<typeof denied>[4],
): Promise<Settled> =>
  denied(world, scratch, prepared, saved, decision, await driftOnTheWay(world, scratch, saved));

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

/** What was left out of the pull request is looked at and written as code at once, for the next one. */
const leavingTheRest = (run: Run, end: Settled): Settled => ({
  ...end,
  result: { ...(end.result as JsonObject), leftOpen: true },
  followUps: [...end.followUps.filter(({ job }) => job.kind !== "drift-pull"), lookSoon(run)],
});
