import { isExactNumber, isJsonObject, type Json, type JsonObject, jsonEqual } from "../model/json.ts";
import type { OutputChange, Plan, ResourceChange } from "../model/plan.ts";
import { valueAt } from "../model/value-diff.ts";
import { hideSecrets, SHORTEST } from "./hide-secrets.ts";
import { isSensitiveText, SENSITIVE, SENSITIVE_CHANGED } from "./placeholder.ts";
import { hideNamedSecrets } from "./secret-looks.ts";

/**
 * A plan without secrets: what the masks mark, and every declared sensitive variable, reads `(sensitive)`; where the
 * same secret stands unmarked elsewhere it goes too. `secrets` are the texts that logs must not show either.
 */
export const redactPlan = (plan: Plan): { readonly plan: Plan; readonly secrets: readonly string[] } => {
  const found = new Set<string>();
  const masked: Plan = {
    ...plan,
    changes: plan.changes.map((change) => maskValues(change, found)),
    drift: plan.drift.map((change) => maskValues(change, found)),
    outputs: plan.outputs.map((output) => maskOutput(output, found)),
    variables: maskVariables(plan, found),
    priorState: plan.priorState && (maskState(plan.priorState, found) as JsonObject),
  };
  const named = hideNamed(masked, found);
  const secrets = [...found].filter(isWorthHiding);
  const hidden = secrets.length === 0 ? named : withoutSecrets(named, secrets);
  return { plan: { ...hidden, ...differencesOf(plan, hidden) }, secrets };
};

const hideNamed = (plan: Plan, found: Set<string>): Plan => {
  const hide = <Change extends ResourceChange | OutputChange>(change: Change): Change => ({
    ...change,
    before: hideNamedSecrets(change.before, found),
    after: hideNamedSecrets(change.after, found),
  });
  return {
    ...plan,
    changes: plan.changes.map(hide),
    drift: plan.drift.map(hide),
    outputs: plan.outputs.map(hide),
  };
};

const maskValues = <Change extends ResourceChange | OutputChange>(
  change: Change,
  found: Set<string>,
): Change => {
  // What was secret stays so, whatever the new mask says: losing a mark must not show the old value.
  const marks = unite(change.beforeSensitive, change.afterSensitive);
  if (!hasMarks(marks)) return change;
  return { ...change, before: mask(change.before, marks, found), after: mask(change.after, marks, found) };
};

// An output is often marked whole for one secret in it, which is marked at its resource too. Its other values are
// hidden here and not hunted elsewhere.
const maskOutput = (output: OutputChange, found: Set<string>): OutputChange => {
  const isWhole = typeof output.after === "object" && typeof output.before === "object";
  return maskValues(output, isWhole ? new Set() : found);
};

const unite = (left: Json | undefined, right: Json | undefined): Json => {
  if (left === true || right === true) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    const length = Math.max(left.length, right.length);
    return Array.from({ length }, (_, index) => unite(left[index], right[index]));
  }
  if (isJsonObject(left) && isJsonObject(right)) {
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return Object.fromEntries(keys.map((key) => [key, unite(left[key], right[key])]));
  }
  return hasMarks(left ?? null) ? (left ?? null) : (right ?? null);
};

const hasMarks = (marks: Json): boolean => {
  if (marks === true) return true;
  return typeof marks === "object" && marks !== null && Object.values(marks).some(hasMarks);
};

const mask = (value: Json | undefined, marks: Json | undefined, found: Set<string>): Json => {
  if (value === undefined || value === null) return null;
  if (marks === true) {
    collectTexts(value, found);
    return SENSITIVE;
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => mask(item, Array.isArray(marks) ? marks[index] : undefined, found));
  }
  if (!isJsonObject(value) || !isJsonObject(marks)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mask(item, marks[key], found)]));
};

const collectTexts = (value: Json, found: Set<string>): void => {
  if (Array.isArray(value)) for (const item of value) collectTexts(item, found);
  else if (isExactNumber(value)) found.add(value.rawJSON);
  else if (isJsonObject(value)) for (const item of Object.values(value)) collectTexts(item, found);
  else if (typeof value === "number") found.add(String(value));
  else if (typeof value === "string") for (const text of textsOf(value)) found.add(text);
};

// Engines print a text of several lines line by line, each indented, so each line is a secret of its own.
const textsOf = (value: string): readonly string[] => {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  return lines.length > 1 ? [value, ...lines] : [value];
};

const maskVariables = (plan: Plan, found: Set<string>): Plan["variables"] =>
  Object.fromEntries(
    Object.entries(plan.variables).map(([name, value]) => [
      name,
      plan.sensitiveVariables.includes(name) ? mask(value, true, found) : value,
    ]),
  );

/** `prior_state` marks its resources by `sensitive_values` and its outputs by `sensitive`. */
const maskState = (value: Json, found: Set<string>): Json => {
  if (Array.isArray(value)) return value.map((item) => maskState(item, found));
  if (!isJsonObject(value)) return value;
  if (value["sensitive"] === true && "value" in value) {
    return { ...value, value: SENSITIVE };
  }
  if (isJsonObject(value["values"]) && value["sensitive_values"] !== undefined) {
    return { ...value, values: mask(value["values"], value["sensitive_values"], found) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskState(item, found)]));
};

// Hiding every "true" or every short number would hide the plan itself and give nothing away.
const isWorthHiding = (text: string): boolean =>
  text.length >= SHORTEST && !/^(\d{6}|[{}[\](),;:\s-]+)$/.test(text) && !isSensitiveText(text);

const withoutSecrets = (plan: Plan, secrets: readonly string[]): Plan => {
  const hideIn = hideSecrets(secrets, SENSITIVE);
  const numbers = new Set(secrets);
  const hide = (value: Json): Json => {
    if (typeof value === "string") return isSensitiveText(value) ? value : hideIn(value);
    if (typeof value === "number") return numbers.has(String(value)) ? SENSITIVE : value;
    if (isExactNumber(value)) return numbers.has(value.rawJSON) ? SENSITIVE : value;
    if (Array.isArray(value)) return value.map(hide);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item)]));
  };
  const hideChange = <Change extends ResourceChange | OutputChange>(change: Change): Change => ({
    ...change,
    before: hide(change.before),
    after: hide(change.after),
  });
  return {
    ...plan,
    changes: plan.changes.map(hideChange),
    drift: plan.drift.map(hideChange),
    outputs: plan.outputs.map(hideChange),
    variables: hide(plan.variables) as Plan["variables"],
    configuration: plan.configuration && (hide(plan.configuration) as JsonObject),
    priorState: plan.priorState && (hide(plan.priorState) as JsonObject),
  };
};

/** Two hidden values look alike; what changed must still show that it did. */
const differencesOf = (plan: Plan, hidden: Plan): Pick<Plan, "changes" | "drift" | "outputs"> => ({
  changes: hidden.changes.map((change, index) => tellChanged(plan.changes[index], change)),
  drift: hidden.drift.map((change, index) => tellChanged(plan.drift[index], change)),
  outputs: hidden.outputs.map((change, index) => tellChanged(plan.outputs[index], change)),
});

const tellChanged = <Change extends ResourceChange | OutputChange>(
  original: Change | undefined,
  hidden: Change,
): Change =>
  original === undefined || original === hidden
    ? hidden
    : { ...hidden, after: markChanged(original.before, original.after, hidden.after) };

const markChanged = (before: Json | undefined, after: Json | undefined, hidden: Json): Json => {
  if (typeof hidden === "string") {
    const held = before !== undefined && before !== null;
    const changed = held && hidden.includes(SENSITIVE) && !jsonEqual(before, after);
    return changed ? hidden.replaceAll(SENSITIVE, SENSITIVE_CHANGED) : hidden;
  }
  if (Array.isArray(hidden)) {
    return hidden.map((item, index) => markChanged(valueAt(before, [index]), valueAt(after, [index]), item));
  }
  if (!isJsonObject(hidden)) return hidden;
  return Object.fromEntries(
    Object.entries(hidden).map(([key, item]) => [
      key,
      markChanged(valueAt(before, [key]), valueAt(after, [key]), item),
    ]),
  );
};
