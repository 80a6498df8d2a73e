import { covers } from "../drift/ignore.ts";
import type { Finding } from "../model/finding.ts";
import type { World } from "./world.ts";

type Placed = Pick<Finding, "address" | "path">;

const metaKey = (workspace: string): string => `drift-selection:${workspace}`;

/** What the drift branch is to hold, as somebody named it by `formalize ADDRESS`; none: all of the drift. */
export const driftSelection = async (
  world: Pick<World, "ledger">,
  workspace: string,
): Promise<readonly string[]> => {
  const stored = await world.ledger.meta.get(metaKey(workspace));
  return Array.isArray(stored) ? stored.map(String) : [];
};

/** An empty list takes the selection back. */
export const selectDrift = (
  world: Pick<World, "ledger">,
  workspace: string,
  targets: readonly string[],
): Promise<void> => world.ledger.meta.set(metaKey(workspace), targets.length === 0 ? null : [...targets]);

/** The findings that the branch is to hold. A selection that nothing fits any more is as good as none. */
export const selectedOf = <Found extends Placed>(
  findings: readonly Found[],
  selection: readonly string[],
): readonly Found[] => {
  const named = findings.filter((finding) => isNamed(selection, finding));
  return named.length === 0 ? findings : named;
};

/** Whether one of the targets (`address` or `address.path`) is the finding's place or lies around it. */
export const isNamed = (targets: readonly string[], finding: Placed): boolean =>
  targets.some((target) => covers(target, finding));

const purposeKey = (workspace: string): string => `drift-purpose:${workspace}`;

/** Who asked that a database's drift branch hold the migration that takes the drift back; null: it formalizes. */
export const revertAskedBy = async (
  world: Pick<World, "ledger">,
  workspace: string,
): Promise<string | null> => {
  const stored = await world.ledger.meta.get(purposeKey(workspace));
  return typeof stored === "string" ? stored : null;
};

/** Null: the branch is to formalize again. */
export const askRevert = (
  world: Pick<World, "ledger">,
  workspace: string,
  by: string | null,
): Promise<void> => world.ledger.meta.set(purposeKey(workspace), by);
