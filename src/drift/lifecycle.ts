import { type Finding, type FindingEnd, isSamePlace, type OpenFinding } from "../model/finding.ts";
import { type Json, jsonEqual } from "../model/json.ts";
import { type Path, parsePath } from "../model/path.ts";
import type { Plan } from "../model/plan.ts";
import { isNoise, valueAt } from "../model/value-diff.ts";
import { codeSays } from "./code-says.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Ignored } from "./ignore.ts";
import { type ResourceStates, resourceStates } from "./states.ts";

type Seen = Finding & { readonly fingerprint: string };
type Place = Pick<Finding, "address" | "path">;

export interface Lifecycle {
  readonly opened: readonly Seen[];
  /** Still true. Told by this look, or silent only because a refresh took it into the state. */
  readonly kept: readonly OpenFinding[];
  readonly ended: readonly { readonly fingerprint: string; readonly why: FindingEnd }[];
}

export interface LifecycleFacts {
  /** The workspace's findings that have no end yet. */
  readonly open: readonly OpenFinding[];
  /** What `findDrift` told now, noise removed. */
  readonly seen: readonly Seen[];
  readonly ignored: readonly Ignored<Seen>[];
  /** The plan of this look. */
  readonly plan: Plan;
  /** The plan looked at some addresses only, by `-target`: what it does not hold is as open as before. */
  readonly partial?: boolean;
  /** Places at which merged code was proven to say what is live; they end where the plan agrees. */
  readonly formalized?: readonly Place[];
  readonly key: Uint8Array;
  /** Workspace key. */
  readonly workspace: string;
}

/**
 * What one look means for the open findings. A finding ends only because reality or the code moved, or somebody
 * ignores it: a refresh that empties the plan's drift is no end. An errored plan ends nothing.
 */
export const nextLifecycle = (facts: LifecycleFacts): Lifecycle => {
  const { open, seen, plan } = facts;
  const known = new Set(open.map((finding) => finding.fingerprint));
  const opened = seen.filter((finding) => !known.has(finding.fingerprint));
  if (plan.errored) return { opened, kept: open, ended: [] };
  const current = resourceStates(plan).filter(({ change }) => !change?.deposed);
  const states = new Map(current.map((one) => [one.address, one]));
  const isUnseen = ({ address }: OpenFinding): boolean => facts.partial === true && !states.has(address);
  const ends = open.map((finding) => ({
    finding,
    why: isUnseen(finding) ? null : endOf(facts, finding, states.get(finding.address)),
  }));
  return {
    opened,
    kept: ends.flatMap(({ finding, why }) => (why === null ? [finding] : [])),
    ended: ends.flatMap(({ finding, why }) =>
      why === null ? [] : [{ fingerprint: finding.fingerprint, why }],
    ),
  };
};

const endOf = (
  facts: LifecycleFacts,
  finding: OpenFinding,
  states: ResourceStates | undefined,
): FindingEnd | null => {
  const path = parsePath(finding.path) ?? [];
  const live = valueAt(states?.actual ?? null, path) ?? null;
  const desired = valueAt(states?.desired ?? null, path) ?? null;
  const sameLive = isSameLive(facts, finding, live);
  // A look cannot tell what a dynamic block says, so it may still tell this; the proof of the code could.
  const written = facts.formalized?.some((place) => isSamePlace(place, finding)) === true;
  if (written && sameLive && isNoise(live, desired)) return "formalized";
  if (facts.seen.some((seen) => seen.fingerprint === finding.fingerprint)) return null;
  if (facts.ignored.some(({ finding: ignored }) => isSamePlace(ignored, finding))) return "ignored";
  return sameLive
    ? endWhileLive(facts, finding, { path, live, desired })
    : endOfOldValue(finding, live, desired);
};

const isSameLive = ({ key, workspace }: LifecycleFacts, finding: OpenFinding, live: Json): boolean =>
  fingerprintOf({ key, workspace, address: finding.address, path: finding.path, live }) ===
  finding.fingerprint;

/** Reality still is as found. Only the code can have come to it. */
const endWhileLive = (
  { plan }: LifecycleFacts,
  finding: OpenFinding,
  { path, live, desired }: { readonly path: Path; readonly live: Json; readonly desired: Json },
): FindingEnd | null => {
  if (!isNoise(live, desired)) return null;
  if (finding.cause === "unapplied" || finding.cause === "input") return "resolved-itself";
  if (finding.path === "") return "formalized";
  const said = codeSays(plan, finding.address, path, live);
  if (said === "live") return "formalized";
  // What wanted another value before and wants the live one now: an expression, or a dynamic block.
  const wantedOther = !finding.sensitive && !jsonEqual(finding.desired, finding.actual);
  return said !== "other" && wantedOther ? "formalized" : null;
};

/** Reality moved on: back to what was wanted, or elsewhere, which is a finding of its own where it matters. */
const endOfOldValue = (finding: OpenFinding, live: Json, desired: Json): FindingEnd => {
  if (finding.cause === "unapplied" || finding.cause === "input") return "resolved-itself";
  if (finding.path === "") return live === null ? "resolved-itself" : "reverted";
  const back = finding.sensitive
    ? jsonEqual(live, desired)
    : isNoise(live, finding.desired) || isNoise(live, finding.recorded);
  return back ? "reverted" : "resolved-itself";
};
