import { isByHand, type OpenFinding } from "../model/finding.ts";
import { unknownTargets } from "../report/drift-answers.ts";
import { isNamed } from "./drift-selection.ts";
import type { World } from "./world.ts";

/** What a command named of a workspace's open drift, or the answer where it named what is not there. */
export type Targeted =
  | { readonly open: readonly OpenFinding[]; readonly named: readonly OpenFinding[] }
  | { readonly answer: string };

/** Targets are addresses (of modules, too) or `address.path`; one that fits nothing stops the whole command. */
export const driftNamed = async (
  world: Pick<World, "ledger">,
  workspaces: readonly string[],
  targets: readonly string[],
): Promise<Targeted> => {
  const all = await Promise.all(workspaces.map((key) => world.ledger.findings.open(key)));
  const open = all.flat().filter(isByHand);
  const unknown = targets.filter((target) => !open.some((finding) => isNamed([target], finding)));
  if (unknown.length > 0) return { answer: unknownTargets(unknown, open) };
  return { open, named: targets.length === 0 ? open : open.filter((finding) => isNamed(targets, finding)) };
};
