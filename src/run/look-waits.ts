import { followUps, type JobOf, nothing, type Outcome } from "../model/job.ts";
import type { PullRef } from "../model/pull.ts";
import { code } from "../report/escape.ts";
import type { World } from "./world.ts";

/** Of what people asked, and of what follows a run of theirs: the schedule's look comes again by itself. */
const ASKED = /^(command|request|ignore|revert|formalize|desired|after|found-by):/;
const AGAIN_MS = 30_000;
/** No apply that goes on takes longer; whatever does has somebody's eyes already. */
const MOST_MS = 6 * 3_600_000;

/**
 * A look that found its workspace held by a run: the schedule's is left out, one that was asked for comes again, and
 * after six hours whoever asked is told that nobody looked.
 */
export const lookLater = async (world: World, job: JobOf<"drift">, holder: string): Promise<Outcome> => {
  const { workspace, slot } = job;
  world.log.info("drift was not looked for: a run holds the workspace", { workspace, slot, holder });
  if (!ASKED.test(slot)) return nothing;
  const now = world.clock.now().getTime();
  const until = job.until ?? new Date(now + MOST_MS).toISOString();
  if (now >= Date.parse(until)) return givenUp(world, job, holder);
  return followUps({
    job: { kind: "drift", ...job, until },
    dedupeKey: `look:${workspace}:${slot}`,
    notBefore: new Date(now + AGAIN_MS),
  });
};

const givenUp = async (world: World, job: JobOf<"drift">, holder: string): Promise<Outcome> => {
  const { workspace, slot } = job;
  world.log.warn("a look for drift that was asked for is given up", { workspace, slot, holder });
  await world.ledger.audit.append({
    ...{ at: world.clock.now(), actor: "plumbline", action: "drift-not-looked", subject: workspace },
    details: { slot, holder },
  });
  const pull = job.pull ?? (await pullOf(world, job));
  if (pull === null) return nothing;
  const body = `Nobody looked for drift in ${code(workspace)}, as was asked here: for six hours runs held it, the last one was ${code(holder)}. Comment \`${world.server.triggerWords[0] ?? "plumbline"} drift\` once it has ended.`;
  return followUps({ job: { kind: "reply", pull, key: `not-looked:${workspace}:${slot}`, body } });
};

/** Where it is told: the pull request of the run that it follows, or else the open one about the workspace's drift. */
const pullOf = async ({ ledger }: World, { workspace, slot }: JobOf<"drift">): Promise<PullRef | null> => {
  const run = /^(?:after|found-by):(.+)$/.exec(slot)?.[1];
  const own = run === undefined ? null : ((await ledger.runs.get(run))?.pull ?? null);
  if (own !== null) return own;
  const [open] = await ledger.pulls.list({ driftOf: workspace, state: "open" });
  return open?.pull ?? null;
};
