import { assemble } from "../codify/assemble.ts";
import type { Change, RefusedPlace } from "../codify/facts.ts";
import type { Edit } from "../hcl/edit.ts";

export type Edits = ReadonlyMap<Change, readonly Edit[]>;

/** Which way each change goes at the moment, and why others were left. */
export interface Choices {
  /** How many changes may still be proven. */
  readonly open: () => number;
  /** The edits of the chosen ways and the files that they give; null where no change is left. */
  readonly next: () => { readonly edits: Edits; readonly files: ReadonlyMap<string, string> } | null;
  /** The edits of these changes failed: each goes its next way, or is refused. */
  readonly blame: (edits: Edits, blamed: ReadonlyMap<Change, string>) => void;
  readonly refuse: (change: Change, reason: string) => void;
  readonly refuseRest: (reason: string) => void;
  readonly refused: readonly RefusedPlace[];
}

export const createChoices = (changes: readonly Change[]): Choices => {
  const way = new Map<Change, number>(changes.map((change) => [change, 0]));
  const reasons = new Map<Change, Set<string>>();
  const failed = new Map<Change, Set<string>>();
  const refused: RefusedPlace[] = [];
  const refuse = (change: Change, reason: string): void => {
    way.delete(change);
    const told = (path: string): boolean =>
      refused.some((one) => one.address === change.address && one.path === path);
    refused.push(
      ...change.settles
        .filter((path) => !told(path))
        .map((path) => ({ address: change.address, path, reason })),
    );
  };
  const goOn = (change: Change, reason: string): void => {
    const own = (reasons.get(change) ?? new Set()).add(reason);
    reasons.set(change, own);
    const next = (way.get(change) ?? 0) + 1;
    if (next < change.ways.length) way.set(change, next);
    else refuse(change, [...own].join("; then: "));
  };
  const next: Choices["next"] = () => {
    while (way.size > 0) {
      const { edits, files, blocked } = assemble(way);
      for (const [change, reason] of blocked) goOn(change, reason);
      if (blocked.size > 0) continue;
      // What failed before needs no plan to fail again.
      const again = [...edits].filter(([change, own]) => failed.get(change)?.has(signature(own)));
      for (const [change] of again) goOn(change, "the same text as before");
      if (again.length === 0) return { edits, files };
    }
    return null;
  };
  return {
    open: () => way.size,
    next,
    blame: (edits, blamed) => {
      for (const [change, reason] of blamed) {
        failed.set(change, (failed.get(change) ?? new Set()).add(signature(edits.get(change) ?? [])));
        goOn(change, reason);
      }
    },
    refuse,
    refuseRest: (reason) => {
      for (const change of [...way.keys()])
        refuse(change, [...(reasons.get(change) ?? []), reason].join("; then: "));
    },
    refused,
  };
};

const signature = (edits: readonly Edit[]): string =>
  edits.map(({ file, start, end, text }) => `${file.path}:${start}:${end}:${text}`).join("\n");
