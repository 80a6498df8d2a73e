import type { Evidence } from "../config/evidence-schema.ts";
import { PlumblineError } from "../model/errors.ts";
import type { EvidenceCopy } from "../ports/evidence-copy.ts";
import { exportedEvidence } from "./evidence-record.ts";
import type { World } from "./world.ts";

/** Evidence for whoever asks over HTTP; null where there is none. */
export const evidenceOf = async (
  world: Pick<World, "ledger" | "artifacts">,
  run: string,
): Promise<EvidenceCopy<Evidence> | null> => {
  try {
    return await exportedEvidence(world, run);
  } catch (error) {
    if (error instanceof PlumblineError && error.code === "workspace-unknown") return null;
    throw error;
  }
};

/** Enters the audit before the bundle leaves: who may read it later may also read who had it. */
export const noteHandOut = async (
  { ledger, clock }: Pick<World, "ledger" | "clock">,
  by: string,
  { evidence, audit }: Pick<EvidenceCopy<Evidence>, "evidence" | "audit">,
): Promise<void> => {
  const subject = audit[0]?.subject ?? evidence.workspace;
  await ledger.audit.append({
    ...{ at: clock.now(), actor: by, action: "evidence-exported", subject },
    details: { run: evidence.run },
  });
};
