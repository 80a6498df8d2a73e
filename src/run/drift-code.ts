import { createHash } from "node:crypto";
import type { ChangeClass } from "../model/change-class.ts";
import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import { isByHand, type OpenFinding } from "../model/finding.ts";
import { isJsonObject } from "../model/json.ts";
import type { ProposalWish } from "../model/migration-proposal.ts";
import type { ArtifactRef } from "../ports/artifacts.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { type CodifiedDrift, codifyDrift } from "./codify-drift.ts";
import { driftSelection, selectedOf } from "./drift-selection.ts";
import type { FoundDrift } from "./findings.ts";
import type { Scratch } from "./frame.ts";
import { pendingIgnores, withoutPending } from "./pending-ignores.ts";
import type { SavedPlan } from "./plan-step.ts";
import type { Prepared } from "./prepare.ts";
import { readRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/** Drift as code, proven: what the drift branch is to hold. */
export interface DriftCode extends CodifiedDrift {
  /** The commit that the texts were made from. */
  readonly base: string;
  /** Set where an engine failed, so that nothing could be tried. */
  readonly failed?: true;
  /** Of a database: what the migration does. */
  readonly migration?: DriftMigration;
}

/** A migration that formalizes drift of a database or takes it back, as its pull request tells it. */
export interface DriftMigration {
  readonly purpose: ProposalWish["purpose"];
  readonly class: ChangeClass;
  /** Data that is gone where it has something to do. */
  readonly destroys: readonly string[];
  /** `FILE:LINE rule: message`. */
  readonly hazards: readonly string[];
}

/**
 * Writes what was found as code and proves it, in the checkout that the look was made in. The same findings on the
 * same commit are not codified twice. What goes wrong here is a reason in the pull request, never a failed look.
 */
export const codifyFound = (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  look: FoundDrift & { readonly saved: SavedPlan },
): Promise<void> =>
  keepDriftCode(world, scratch, prepared.tree.commit, look, (findings) =>
    attempt(world, scratch, prepared, look, findings),
  );

/**
 * Keeps for the drift branch what `write` makes of the findings that somebody is to decide about. `wish`: what else it
 * depends on.
 */
export const keepDriftCode = async (
  world: World,
  scratch: Scratch,
  commit: string,
  look: FoundDrift,
  write: (findings: FoundDrift["findings"]) => Promise<DriftCode>,
  wish = "",
): Promise<void> => {
  const { key } = scratch.workspace;
  const byHand = withoutPending(look.findings.filter(isByHand), await pendingIgnores(world, key));
  const findings = selectedOf(byHand, await driftSelection(world, key));
  if (findings.length === 0 || world.server.mode === "observe") return;
  const seal = sealOf(commit, findings, wish);
  const known = await world.ledger.meta.get(metaKey(key));
  if (isJsonObject(known) && known["seal"] === seal && known["again"] !== true) return;
  const code = await write(findings);
  // What was interrupted says nothing about the code.
  scratch.signal.throwIfAborted();
  const bytes = new TextEncoder().encode(JSON.stringify(code));
  const ref = await world.artifacts.put(`runs/${scratch.run.id}/drift-code.json`, bytes);
  const fingerprints = findings.map((finding) => finding.fingerprint);
  await world.ledger.meta.set(metaKey(key), { seal, fingerprints, ref: { ...ref }, again: isPassing(code) });
};

/** Whether the next look may come farther: an engine failed, here or in a workspace that shares the files. */
const isPassing = ({ failed, shared }: DriftCode): boolean =>
  failed === true || shared.some(({ unplanned }) => unplanned === true);

const metaKey = (workspace: string): string => `drift-code:${workspace}`;

/** Grows when what is kept does: older code is made again. */
const KEPT = 3;

const sealOf = (commit: string, findings: FoundDrift["findings"], wish: string): string =>
  createHash("sha256")
    .update(JSON.stringify([KEPT, commit, findings.map((finding) => finding.fingerprint).toSorted(), wish]))
    .digest("hex");

const attempt = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  { saved, state }: Pick<FoundDrift, "state"> & { readonly saved: SavedPlan },
  findings: FoundDrift["findings"],
): Promise<DriftCode> => {
  const base = prepared.tree.commit;
  try {
    const tools = { parse: world.parseHcl, reads: world.secondOpinion, scanner: world.secretScanner };
    const input = readRunInput(scratch.run);
    const code = await codifyDrift(world, tools, scratch, prepared, input, saved, findings);
    await mustBeTheSame(prepared, state);
    return { base, ...code };
  } catch (failure) {
    const { message } = asPlumblineError(failure);
    scratch.log.line(`codify failed: ${message}`);
    const reason = world.redactor.redact(message.split("\n")[0] ?? "");
    return failedCode(base, findings, reason);
  }
};

/** Nothing could be tried, and why. */
export const failedCode = (base: string, findings: FoundDrift["findings"], reason: string): DriftCode => ({
  ...{
    base,
    failed: true,
    result: "refused",
    files: {},
    formalized: [],
    remaining: [],
    shared: [],
    proof: null,
  },
  refused: findings.map(({ address, path }) => ({ address, path, reason })),
});

/** A proof is about one state: where somebody applied meanwhile, it says nothing about what is recorded now. */
const mustBeTheSame = async ({ engine, call }: Prepared, state: FoundDrift["state"]): Promise<void> => {
  const now = await engine.stateVersion(call);
  if (now?.serial !== state?.serial || now?.lineage !== state?.lineage)
    throw new PlumblineError("state-moved", "The state changed while the edit was proven.");
};

/**
 * The code for a workspace's open findings; null where there is none, where one of its findings has ended meanwhile,
 * or where the deploy branch went another way.
 */
export const driftCodeOf = async (
  world: World,
  workspace: WorkspaceRow,
  findings: readonly OpenFinding[],
): Promise<DriftCode | null> => {
  const known = await world.ledger.meta.get(metaKey(workspace.key));
  if (!isJsonObject(known)) return null;
  const { fingerprints, ref } = known as unknown as { fingerprints: readonly string[]; ref: ArtifactRef };
  const open = new Set(findings.map((finding) => finding.fingerprint));
  if (!fingerprints.every((fingerprint) => open.has(fingerprint))) return null;
  const code = JSON.parse(new TextDecoder().decode(await world.artifacts.get(ref))) as DriftCode;
  const tip = await world.git.resolve(workspace.repo, workspace.refs.desired.branch);
  return tip !== null && (await world.git.isAncestor(workspace.repo, code.base, tip)) ? code : null;
};
