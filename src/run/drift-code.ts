import { createHash } from "node:crypto";
import { asPlumblineError } from "../model/errors.ts";
import type { OpenFinding } from "../model/finding.ts";
import { isJsonObject } from "../model/json.ts";
import type { ArtifactRef } from "../ports/artifacts.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { isByHand } from "./alerts.ts";
import { type Codified, codifyWorkspace } from "./codify.ts";
import type { FoundDrift } from "./findings.ts";
import type { Scratch } from "./frame.ts";
import type { SavedPlan } from "./plan-step.ts";
import type { Prepared } from "./prepare.ts";
import type { World } from "./world.ts";

/** Drift as code, proven: what the drift branch is to hold. */
export interface DriftCode {
  /** The commit that the texts were made from. */
  readonly base: string;
  readonly result: Codified["result"];
  readonly files: Readonly<Record<string, string>>;
  readonly formalized: Codified["formalized"];
  readonly refused: readonly { readonly address: string; readonly path: string; readonly reason: string }[];
}

/**
 * Writes what was found as code and proves it, in the checkout that the look was made in. The same findings on the
 * same commit are not codified twice. What goes wrong here is a reason in the pull request, never a failed look.
 */
export const codifyFound = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  look: FoundDrift & { readonly saved: SavedPlan },
): Promise<void> => {
  const { key } = scratch.workspace;
  const findings = look.findings.filter(isByHand);
  if (findings.length === 0 || world.server.mode === "observe") return;
  const seal = sealOf(prepared.tree.commit, findings);
  const known = await world.ledger.meta.get(metaKey(key));
  if (isJsonObject(known) && known["seal"] === seal) return;
  const code = await scratch.step("codify", () => attempt(world, scratch, prepared, look.saved, findings));
  const bytes = new TextEncoder().encode(JSON.stringify(code));
  const ref = await world.artifacts.put(`runs/${scratch.run.id}/drift-code.json`, bytes);
  const fingerprints = findings.map((finding) => finding.fingerprint);
  await world.ledger.meta.set(metaKey(key), { seal, fingerprints, ref: { ...ref } });
};

const metaKey = (workspace: string): string => `drift-code:${workspace}`;

const sealOf = (commit: string, findings: FoundDrift["findings"]): string =>
  createHash("sha256")
    .update(JSON.stringify([commit, findings.map((finding) => finding.fingerprint).toSorted()]))
    .digest("hex");

const attempt = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  saved: SavedPlan,
  findings: FoundDrift["findings"],
): Promise<DriftCode> => {
  const base = prepared.tree.commit;
  try {
    const { result, files, formalized, refused } = await codifyWorkspace({
      workspace: {
        engine: prepared.engine,
        call: prepared.call,
        repoRoot: prepared.tree.root,
        varFiles: prepared.varFiles,
        planFile: saved.file,
      },
      plan: saved.plan,
      findings,
      parse: world.parseHcl,
      reads: world.secondOpinion,
      scratch: scratch.folder,
      progress: (line) => scratch.log.line(line),
    });
    return { base, result, files, formalized, refused };
  } catch (failure) {
    const { message } = asPlumblineError(failure);
    scratch.log.line(`codify failed: ${message}`);
    const reason = world.redactor.redact(message.split("\n")[0] ?? "");
    return {
      base,
      result: "refused",
      files: {},
      formalized: [],
      refused: findings.map(({ address, path }) => ({ address, path, reason })),
    };
  }
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
