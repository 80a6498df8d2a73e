import type { StatefulClaim } from "../model/stateful-change.ts";
import { plain } from "./escape.ts";

export interface CompatibilityFacts {
  readonly compatibility: StatefulClaim["compatibility"];
  readonly rollbackBoundary: string | null;
  /** The pull request takes an old shape away. */
  readonly contract: boolean;
  /** Newest version applied, and the one that comes; null where unknown. */
  readonly versions: { readonly now: string | null; readonly next: string | null };
}

/** Which application works on which schema, by its author's word, and where the way back ends. */
export const compatibilityLines = (facts: CompatibilityFacts): readonly string[] => {
  const { compatibility, contract, versions, rollbackBoundary } = facts;
  const { oldReadsNew, newReadsOld, oldAfterContract = null, rollbackSafeUntil } = compatibility;
  const next = contract ? "contracted" : "expanded";
  // What runs now works on what is there now; what comes is made for what comes.
  const oldOnNext = contract ? (oldAfterContract ?? false) : oldReadsNew;
  const until = rollbackSafeUntil?.toISOString().slice(0, 10);
  const boundary = [
    ...(oldOnNext === false ? ["The application cannot go back once this is applied."] : []),
    ...(until ? [`It can go back until ${until}.`] : []),
    ...(rollbackBoundary === null ? [] : [`Rollback boundary: ${plain(rollbackBoundary)}`]),
  ];
  return [
    `| application | schema now${named(versions.now)} | ${next}${named(versions.next)} |`,
    "|---|---|---|",
    `| running | works | ${said(oldOnNext)} |`,
    `| new | ${said(newReadsOld)} | works |`,
    ...(boundary.length > 0 ? ["", boundary.join(" ")] : []),
  ];
};

const named = (version: string | null): string => (version === null ? "" : ` (${plain(version)})`);

const said = (works: boolean | null): string => {
  if (works === null) return "not said";
  return works ? "works" : "**fails**";
};
