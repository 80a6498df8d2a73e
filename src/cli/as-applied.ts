import { codeSays } from "../drift/code-says.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Plan, ResourceChange } from "../model/plan.ts";
import { isNoise, leafDiffs, valueAt } from "../model/value-diff.ts";

/**
 * A plan of earlier code over today's state, as if it had been applied then: its `after` is taken for what was
 * accepted. What it could not know yet stays as it is; so does what its code computes, where a data source has read
 * something else since (`recordedState` is `show -json` of the state): that value is newer than the commit.
 */
export const asApplied = (plan: Plan, recordedState: Json): Plan => {
  const moved = dataMoved(recordedState, plan.priorState);
  return {
    ...plan,
    drift: [],
    changes: plan.changes.map((change) => ({ ...change, before: acceptedOf(plan, change, moved) })),
  };
};

const acceptedOf = (plan: Plan, change: ResourceChange, moved: boolean): Json => {
  const [before, after] = [change.before, change.after];
  if (!isJsonObject(after)) return null;
  if (!isJsonObject(before)) return after;
  const kept = Object.entries(after).filter(
    ([name, value]) => !(moved && isComputed(plan, change.address, name, before[name] ?? null, value)),
  );
  return { ...before, ...Object.fromEntries(kept) };
};

/** Whether the code gets a differing value from somewhere else: not from its own text, nor from a variable. */
const isComputed = (plan: Plan, address: string, name: string, before: Json, after: Json): boolean =>
  leafDiffs(before, after).some(
    ({ path, after: value }) => codeSays(plan, address, [name, ...path], value) === "unclear",
  );

/** Whether any data source reads something else today than the state remembers of it. */
const dataMoved = (recorded: Json, now: Json): boolean => {
  const [then, today] = [dataIn(recorded), dataIn(now)];
  return [...then].some(([address, values]) => !isNoise(values, today.get(address)));
};

const dataIn = (state: Json): ReadonlyMap<string, Json> => {
  const found = new Map<string, Json>();
  const collect = (module: Json | undefined): void => {
    for (const resource of objectsIn(module, "resources"))
      if (resource["mode"] === "data") found.set(String(resource["address"]), resource["values"] ?? null);
    for (const child of objectsIn(module, "child_modules")) collect(child);
  };
  collect(valueAt(state, ["values", "root_module"]));
  return found;
};

const objectsIn = (parent: Json | undefined, name: string): readonly JsonObject[] => {
  const list = valueAt(parent, [name]);
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
};
