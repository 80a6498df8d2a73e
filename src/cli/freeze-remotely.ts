import { PlumblineError } from "../model/errors.ts";
import type { FreezeSwitch } from "../model/governance.ts";
import { readSwitches } from "../run/freeze-switch.ts";
import { ask, send } from "./ask.ts";
import type { Call } from "./command.ts";

/** What `plumbline freeze` wishes: a switch for a target (`*`: everything), or null to lift the one that is there. */
export interface FreezeWish {
  readonly target: string;
  readonly thrown: Pick<FreezeSwitch, "reason"> | null;
}

/** Throws or lifts a switch of a running service, in the name that its token stands for; null only asks. */
export const freezeRemotely = async (
  call: Call,
  server: string,
  wish: FreezeWish | null,
): Promise<readonly FreezeSwitch[]> => {
  if (wish !== null) await throwSwitch(call, server, wish);
  const { items } = await ask<{ items: Parameters<typeof readSwitches>[0] }>(call, { name: "freezes" });
  return readSwitches(items);
};

const throwSwitch = async (call: Call, server: string, { target, thrown }: FreezeWish): Promise<void> => {
  const place = target === "*" ? "" : `/workspaces/${encodeURIComponent(target)}`;
  const path = `${place}/${thrown ? "freeze" : "unfreeze"}`;
  try {
    await send(call, server, "POST", path, thrown ? { reason: thrown.reason } : {});
  } catch (error) {
    if (error instanceof PlumblineError && error.code === "not-found")
      throw new PlumblineError("wrong-arguments", error.message);
    throw error;
  }
};
