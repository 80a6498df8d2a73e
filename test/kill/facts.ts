import type { Evidence } from "../../src/config/evidence-schema.ts";
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
  /** State of each migration in the newest of them. */
  readonly ran: readonly string[];
  readonly auditBroken: number | null;
  /** Why nothing more is applied here; null where it is. */
  readonly frozen: string | null;
  /** Actions of the audit, oldest first. */
  readonly audited: readonly string[];
  /** `SCRIPT#STATEMENT STATE` of every apply and of what people asked for afterwards, newest run first. */
  readonly migrations: readonly string[];
}

export const gatherFacts = async (world: World, pull: PullRef, workspace: string): Promise<Facts> => {
  const { ledger } = world;
  const runs = await ledger.runs.list({ pull, kind: "apply" });
  const audit = await ledger.audit.list({ subject: workspace });
  const asked = await ledger.runs.list({ pull, kind: "state" });
  const steps = await Promise.all([...asked, ...runs].map(({ id }) => ledger.migrations.of(id)));
  const bundles: Pick<Evidence, "outcome" | "migrations">[] = [];
  for (const { details } of audit) {
    const ref = isJsonObject(details) ? details["evidence"] : undefined;
    if (!isJsonObject(ref)) continue;
    const { key, sha256, bytes } = ref as { key: string; sha256: string; bytes: number };
    const bundle = await world.artifacts.get({ key, sha256, bytes });
    bundles.push(JSON.parse(new TextDecoder().decode(bundle)) as Evidence);
  }
  return {
    applies: runs.map(({ id, state, error }) => ({ id, state, error: error?.code ?? null })),
    leased: (await ledger.leases.get(workspace)) !== null,
    locked: (await ledger.locks.of(workspace)).length > 0,
    evidence: bundles.map(({ outcome }) => outcome),
    ran: (bundles.at(-1)?.migrations ?? []).map(({ state }) => state),
    auditBroken: await ledger.audit.verify(),
    frozen: (await ledger.workspaces.get(workspace))?.frozen?.why ?? null,
    audited: audit.map(({ action }) => action),
    migrations: steps.flat().map(({ script, statement, state }) => `${script}#${statement} ${state}`),
  };
};
