import type { AuditEntry } from "./ledger.ts";

/** A bundle of evidence as it is given out. */
export interface EvidenceCopy<Bundle> {
  readonly evidence: Bundle;
  /** Byte for byte as it was written; `sha256` is its own. */
  readonly text: string;
  readonly sha256: string;
  /** All that speaks of its run or plan, with the link of each entry. */
  readonly audit: readonly AuditEntry[];
  /** Whatever keeps it from proving something. */
  readonly problems: readonly string[];
}
