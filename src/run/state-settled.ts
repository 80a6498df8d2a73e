import type { FollowUp } from "../model/job.ts";
import type { JsonObject } from "../model/json.ts";
import type { PullRef } from "../model/pull.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Scratch } from "./frame.ts";
import type { Prepared } from "./prepare.ts";
import { publishSoon, type Settled } from "./settle-run.ts";
import type { World } from "./world.ts";

export interface StateDone {
  readonly action: string;
  readonly details: JsonObject;
  /** The workspace's key, where it may be applied to again. */
  readonly unfreeze: string | null;
  /** What else is stored with it. */
  readonly store?: (ledger: Ledger) => Promise<void>;
  /** What is told on the pull request. */
  readonly reply?: string;
}

/** It is done, told, and looked at. */
export const stateSettled = (
  world: World,
  scratch: Scratch,
  prepared: Pick<Prepared, "tree">,
  { action, details, unfreeze, store, reply }: StateDone,
): Settled => {
  const { run } = scratch;
  const look = { kind: "drift", workspace: run.workspace, slot: `after:${run.id}` } as const;
  return {
    to: "succeeded",
    commit: prepared.tree.commit,
    result: run.result,
    followUps: [
      { job: look },
      ...(run.pull ? [publishSoon(run.pull), ...told(run.id, run.pull, reply)] : []),
    ],
    store: async (ledger) => {
      await store?.(ledger);
      if (unfreeze !== null) await ledger.workspaces.unfreeze(unfreeze);
      const at = world.clock.now();
      await ledger.audit.append({ at, actor: run.requestedBy, action, subject: run.workspace, details });
    },
  };
};

const told = (run: string, pull: PullRef, body: string | undefined): readonly FollowUp[] =>
  body === undefined ? [] : [{ job: { kind: "reply", key: `reply:${run}`, pull, body } }];
