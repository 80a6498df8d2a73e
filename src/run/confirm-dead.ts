import { PlumblineError } from "../model/errors.ts";
import { isInDoubt, NO_REPLICA } from "../model/run.ts";
import type { Ledger } from "../ports/ledger.ts";
import { settleDead } from "./recover.ts";

/**
 * A person says that the replica of an apply will never come back: only then may another one look at what it did. Fails
 * with `wrong-arguments` for a run that is not in doubt, with `workspace-busy` while its replica is still heard of,
 * or has come back since.
 * Returns the replica's id.
 */
export const confirmDead = (
  whole: Ledger,
  said: { readonly run: string; readonly by: string; readonly reason: string; readonly at: Date },
): Promise<string> =>
  whole.transaction(async (ledger) => {
    const { at, by, reason } = said;
    const run = await ledger.runs.get(said.run);
    if (!run) throw new PlumblineError("wrong-arguments", `There is no run ${said.run}.`);
    const lease = await ledger.leases.get(run.workspace);
    if (!isInDoubt(run.state) || lease?.run !== run.id)
      throw new PlumblineError(
        "wrong-arguments",
        `The run ${run.id} is ${run.state}: there is no apply in doubt.`,
      );
    // It was started again and looks by itself. Nothing tells whether its engine has ended: only that machine knows.
    if (run.state === "unknown")
      throw new PlumblineError(
        "workspace-busy",
        `The replica ${lease.holder} of ${run.id} came back after it died, and looks itself at what was done.`,
        { hint: "Keep it running until it has said so.", detail: { holder: lease.holder } },
      );
    if (lease.expiresAt > at)
      throw new PlumblineError(
        "workspace-busy",
        `The replica ${lease.holder} of ${run.id} was heard of less than half a minute ago: it is not dead.`,
        { hint: "Stop it for good, wait half a minute, and say so again.", detail: { holder: lease.holder } },
      );
    await ledger.audit.append({
      at,
      actor: by,
      action: "replica-confirmed-dead",
      subject: run.workspace,
      details: { run: run.id, replica: lease.holder, reason },
    });
    await settleDead(ledger, lease, run, { at, message: `The replica that applied is dead: ${reason}` });
    await ledger.leases.handOver(lease, NO_REPLICA);
    return lease.holder;
  });
