import type { JobOf } from "../model/job.ts";
import { isJsonObject } from "../model/json.ts";
import { PLAN_GATE } from "../model/plan-gate.ts";
import { type PullRequest, permits, pullKey } from "../model/pull.ts";
import type { World } from "./world.ts";

/**
 * What keeps a fork's head from being planned; null where nothing does. It waits for the `plan` of a maintainer, whose
 * word counts for the head that was shown before: what is pushed between reading and commenting is shown first.
 */
export const forkWaits = async (
  world: World,
  pull: PullRequest,
  job: Pick<JobOf<"assess">, "trigger" | "by">,
): Promise<string | null> => {
  if (!pull.fork) return null;
  const { permission } = world.server.planGate ?? PLAN_GATE;
  const key = `fork:${pullKey(pull)}`;
  const kept = await world.ledger.meta.get(key);
  const [shown, letGo] = isJsonObject(kept) ? [kept["shown"], kept["letGo"]] : [null, null];
  const head = pull.head.sha;
  if (letGo === head) return null;
  const may =
    shown === head &&
    job.trigger === "command" &&
    permits(await world.forge.permission(pull.repo, job.by), permission);
  await world.ledger.transaction(async (ledger) => {
    await ledger.meta.set(key, { shown: head, letGo: may ? head : null });
    if (may)
      await ledger.audit.append({
        at: world.clock.now(),
        actor: job.by,
        action: "let-fork-be-planned",
        subject: pullKey(pull),
        details: { head },
      });
  });
  const word = `${world.server.triggerWords[0] ?? "plumbline"} plan`;
  return may
    ? null
    : `This comes from a fork: nothing of it runs before somebody with ${permission} permission has read it and comments ${word}. The word counts for the head ${head.slice(0, 12)}.`;
};
