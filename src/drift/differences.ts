import type { Catalogue } from "../model/catalogue.ts";
import { jsonEqual } from "../model/json.ts";
import { type Path, renderPath } from "../model/path.ts";
import type { Plan } from "../model/plan.ts";
import { isMarkedWithin, isNoise, leafDiffs, valueAt } from "../model/value-diff.ts";
import type { Memory } from "./accepted.ts";
import { isSilent } from "./code-says.ts";
import type { SchemaFacts } from "./provider-schema.ts";
import type { ResourceStates } from "./states.ts";

/**
 * A place where two of the three states differ. `drifted`: recorded differs from actual. `planned`: the plan changes
 * actual, which the state has. `remembered`: all three agree, yet it is not what was accepted.
 */
export interface Difference {
  readonly path: Path;
  readonly kind: "drifted" | "planned" | "remembered";
}

/** The leaf paths at which a resource's states differ, `[]` for the whole of it; each path once. */
export const differencesOf = (
  facts: { readonly plan: Plan; readonly catalogue?: Catalogue; readonly schema?: SchemaFacts },
  memory: Memory,
  states: ResourceStates,
): readonly Difference[] => {
  if (states.vanished) return [{ path: [], kind: "drifted" }];
  if (states.change && WHOLE.has(states.change.action)) return [{ path: [], kind: "planned" }];
  const isSet = (path: Path) =>
    facts.catalogue?.isSet(states.type, path) ?? facts.schema?.isSet(states.type, path);
  const drifted = states.drift
    ? leafDiffs(states.recorded, states.actual, isSet).map(({ path }) => path)
    : [];
  const planned = plannedLeaves(facts.plan, states, isSet).filter(
    (path) => !drifted.some((other) => isToldBy(states, path, other)),
  );
  const told = new Set([...drifted, ...planned].map(renderPath));
  const remembered = states.change?.deposed ? [] : memory.differences(states, isSet);
  return [
    ...drifted.map((path) => ({ path, kind: "drifted" as const })),
    ...planned.map((path) => ({ path, kind: "planned" as const })),
    ...remembered
      .filter(
        (path) => !told.has(renderPath(path)) && ![...drifted, ...planned].some((one) => isWithin(path, one)),
      )
      .map((path) => ({ path, kind: "remembered" as const })),
  ];
};

// Nothing is there to compare leaf by leaf; what an unknown action does nobody knows.
const WHOLE: ReadonlySet<string> = new Set(["create", "delete", "forget", "import", "unknown"]);

const plannedLeaves = (
  plan: Plan,
  states: ResourceStates,
  isSet: (path: Path) => boolean | undefined,
): readonly Path[] =>
  leafDiffs(states.actual, states.desired, isSet)
    .map(({ path }) => path)
    // The provider will compute it anew because something else changes: nobody asked for this path itself.
    .filter(
      (path) => !(isMarkedWithin(states.change?.afterUnknown, path) && isSilent(plan, states.address, path)),
    );

/** A planned path within a drifted one is told by it; around one, where the plan only takes the drift back. */
const isToldBy = (states: ResourceStates, planned: Path, drifted: Path): boolean => {
  if (isWithin(planned, drifted)) return true;
  if (!isWithin(drifted, planned)) return false;
  const [recorded, desired] = [valueAt(states.recorded, planned), valueAt(states.desired, planned)];
  return jsonEqual(recorded, desired) || isNoise(recorded, desired);
};

const isWithin = (inner: Path, outer: Path): boolean =>
  outer.length <= inner.length && outer.every((step, index) => step === inner[index]);
