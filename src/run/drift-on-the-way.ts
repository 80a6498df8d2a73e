import { revertedBy } from "../gate/silent-revert.ts";
import { type Finding, isByHand } from "../model/finding.ts";
import { findNow, withoutSecrets } from "./findings.ts";
import type { Scratch } from "./frame.ts";
import type { SavedPlan } from "./plan-step.ts";
import { asOpen } from "./silent-revert.ts";
import type { World } from "./world.ts";

/** What somebody changed by hand, as one plan of a pull request meets it. */
export interface MetDrift {
  /** Applying the plan would undo it. */
  readonly overridden: readonly Finding[];
  /** The plan leaves it alone. */
  readonly aside: readonly Finding[];
  /** Something that no look for drift has told yet. */
  readonly news: boolean;
}

/** Findings that are open and those that this plan is the first to see, parted by what the plan would do to them. */
export const driftOnTheWay = async (world: World, scratch: Scratch, saved: SavedPlan): Promise<MetDrift> => {
  const { findings, lifecycle } = await findNow(world, scratch.workspace, saved);
  const opened = asOpen(world, scratch.workspace, lifecycle.opened);
  const known = lifecycle.kept.filter(isByHand);
  const all = [...known, ...opened];
  const told = all.map((finding) => withoutSecrets(world, toldOf(finding)));
  const undone = new Set(revertedBy(saved.plan, all).map(placeOf));
  return {
    overridden: told.filter((finding) => undone.has(placeOf(finding))),
    aside: told.filter((finding) => !undone.has(placeOf(finding))),
    news: findings.some((finding) => opened.some((one) => one.fingerprint === finding.fingerprint)),
  };
};

const placeOf = ({ address, path }: { readonly address: string; readonly path: string }): string =>
  JSON.stringify([address, path]);

const toldOf = ({ address, path, cause, recorded, actual, desired, sensitive }: Finding): Finding => ({
  address,
  path,
  cause,
  recorded,
  actual,
  desired,
  sensitive,
});
