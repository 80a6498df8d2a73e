import { createHmac } from "node:crypto";
import type { GateReason } from "../model/decision.ts";
import type { EditProof } from "../model/edit-proof.ts";
import { type OpenFinding, placeText } from "../model/finding.ts";
import { canonicalJson, isJsonObject } from "../model/json.ts";
import type { MigrationSummary } from "../model/migration.ts";
import type { ProposalWish } from "../model/migration-proposal.ts";
import type { PlanDigest } from "../model/plan.ts";
import { pathIn } from "../model/workspace.ts";
import type { PlanRow } from "../ports/ledger.ts";
import { keptProof } from "./edit-proof.ts";
import type { FoundDrift } from "./findings.ts";
import type { Scratch } from "./frame.ts";
import { findInSchema } from "./migration-findings.ts";
import type { PreparedMigrations } from "./migration-prepare.ts";
import type { World } from "./world.ts";

const LIVE = "live:";
const RUNS = "runs:";

/**
 * Of a migration that formalizes drift or takes it back: what it does, its files, what the tool calls what it runs of
 * them, and what was live when it was proven.
 */
export const migrationProof = (
  key: Uint8Array,
  purpose: ProposalWish["purpose"],
  { files, runs }: { readonly files: Readonly<Record<string, string>>; readonly runs: readonly string[] },
  findings: FoundDrift["findings"],
): PlanDigest => {
  const parts = {
    purpose,
    ...Object.fromEntries(runs.map((script) => [`${RUNS}${script}`, ""])),
    ...Object.fromEntries(findings.map((finding) => [`${LIVE}${finding.fingerprint}`, placeText(finding)])),
  };
  const digest = createHmac("sha256", key)
    .update(canonicalJson([parts, { ...files }]))
    .digest("hex");
  return { digest: `mp1:${digest}`, parts };
};

/** What a proof of a migration does; null for any other proof. */
export const provenPurpose = ({ digest, parts }: EditProof): ProposalWish["purpose"] | null => {
  const { purpose } = parts;
  return digest?.startsWith("mp1:") && (purpose === "formalize" || purpose === "revert") ? purpose : null;
};

/** Whether a plan runs what was proven and nothing else. */
export const runsOnlyProven = ({ summary }: PlanRow, proof: EditProof, dir: string): boolean => {
  const proven = ({ file, script }: MigrationSummary["migrations"][number]): boolean =>
    // A proof of an older release names no scripts.
    Object.keys(proof.parts).some((name) => name.startsWith(RUNS))
      ? `${RUNS}${script}` in proof.parts
      : pathIn(dir, file) in proof.files;
  const migration = isJsonObject(summary) ? (summary["migration"] as unknown as MigrationSummary) : undefined;
  return (
    migration !== undefined &&
    migration.problems.length === 0 &&
    (migration.backfills ?? []).length === 0 &&
    migration.migrations.every(proven)
  );
};

/** The proof of the pull request that a run is of, where it is its workspace's drift pull request with nothing else on it. */
export const ownProof = async (
  world: Pick<World, "ledger">,
  { run, workspace }: Pick<Scratch, "run" | "workspace">,
): Promise<EditProof | null> => {
  const row = run.pull ? await world.ledger.pulls.get(run.pull) : null;
  if (row?.driftOf !== workspace.key) return null;
  const proof = await keptProof(world, row.pull);
  return proof !== null && proof.head === run.head && provenPurpose(proof) !== null ? proof : null;
};

/** A migration of ours is about what was live when it was proven: where somebody changed that since, it waits. */
export const askMigrationProof = async (
  world: World,
  scratch: Scratch,
  { runner, call }: PreparedMigrations,
): Promise<readonly GateReason[]> => {
  const proof = await ownProof(world, scratch);
  if (proof === null) return [];
  const { findings } = await findInSchema(world, scratch.workspace, await runner.drift(call));
  const moved = movedSince(proof, findings);
  if (moved.length === 0) return [];
  return [
    {
      gate: "drift-moved",
      message: "What is live was changed again since this migration was proven.",
      details: moved,
      wayOut: "The next look for drift writes it anew; merge that one.",
    },
  ];
};

const movedSince = (
  { parts }: EditProof,
  now: readonly Pick<OpenFinding, "fingerprint">[],
): readonly string[] => {
  const live = new Set(now.map(({ fingerprint }) => `${LIVE}${fingerprint}`));
  return Object.entries(parts)
    .filter(([name]) => name.startsWith(LIVE) && !live.has(name))
    .map(([, place]) => place);
};
