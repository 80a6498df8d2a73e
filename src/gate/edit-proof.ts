import type { GateReason } from "../model/decision.ts";
import type { EditProof } from "../model/edit-proof.ts";
import { shortDigest } from "./apply-facts.ts";

/** A pull request that holds an edit of ours, at the moment of its apply. */
export interface ProofFacts {
  /** What was proven last for this pull request; null where nothing is kept. */
  readonly proof: EditProof | null;
  /** The commit that was merged or is to be applied. */
  readonly head: string | null;
  /** Digest of the plan made just now. */
  readonly fresh: string;
  /** Whether applying that plan would do anything. */
  readonly changes: boolean;
  /** What that plan says otherwise than the proof, in words that name addresses and paths. */
  readonly changedPaths: readonly string[];
  /** Files that are not what was proven, or that were added to it. */
  readonly changedFiles: readonly string[];
  /** Whether somebody approved the fresh digest for this head. */
  readonly approved: boolean;
  /** The word that commands begin with. */
  readonly trigger: string;
}

/**
 * An edit is applied on the strength of its proof, so that whatever its plan does must be what was proven for this
 * very head. An empty plan does nothing and is a proof itself; any other needs a person who approved its digest.
 */
export const editProofGate = (facts: ProofFacts): readonly GateReason[] => {
  if (!facts.changes || facts.approved) return [];
  const message = problemOf(facts);
  if (message === null) return [];
  const { trigger, fresh, changedFiles, changedPaths } = facts;
  const details = [...changedFiles, ...changedPaths];
  return [
    {
      gate: "proof-changed",
      message,
      wayOut: `Comment \`${trigger} drift\` to look again and prove anew; or read this plan, then comment \`${trigger} approve ${shortDigest(fresh)}\` and \`${trigger} apply\`.`,
      ...(details.length > 0 ? { details } : {}),
    },
  ];
};

const problemOf = ({ proof, head, changedPaths }: ProofFacts): string | null => {
  if (proof === null || proof.digest === null)
    return "Nothing was proven for this pull request's edit, and its plan is not empty.";
  if (proof.head !== head)
    return "This head of the pull request is not the one that was proven, and its plan is not empty.";
  return changedPaths.length > 0
    ? "The proof of this pull request's edit no longer holds: code or reality moved since."
    : null;
};
