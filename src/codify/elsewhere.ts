import { type Json, jsonEqual, memberOf } from "../model/json.ts";
import type { Plan, ResourceChange } from "../model/plan.ts";
import { isMarkedWithin } from "../model/value-diff.ts";
import { secretIn } from "./secret-in.ts";
import { attributesOf, isHarsher, isLeftAlone, isPlannedOtherwise, plannedIn } from "./verdict.ts";

/** A place that an edit changes in the plan of a workspace for which it was not made. */
export interface Disturbed {
  readonly address: string;
  /** Top-level attribute; `""` for the whole resource, or an output. */
  readonly attribute: string;
  /** What is live there and what the edited code would make of it, as short texts; null where they must not be shown. */
  readonly values: { readonly live: string; readonly edited: string } | null;
  /** Somebody changed it by hand there too, to something else: the two workspaces do not agree. */
  readonly drifted: boolean;
}

export interface Elsewhere {
  readonly disturbed: readonly Disturbed[];
  /** Drift of that workspace that the edited code says as well, as `address.attribute`. */
  readonly settled: readonly string[];
}

/**
 * What an edit does to a workspace that only shares the edited files: `base` is its refreshed plan of the code as it
 * was, `edited` one of the edited code on the same state. Both must say the same, except where that workspace drifted
 * too and the edit says what is live there. `secrets` are texts that a scanner took for secrets: they are not shown.
 */
export const elsewhere = (base: Plan, edited: Plan, secrets?: ReadonlySet<string>): Elsewhere => {
  const [was, is] = [plannedIn(base), plannedIn(edited)];
  const drift = plannedDrift(base);
  const found = [...new Set([...was.keys(), ...is.keys()])].map((address) =>
    compared(was.get(address), is.get(address), { address, drift: drift.get(address), secrets }),
  );
  const settled = found.flatMap((one) => one.settled);
  // What an output tells follows from what the edit settles.
  const outputs = settled.length > 0 ? [] : disturbedOutputs(base, edited);
  return { disturbed: [...found.flatMap((one) => one.disturbed), ...outputs], settled };
};

const plannedDrift = (plan: Plan): ReadonlyMap<string, ResourceChange> =>
  new Map(plan.drift.filter(({ deposed }) => deposed === null).map((change) => [change.address, change]));

interface Place {
  readonly address: string;
  readonly drift: ResourceChange | undefined;
  readonly secrets: ReadonlySet<string> | undefined;
}

const compared = (
  was: ResourceChange | undefined,
  is: ResourceChange | undefined,
  { address, drift, secrets }: Place,
): Elsewhere => {
  const whole: Disturbed = { address, attribute: "", values: null, drifted: drift !== undefined };
  if (!was || !is) {
    const goneThere = !is && drift?.action === "delete";
    return goneThere ? { disturbed: [], settled: [address] } : { disturbed: [whole], settled: [] };
  }
  const names = [...new Set([...attributesOf(was), ...attributesOf(is)])].filter((name) =>
    isPlannedOtherwise(was, is, name),
  );
  const settles = (name: string): boolean => isLeftAlone(is, name) && changedByHand(drift, name);
  const settled = names.filter(settles);
  const disturbed = names
    .filter((name) => !settles(name) && !(settled.length > 0 && isLeftAlone(is, name)))
    .map((name) => disturbedAt(is, name, changedByHand(drift, name), secrets));
  const isWorse = disturbed.length === 0 && isHarsher(was.action, is.action);
  return {
    disturbed: isWorse ? [whole] : disturbed,
    settled: settled.map((name) => `${address}.${name}`),
  };
};

const changedByHand = (drift: ResourceChange | undefined, name: string): boolean =>
  drift !== undefined && !jsonEqual(memberOf(drift.before, name), memberOf(drift.after, name));

/** The values that are shown of disturbed places, as they are in the plan of the edited code. */
export const shownValues = (edited: Plan, { disturbed }: Elsewhere): readonly Json[] => {
  const planned = plannedIn(edited);
  return disturbed.flatMap(({ address, attribute, values }) => {
    const is = planned.get(address);
    return values && is ? [memberOf(is.before, attribute), memberOf(is.after, attribute)] : [];
  });
};

const disturbedAt = (
  is: ResourceChange,
  attribute: string,
  drifted: boolean,
  secrets?: ReadonlySet<string>,
): Disturbed => {
  const [live, edited] = [memberOf(is.before, attribute), memberOf(is.after, attribute)];
  const marks = [is.beforeSensitive, is.afterSensitive, is.afterUnknown];
  const hidden =
    marks.some((mark) => isMarkedWithin(mark, [attribute])) ||
    [live, edited].some((value) => secretIn(attribute, value, secrets));
  const values = hidden ? null : { live: shortText(live), edited: shortText(edited) };
  return { address: is.address, attribute, values, drifted };
};

const MOST_TEXT = 120;

const shortText = (value: Json): string => {
  const text = JSON.stringify(value);
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}...`;
};

const disturbedOutputs = (base: Plan, edited: Plan): readonly Disturbed[] => {
  const was = new Map(base.outputs.map((output) => [output.name, output]));
  return edited.outputs
    .filter(({ name, after, afterUnknown }) => {
      const before = was.get(name);
      return !before || !jsonEqual(before.after, after) || !jsonEqual(before.afterUnknown, afterUnknown);
    })
    .map(({ name }) => ({ address: `output.${name}`, attribute: "", values: null, drifted: false }));
};
