import type { RefusedPlace } from "../codify/facts.ts";
import type { ParseHcl } from "../hcl/syntax.ts";
import type { Finding } from "../model/finding.ts";
import { canonicalJson } from "../model/json.ts";
import type { PlanDigest } from "../model/plan.ts";
import type { SharedProof } from "../model/shared-proof.ts";
import { planDigest } from "../plan/digest.ts";
import type { SecretScanner } from "../ports/secret-scanner.ts";
import { type Codified, codifyWorkspace, type Place } from "./codify.ts";
import { codifyInput } from "./codify-input.ts";
import type { Scratch } from "./frame.ts";
import type { SavedPlan } from "./plan-step.ts";
import type { Prepared } from "./prepare.ts";
import type { RunInput } from "./run-input.ts";
import { sharingWorkspaces } from "./sharing-workspaces.ts";
import type { World } from "./world.ts";

/** What wire.ts loads: `loadHcl()`, `secondOpinion()` and `secretScanner()` of the adapters. */
export interface CodifyTools {
  readonly parse: ParseHcl;
  readonly reads: (text: string) => boolean;
  readonly scanner: SecretScanner;
}

export interface CodifiedDrift {
  readonly result: Codified["result"];
  /** New texts by path in the repository, ready for a commit on the desired commit; no path leads through a link. */
  readonly files: Readonly<Record<string, string>>;
  /** Which file each change was written to; what was stored before this was kept has none. */
  readonly edits?: Codified["edits"];
  /** Findings that the files settle; all others need revert, ignore, or a hand. */
  readonly formalized: readonly Place[];
  readonly refused: readonly RefusedPlace[];
  /** What the proving plan would still do, as sentences: code that is not applied yet, outputs. */
  readonly remaining: readonly string[];
  /** What the files come to in each other workspace that reads one of them. */
  readonly shared: readonly SharedProof[];
  /** Of the refreshed plan that proved the files; null where nothing was proven, absent in what older versions kept. */
  readonly proof?: PlanDigest | null;
}

/**
 * The code's side of a drift pull request, proven in a copy of the checked-out tree. Takes the saved drift plan of the
 * same run, so that no further look at the cloud is needed before the proof.
 * @throws `engine-failed` where the copy cannot be initialised; the caller then opens the pull request without files.
 */
export const codifyDrift = async (
  world: World,
  tools: CodifyTools,
  scratch: Scratch,
  prepared: Prepared,
  input: RunInput,
  saved: Pick<SavedPlan, "file" | "plan" | "rules">,
  findings: readonly Pick<Finding, "address" | "path" | "cause">[],
): Promise<CodifiedDrift> => {
  const others = await sharingWorkspaces(world, scratch, prepared);
  const { workspace, ...learning } = codifyInput(world, prepared, saved.file);
  const codified = await scratch.step("codify", () =>
    codifyWorkspace({
      ...tools,
      ...learning,
      workspace: { ...workspace, extraArgs: input.flags },
      plan: saved.plan,
      findings,
      scratch: scratch.folder,
      progress: (line) => scratch.log.line(`codify: ${line}`),
      ...others,
    }),
  );
  const { result, files, edits, formalized, refused, remaining, proof, shared } = codified;
  return {
    result,
    files,
    edits,
    formalized,
    refused: refused.map((one) => ({ ...one, reason: world.redactor.redact(one.reason) })),
    remaining,
    shared: shared.map((one) => shownProof(world, one)),
    proof: proof && proofDigest(world, prepared, input, { plan: proof, rules: saved.rules }),
  };
};

/** Without secrets. */
export const shownProof = ({ redactor }: World, proof: SharedProof): SharedProof => ({
  ...proof,
  reason: proof.reason && redactor.redact(proof.reason),
  conflicts: proof.conflicts.map(({ values, ...place }) => ({
    ...place,
    values: values && { here: redactor.redact(values.here), there: redactor.redact(values.there) },
  })),
});

/**
 * What a proof says, as a keyed hash: the values that the plan writes, under this engine and lock file. At merge the
 * plan of the merge commit has the same one but for the tree, unless reality or the code moved meanwhile.
 */
export const proofDigest = (
  { key }: Pick<World, "key">,
  { engine, lockFile }: Pick<Prepared, "engine" | "lockFile">,
  input: RunInput,
  { plan, rules }: Pick<SavedPlan, "plan" | "rules">,
): PlanDigest =>
  planDigest({
    plan,
    engine: engine.version,
    lockFile,
    // The tree is the pull request's own; what counts is what the plan comes to.
    inputTree: "",
    variables: Object.fromEntries(
      Object.entries(plan.variables).map(([name, value]) => [name, canonicalJson(value)]),
    ),
    flags: input.flags,
    key,
    ignore: input.config.digestIgnore,
    catalogue: rules.catalogue,
  });
