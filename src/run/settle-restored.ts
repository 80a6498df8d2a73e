import { NO_REPLICA } from "../model/run.ts";
import type { Ledger } from "../ports/ledger.ts";
import { settleDead } from "./recover.ts";

/**
 * In a system that was just restored: whatever ran when the backup was taken has no process here. What may have applied
 * becomes `unknown` and is looked at, the rest is made again; the audit says that there was a restore. Returns the runs
 * that are in doubt. Within a transaction.
 */
export const settleRestored = async (
  ledger: Ledger,
  backup: { readonly at: Date; readonly createdAt: string; readonly instance: string },
): Promise<readonly string[]> => {
  const { at, createdAt, instance } = backup;
  const open = await ledger.runs.list({ states: ["running", "apply-started", "verifying"] });
  const message = `A backup was taken at ${createdAt} while this ran, and was restored.`;
  for (const run of open) {
    const lease = await ledger.leases.get(run.workspace);
    const own = lease?.run === run.id ? lease : { workspace: run.workspace, token: run.token };
    await settleDead(ledger, { run: run.id, holder: "", expiresAt: at, ...own }, run, { at, message });
  }
  const unknown = await ledger.runs.list({ states: ["unknown"] });
  // Their replica is not here: whoever is may look.
  for (const { workspace, token } of unknown) await ledger.leases.handOver({ workspace, token }, NO_REPLICA);
  // None of them lives here, and nobody is to be told of their silence.
  for (const { id } of await ledger.replicas.list()) await ledger.replicas.forget(id);
  const inDoubt = unknown.map(({ id }) => id).sort();
  await ledger.audit.append({
    at,
    actor: "plumbline",
    action: "backup-restored",
    subject: "backup",
    details: { createdAt, instance, inDoubt },
  });
  return inDoubt;
};
