import type { Edit } from "../hcl/edit.ts";
import { isJsonObject, jsonEqual, memberOf } from "../model/json.ts";
import type { Plan, ResourceChange } from "../model/plan.ts";
import { isMarkedWithin } from "../model/value-diff.ts";
import { blockAddress } from "./address.ts";
import type { Change } from "./facts.ts";
import type { Influence } from "./influence.ts";
import { isEmpty, meansSame } from "./value.ts";

type Planned = ReadonlyMap<string, ResourceChange>;

/** What a plan says of each managed resource. */
export const plannedIn = (plan: Plan): Planned =>
  new Map(
    plan.changes
      .filter((change) => change.mode === "managed" && change.deposed === null)
      .map((change) => [change.address, change]),
  );

/**
 * Judges a plan of the edited code against one of the code as it was, on the same state. Each change that did not do
 * what it should, or did more, is named with the reason; none named means proven.
 */
export const judge = (
  before: Plan,
  after: Plan,
  edits: ReadonlyMap<Change, readonly Edit[]>,
  influence: Influence,
): ReadonlyMap<Change, string> => {
  const [was, is] = [plannedIn(before), plannedIn(after)];
  const changes = [...edits.keys()];
  const blamed = new Map<Change, string>();
  for (const address of new Set([...was.keys(), ...is.keys()])) {
    const own = changes.filter((change) => change.address === address);
    if (own.some(({ removes }) => removes)) continue;
    const touched = unexpected(was.get(address), is.get(address), own);
    if (touched === null) continue;
    for (const change of suspects(address, touched, edits, influence)) {
      if (!blamed.has(change))
        blamed.set(
          change,
          `it would also change ${address}${touched.length > 0 ? ` (${touched.join(", ")})` : ""}`,
        );
    }
  }
  // While an edit reaches too far, it may be what keeps others from their values.
  if (blamed.size > 0) return blamed;
  for (const change of changes) {
    const reason = missed(change, was.get(change.address), is.get(change.address));
    if (!reason) continue;
    const others = intruders(change, edits, influence);
    for (const other of others) blamed.set(other, `it would also change ${change.address}`);
    if (others.length === 0) blamed.set(change, reason);
  }
  return blamed;
};

/** Attributes planned otherwise than before without being meant; null where all is well. */
const unexpected = (
  was: ResourceChange | undefined,
  is: ResourceChange | undefined,
  own: readonly Change[],
): readonly string[] | null => {
  if (!was || !is) return [];
  const meant = new Set(own.filter(({ members }) => !members).map(({ attribute }) => attribute));
  const [wasBeside, isBeside] = [beside(was, own), beside(is, own)];
  const names = [...attributesOf(was), ...attributesOf(is)].filter((name) => !meant.has(name));
  // What follows from the change (tags_all) and stays as it is live is no harm to the resource itself.
  const follows = (name: string): boolean =>
    own.length > 0 &&
    (isLeftAlone(is, name) || (own.some((change) => change.follows.includes(name)) && isMoving(was, name)));
  const touched = [...new Set(names)].filter(
    (name) => isPlannedOtherwise(wasBeside, isBeside, name) && !follows(name),
  );
  if (touched.length > 0) return touched;
  return isHarsher(was.action, is.action) ? [] : null;
};

/** What is planned besides the members that changes speak of. */
const beside = (entry: ResourceChange, own: readonly Change[]): ResourceChange => {
  const { after } = entry;
  if (!isJsonObject(after) || !own.some(({ members }) => members)) return entry;
  const rest = { ...after };
  for (const { attribute, members = [] } of own) {
    const value = rest[attribute] ?? null;
    if (isJsonObject(value) && members.length > 0)
      rest[attribute] = Object.fromEntries(Object.entries(value).filter(([key]) => !members.includes(key)));
  }
  return { ...entry, after: rest };
};

export const attributesOf = ({ before, after, afterUnknown }: ResourceChange): readonly string[] =>
  [before, after, afterUnknown].flatMap((value) => (isJsonObject(value) ? Object.keys(value) : []));

/** Whether two plans write another value of an attribute. */
export const isPlannedOtherwise = (was: ResourceChange, is: ResourceChange, name: string): boolean => {
  const [wasUnknown, isUnknown] = [
    isMarkedWithin(was.afterUnknown, [name]),
    isMarkedWithin(is.afterUnknown, [name]),
  ];
  // What an update would have computed anew stays as it is once nothing is updated.
  if (isUnknown) return !wasUnknown;
  if (wasUnknown) return false;
  const [old, now] = [memberOf(was.after, name), memberOf(is.after, name)];
  return !meansSame(old, now) && !(isEmpty(old) && isEmpty(now));
};

/** Whether the plan leaves the attribute as it is live. */
export const isLeftAlone = (is: ResourceChange, name: string): boolean =>
  !isMarkedWithin(is.afterUnknown, [name]) && meansSame(memberOf(is.before, name), memberOf(is.after, name));

/** Whether code that was not applied yet changed it before any edit. */
const isMoving = (was: ResourceChange, name: string): boolean =>
  !meansSame(memberOf(was.before, name), memberOf(was.after, name));

const HARSHNESS: Readonly<Record<string, number>> = { "no-op": 0, read: 0, move: 0, import: 0, update: 1 };
export const isHarsher = (was: string, is: string): boolean =>
  was !== is && (HARSHNESS[is] ?? 2) > (HARSHNESS[was] ?? 2);

/**
 * Who may have touched an address that was not meant: those whose text the resource reads, and where nobody's is,
 * first those in the same block, then edits that reach far.
 */
const suspects = (
  address: string,
  touched: readonly string[],
  edits: ReadonlyMap<Change, readonly Edit[]>,
  influence: Influence,
): readonly Change[] => {
  const others = [...edits.keys()].filter((change) => change.address !== address || touched.length > 0);
  const sameBlock = (change: Change): boolean => blockAddress(change.address) === blockAddress(address);
  const reaches = (change: Change): boolean => reachesFar(edits.get(change) ?? []);
  const inside = moduleOf(address);
  const sameModule = (change: Change): boolean => moduleOf(change.address) === inside;
  const touches = (change: Change): boolean =>
    (edits.get(change) ?? []).some((edit) => influence(address, edit));
  const circles = [
    (change: Change) => touches(change) && touched.includes(change.attribute),
    touches,
    (change: Change) => sameBlock(change) && touched.includes(change.attribute),
    (change: Change) => touched.includes(change.attribute) && reaches(change) && sameModule(change),
    (change: Change) => touched.includes(change.attribute) && reaches(change),
    (change: Change) => reaches(change) || sameBlock(change),
    () => true,
  ];
  return circles.map((fits) => others.filter(fits)).find((found) => found.length > 0) ?? [...edits.keys()];
};

/** Who changed something that the resource reads, and not as the change itself wanted it: they go first. */
const intruders = (
  change: Change,
  edits: ReadonlyMap<Change, readonly Edit[]>,
  influence: Influence,
): readonly Change[] => {
  const own = edits.get(change) ?? [];
  const isOwn = (edit: Edit): boolean =>
    own.some((one) => one.file === edit.file && one.start === edit.start && one.end === edit.end);
  return [...edits].flatMap(([other, theirs]) => {
    if (blockAddress(other.address) === blockAddress(change.address)) return [];
    return theirs.some((edit) => !isOwn(edit) && influence(change.address, edit)) ? [other] : [];
  });
};

const moduleOf = (address: string): string => blockAddress(address).split(".").slice(0, -2).join(".");

/** Outside of a resource block, or inside of a module. */
const reachesFar = (edits: readonly Edit[]): boolean =>
  edits.some(({ file, start }) => {
    const block = file.body.blocks.find((one) => one.start <= start && start <= one.end);
    return block?.type !== "resource" || file.path.includes("/");
  });

const missed = (
  change: Change,
  was: ResourceChange | undefined,
  is: ResourceChange | undefined,
): string | null => {
  if (change.removes) return is && is.action !== "no-op" ? `it is still planned: ${is.action}` : null;
  if (!is) return "the resource left the plan";
  if (isMarkedWithin(is.afterUnknown, [change.attribute]))
    return "the value would be known only after an apply";
  if (was && isHarsher(was.action, is.action)) return `the plan would ${is.action} the resource`;
  const [live, planned] = [memberOf(is.before, change.attribute), memberOf(is.after, change.attribute)];
  if (!change.reached(planned)) return "the plan does not come to the live value";
  // Null and an empty map mean the same, and yet the plan would write the one over the other.
  return isEmpty(live) && isEmpty(planned) && !jsonEqual(live, planned)
    ? "the plan would still write the value in another form"
    : null;
};

/** Addresses that two plans of the same code and state plan otherwise: such code depends on where or when it runs. */
export const notReproduced = (original: Plan, again: Plan): readonly string[] => {
  const [was, is] = [plannedIn(original), plannedIn(again)];
  return [...new Set([...was.keys(), ...is.keys()])].filter((address) => {
    const [one, other] = [was.get(address), is.get(address)];
    if (!one || !other) return true;
    return unexpected(one, other, []) !== null || unexpected(other, one, []) !== null;
  });
};

/** What a plan would still do, as sentences. */
export const remaining = (plan: Plan): readonly string[] => {
  const resources = plan.changes
    .filter(({ action, mode }) => mode === "managed" && !["no-op", "read"].includes(action))
    .map(({ address, action }) => `${address}: ${action}`);
  const outputs = plan.outputs
    .filter(({ actions }) => !actions.includes("no-op"))
    .map(({ name }) => `output.${name}: changes in the state`);
  return [...resources, ...outputs];
};
