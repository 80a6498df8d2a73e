import type { Lifecycle } from "../drift/lifecycle.ts";
import { revertedBy } from "../gate/silent-revert.ts";
import { type Finding, findingFacts, isByHand, type OpenFinding } from "../model/finding.ts";
import { driftCodeOf } from "./drift-code.ts";
import { findNow, withoutSecrets } from "./findings.ts";
import { isPartOf } from "./formalized-part.ts";
import type { Scratch } from "./frame.ts";
import type { SavedPlan } from "./plan-step.ts";
import { asOpen } from "./silent-revert.ts";
import type { World } from "./world.ts";

/** What somebody changed by hand, as one plan of a pull request meets it. */
export interface MetDrift {
  /** Applying the plan would undo it. */
  readonly overridden: readonly (Finding & { readonly since: string })[];
  /** The plan leaves it alone. */
  readonly aside: readonly Finding[];
  /** On a drift pull request that holds some of the drift: the rest, which merging leaves as it is. */
  readonly leftOpen: readonly Finding[];
  /** On a drift pull request: its code says what is live there. */
  readonly formalized: readonly Finding[];
  /** Something that no look for drift has told yet. */
  readonly news: boolean;
}

/** Findings that are open and those that this plan is the first to see, parted by what the plan would do to them. */
export const driftOnTheWay = async (world: World, scratch: Scratch, saved: SavedPlan): Promise<MetDrift> => {
  const { findings, lifecycle } = await findNow(world, scratch.workspace, saved);
  const opened = asOpen(world, scratch.workspace, lifecycle.opened);
  const known = lifecycle.kept.filter(isByHand);
  const all = [...known, ...opened];
  const undone = new Set(revertedBy(saved.plan, all).map(placeOf));
  const here = await formalizedHere(
    world,
    scratch,
    lifecycle.ended,
    known.filter((one) => !undone.has(placeOf(one))),
  );
  const settled = new Set(here.map(placeOf));
  const tell = (some: readonly Finding[]) =>
    some.map((finding) => withoutSecrets(world, findingFacts(finding)));
  const overridden = all.filter((finding) => undone.has(placeOf(finding)));
  const staysOpen = overridden.length > 0 && (await isPartOf(world, scratch, saved));
  return {
    overridden: staysOpen
      ? []
      : overridden.map((finding) => ({
          ...withoutSecrets(world, findingFacts(finding)),
          since: finding.openedAt.toISOString(),
        })),
    leftOpen: staysOpen ? tell(overridden) : [],
    aside: tell(all.filter((finding) => !undone.has(placeOf(finding)) && !settled.has(placeOf(finding)))),
    formalized: tell(here),
    news: findings.some((finding) => opened.some((one) => one.fingerprint === finding.fingerprint)),
  };
};

/**
 * What a drift pull request settles: findings that its plan would end, and those that it leaves alone where the deploy
 * branch would not. Of what no code mentions only the branch's own edits tell.
 */
const formalizedHere = async (
  world: World,
  { run, workspace }: Scratch,
  ended: Lifecycle["ended"],
  leftAlone: readonly OpenFinding[],
): Promise<readonly OpenFinding[]> => {
  const row = run.pull ? await world.ledger.pulls.get(run.pull) : null;
  if (row?.driftOf !== workspace.key) return [];
  const open = await world.ledger.findings.open(workspace.key);
  const code = await driftCodeOf(world, workspace, open);
  const written = new Set((code?.formalized ?? []).map(placeOf));
  const over = new Set(ended.filter(({ why }) => why === "formalized").map(({ fingerprint }) => fingerprint));
  return [
    ...open.filter((finding) => isByHand(finding) && over.has(finding.fingerprint)),
    ...leftAlone.filter((finding) => finding.cause !== "unmanaged" || written.has(placeOf(finding))),
  ];
};

const placeOf = ({ address, path }: { readonly address: string; readonly path: string }): string =>
  JSON.stringify([address, path]);
