import { isJsonObject } from "../../src/model/json.ts";
import type { PullRef } from "../../src/model/pull.ts";
import type { RunState } from "../../src/model/run.ts";
import type { World } from "../../src/run/world.ts";

/** What the service itself holds of one pull request's apply, for the judge. */
export interface Facts {
  readonly applies: readonly {
    readonly id: string;
    readonly state: RunState;
    readonly error: string | null;
  }[];
  readonly leased: boolean;
  readonly locked: boolean;
  /** `outcome` of every evidence that the audit names. */
  readonly evidence: readonly string[];
  readonly auditBroken: number | null;
}

export const gatherFacts = async (world: World, pull: PullRef, workspace: string): Promise<Facts> => {
  const { ledger } = world;
  const runs = await ledger.runs.list({ pull, kind: "apply" });
  const audit = await ledger.audit.list({ subject: workspace });
  const evidence: string[] = [];
  for (const { details } of audit) {
    const ref = isJsonObject(details) ? details["evidence"] : undefined;
    if (!isJsonObject(ref)) continue;
    const { key, sha256, bytes } = ref as { key: string; sha256: string; bytes: number };
    const bundle = await world.artifacts.get({ key, sha256, bytes });
    evidence.push((JSON.parse(new TextDecoder().decode(bundle)) as { outcome: string }).outcome);
  }
  return {
    applies: runs.map(({ id, state, error }) => ({ id, state, error: error?.code ?? null })),
    leased: (await ledger.leases.get(workspace)) !== null,
    locked: (await ledger.locks.of(workspace)).length > 0,
    evidence,
    auditBroken: await ledger.audit.verify(),
  };
};
