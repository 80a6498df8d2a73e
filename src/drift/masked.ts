import { isJsonObject, type Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { isMarkedAt } from "../model/value-diff.ts";
import type { ResourceStates } from "./states.ts";

/** A whole resource with every value that either side marks as sensitive replaced by null. */
export const masked = (value: Json, states: ResourceStates): Json => {
  const marks = [states.change, states.drift].flatMap((entry) =>
    entry ? [entry.beforeSensitive, entry.afterSensitive] : [],
  );
  return hide(value, [], marks);
};

const hide = (value: Json, path: Path, marks: readonly Json[]): Json => {
  if (marks.some((tree) => isMarkedAt(tree, path))) return null;
  if (Array.isArray(value)) return value.map((item, index) => hide(item, [...path, index], marks));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, hide(item, [...path, name], marks)]),
  );
};
