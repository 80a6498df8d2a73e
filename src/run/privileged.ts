import type { JsonObject } from "../model/json.ts";
import { pullKey } from "../model/pull.ts";
import type { Asked } from "./asked.ts";
import type { Scratch } from "./frame.ts";
import type { World } from "./world.ts";

/** Into the audit before the effect: whatever becomes of the process, who had it done is known. */
export const noteIntent = async (
  world: Pick<World, "ledger" | "clock">,
  { run }: Pick<Scratch, "run">,
  details: JsonObject,
): Promise<void> => {
  await world.ledger.audit.append({
    at: world.clock.now(),
    actor: run.requestedBy,
    action: `${run.trigger}-begun`,
    subject: run.workspace,
    details: { ...details, run: run.id },
  });
};

/** Commands that change a recorded state, a database or other people's runs: a refusal of them is on record too. */
const PRIVILEGED: readonly string[] = ["state", "force-unlock", "migrate", "backfill", "cancel"];

export const noteRefusal = async (
  world: Pick<World, "ledger" | "clock" | "redactor">,
  { command: { command, args }, pull, by }: Pick<Asked, "command" | "by"> & { readonly pull: PullOf },
  why: string,
): Promise<void> => {
  if (!PRIVILEGED.includes(command)) return;
  await world.ledger.audit.append({
    at: world.clock.now(),
    actor: by,
    action: `${command}-refused`,
    subject: pullKey(pull),
    details: { args: (args ?? []).map((one) => world.redactor.redact(one)), why },
  });
};

type PullOf = Pick<Asked["pull"], "repo" | "number">;
