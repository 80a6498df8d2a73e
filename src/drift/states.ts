import type { Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import type { Plan, ResourceChange } from "../model/plan.ts";
import { isMarkedWithin, valueAt } from "../model/value-diff.ts";

/** One managed resource with its three values: the whole resource, null where it does not exist. */
export interface ResourceStates {
  readonly address: string;
  /** Set where the code moved it: the address that the state still has. */
  readonly previousAddress: string | null;
  readonly type: string;
  readonly recorded: Json;
  readonly actual: Json;
  readonly desired: Json;
  /** Gone in reality while the state still had it. */
  readonly vanished: boolean;
  /** What the plan would do; null where the plan says nothing of it (a refresh-only plan). */
  readonly change: ResourceChange | null;
  readonly drift: ResourceChange | null;
}

/**
 * One normal plan gives all three states: recorded is what the drift entry saw before, actual what it saw after
 * (or what the change starts from), desired what the change ends with. Sorted by address; data sources left out.
 */
export const resourceStates = (plan: Plan): readonly ResourceStates[] => {
  const changes = plan.changes.filter((change) => change.mode === "managed");
  const drift = new Map(
    plan.drift.filter((entry) => entry.mode === "managed").map((one) => [keyOf(one), one]),
  );
  const joined = changes.map((change) => {
    const found = drift.get(keyOf(change)) ?? drift.get(previousKeyOf(change));
    if (found) drift.delete(keyOf(found));
    return statesOf(change, found ?? null);
  });
  const alone = [...drift.values()].map((entry) => statesOf(null, entry));
  return [...joined, ...alone].sort((left, right) => compare(left.address, right.address));
};

const keyOf = (change: ResourceChange): string => `${change.deposed ?? ""} ${change.address}`;
const previousKeyOf = (change: ResourceChange): string =>
  `${change.deposed ?? ""} ${change.previousAddress ?? change.address}`;
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const statesOf = (change: ResourceChange | null, drift: ResourceChange | null): ResourceStates => {
  const { address, type } = (change ?? drift) as ResourceChange;
  const vanished = drift?.action === "delete";
  const actual = vanished ? null : (drift?.after ?? change?.before ?? null);
  return {
    address,
    previousAddress: change?.previousAddress ?? drift?.previousAddress ?? null,
    type,
    recorded: drift ? drift.before : (change?.before ?? null),
    actual,
    desired: change ? change.after : actual,
    vanished,
    change,
    drift,
  };
};

export const isSensitiveAt = ({ change, drift }: ResourceStates, path: Path): boolean =>
  [change, drift].some(
    (entry) => isMarkedWithin(entry?.beforeSensitive, path) || isMarkedWithin(entry?.afterSensitive, path),
  );

export const isUnknownAt = ({ change }: ResourceStates, path: Path): boolean =>
  change === null || isMarkedWithin(change.afterUnknown, path);

/** The value that the code wants at a path, as findings tell it. */
export const desiredAt = (states: ResourceStates, path: Path): Json =>
  isUnknownAt(states, path) ? { unknown: true } : (valueAt(states.desired, path) ?? null);
