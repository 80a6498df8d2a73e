import type { Catalogue } from "../model/catalogue.ts";
import type { AcceptedState, Cause } from "../model/finding.ts";
import type { Path } from "../model/path.ts";
import type { Plan } from "../model/plan.ts";
import { isNoise, valueAt } from "../model/value-diff.ts";
import type { Memory } from "./accepted.ts";
import { codeSays } from "./code-says.ts";
import type { Difference } from "./differences.ts";
import type { SchemaFacts } from "./provider-schema.ts";
import { isUnknownAt, type ResourceStates } from "./states.ts";

interface CauseFacts {
  readonly plan: Plan;
  readonly accepted: AcceptedState | null;
  readonly inputTreeHash: string;
  readonly lockFileHash: string | null;
  readonly catalogue?: Catalogue;
  readonly schema?: SchemaFacts;
}

/**
 * Why a resource's states differ at a path; the first that fits in the order of `CAUSES`. Null where nobody needs to
 * act: the code says what is live already, and only the state has to learn it.
 */
export const causeOf = (
  facts: CauseFacts,
  memory: Memory,
  states: ResourceStates,
  { path, kind }: Difference,
): Cause | null => {
  if (path.length === 0) return causeOfWhole(facts, memory, states);
  if (kind === "drifted") return causeOfDrift(facts, memory, states, path);
  if (kind === "planned") return causeOfPlan(facts, memory, states, path);
  return causeOfMemory(facts, states, path);
};

const causeOfWhole = (facts: CauseFacts, memory: Memory, states: ResourceStates): Cause => {
  if (states.vanished) return "vanished";
  // Somebody's refresh took the loss into the state before we looked.
  if (states.change?.action === "create") return memory.knows(states) ? "vanished" : codeOrInput(facts);
  if (states.change?.deposed) return "unapplied";
  return memory.knows(states) === false && states.change?.action !== "import"
    ? "absorbed"
    : codeOrInput(facts);
};

const causeOfDrift = (
  facts: CauseFacts,
  memory: Memory,
  states: ResourceStates,
  path: Path,
): Cause | null => {
  const [recorded, actual] = [valueAt(states.recorded, path), valueAt(states.actual, path)];
  if (isNoise(recorded, actual, { watched: isWatched(facts, states, path) })) return "noise";
  // Whatever the catalogue watches is told, though only the provider can set it.
  if (!isWatched(facts, states, path) && isComputedOnly(facts, states, path)) return "noise";
  if (states.change === null || planChanges(facts, states, path)) return "console";
  const said = codeSays(facts.plan, states.address, path, actual ?? null);
  if (said === "live") return null;
  // A change of the code that was merged and accepted with just this value; only the state has not learned it yet.
  if (said !== "other" && memory.holds(states, path)) return null;
  return said === "unclear" && hasNewCode(facts) && memory.knows(states) ? null : "unmanaged";
};

const causeOfPlan = (facts: CauseFacts, memory: Memory, states: ResourceStates, path: Path): Cause => {
  if (!planChanges(facts, states, path) || isMirror(states, path)) return "noise";
  if (memory.knows(states) && memory.differs(states, path)) return "absorbed";
  return codeOrInput(facts);
};

/** Recorded, actual and desired agree: somebody's hand only where the code has no say; else it was applied elsewhere. */
const causeOfMemory = (facts: CauseFacts, states: ResourceStates, path: Path): Cause | null => {
  if (isComputedOnly(facts, states, path)) return null;
  const actual = valueAt(states.actual, path) ?? null;
  return codeSays(facts.plan, states.address, path, actual) === "silent" ? "absorbed" : null;
};

const planChanges = (facts: CauseFacts, states: ResourceStates, path: Path): boolean =>
  isUnknownAt(states, path) ||
  !isNoise(valueAt(states.actual, path), valueAt(states.desired, path), {
    watched: isWatched(facts, states, path),
  });

const isWatched = (facts: CauseFacts, states: ResourceStates, path: Path): boolean =>
  facts.catalogue?.watches(states.type, path) ?? false;

/** The same tree and lock file as accepted: then a data source, a variable, the provider or the clock moved. */
const codeOrInput = (facts: CauseFacts): Cause =>
  facts.accepted !== null && facts.inputTreeHash !== "" && !hasNewCode(facts) ? "input" : "unapplied";

const hasNewCode = ({ accepted, inputTreeHash }: CauseFacts): boolean =>
  accepted !== null && accepted.inputTreeHash !== inputTreeHash;

/** What the provider keeps by itself: a copy of another attribute, or what no code can set. */
const isComputedOnly = (facts: CauseFacts, states: ResourceStates, path: Path): boolean => {
  if (isMirror(states, path)) return true;
  if (states.change !== null && planChanges(facts, states, path)) return false;
  const told = facts.schema?.isComputedOnly(states.type, path);
  if (told !== undefined) return told;
  return TICKING.test(String(path.at(-1))) && codeSays(facts.plan, states.address, path, null) === "silent";
};

const TICKING =
  /^(last_(modified|updated|changed)\w*|(updated|modified|last_update)_(at|on|date|time)|update_time|latest_restorable_time|resource_version|time_(updated|modified))$/;

const MIRRORS: Readonly<Record<string, string>> = {
  tags_all: "tags",
  effective_labels: "labels",
  terraform_labels: "labels",
  effective_annotations: "annotations",
};

const isMirror = (states: ResourceStates, [first, ...rest]: Path): boolean => {
  const original = typeof first === "string" ? MIRRORS[first] : undefined;
  if (original === undefined) return false;
  const [copy, source] = [
    [first as string, ...rest],
    [original, ...rest],
  ];
  return isNoise(valueAt(states.actual, copy), valueAt(states.actual, source));
};
