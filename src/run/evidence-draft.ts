import { readEvidenceBundle } from "../config/evidence-read.ts";
import type { Evidence } from "../config/evidence-schema.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Run } from "../model/run.ts";
import type { ArtifactRef } from "../ports/artifacts.ts";
import type { Before, Verified } from "./apply-outcome.ts";
import { buildEvidence, stepTimes, versioned } from "./evidence.ts";
import { evidenceKey } from "./evidence-key.ts";
import { migrationsNow } from "./evidence-migrations.ts";
import type { Scratch } from "./frame.ts";
import type { SavedPlan } from "./plan-step.ts";
import type { CheckedOut } from "./prepare.ts";
import type { World } from "./world.ts";

const NOTHING_YET = {
  applied: { failed: true, log: "", diagnostics: "", frozen: null, skipped: false, killed: false },
  verified: { clean: false, remaining: [], saved: null, drift: null, state: null },
} as const;

/**
 * What the evidence will say of plan, approvals and people, kept before the engine starts: where this process dies,
 * nobody else would know it.
 */
export const draftEvidence = async (
  world: World,
  scratch: Scratch,
  prepared: CheckedOut,
  saved: SavedPlan,
  before: Before,
): Promise<ArtifactRef> => {
  const draft = await buildEvidence(world, scratch, prepared, saved, { before, ...NOTHING_YET });
  return putEvidence(world, `runs/${scratch.run.id}/draft.json`, draft);
};

export const readDraft = async (world: World, { result }: Run): Promise<Evidence | null> => {
  const ref = isJsonObject(result) ? result["draft"] : null;
  if (!isJsonObject(ref)) return null;
  const bytes = await world.artifacts.get(ref as unknown as ArtifactRef);
  return readEvidenceBundle(JSON.parse(new TextDecoder().decode(bytes)) as Json);
};

/** Completes the draft of a run whose process died, and keeps it as the run's evidence. */
export const completeDraft = async (
  world: World,
  run: Run,
  draft: Evidence,
  { applied, verified }: { readonly applied: boolean; readonly verified: Verified },
): Promise<Json> => {
  const evidence: Evidence = {
    ...draft,
    outcome: applied ? "applied" : "failed",
    stateAfter: versioned(verified.state),
    migrations: draft.migrations && (await migrationsNow(world, run, draft.migrations)),
    times: {
      ...draft.times,
      started: run.startedAt?.toISOString() ?? null,
      ended: world.clock.now().toISOString(),
      steps: await stepTimes(world, run),
    },
    verification: {
      planned: verified.saved !== null,
      clean: verified.clean,
      schemaCheck: verified.schemaCheck ?? null,
      schemaDigest: verified.schemaDigest ?? null,
      remaining: [...verified.remaining],
      health: null,
    },
  };
  // The dead process may have kept a bundle that no audit names, and so may a look that died.
  const { key, sha256, bytes } = await putEvidence(world, evidenceKey(run.id, world.newId("look")), evidence);
  return { key, sha256, bytes };
};

/** Keeps a bundle without any secret. */
export const putEvidence = (world: World, key: string, evidence: Evidence): Promise<ArtifactRef> =>
  world.artifacts.put(
    key,
    new TextEncoder().encode(world.redactor.redact(JSON.stringify(evidence, null, 2))),
  );
