import { isJsonObject, type Json } from "../model/json.ts";

/** What stands for a value that nobody may see. */
export const SENSITIVE = "(sensitive)";
/** The same in the value after, where it differs from the one before. Shown like the other. */
export const SENSITIVE_CHANGED = "(sensitive, changed)";
/** What stands for a value that the provider tells only at apply. */
export const UNKNOWN = "(known after apply)";

export const isSensitiveText = (text: string): boolean => text === SENSITIVE || text === SENSITIVE_CHANGED;

/**
 * The value after with `placeholder` at every place that `after_unknown` marks. The engine leaves unknown
 * attributes out and writes null for unknown list elements, so the value alone does not tell.
 */
export const fillUnknown = (after: Json, marks: Json | undefined, placeholder: Json): Json => {
  if (marks === true) return placeholder;
  if (Array.isArray(marks)) {
    const items = Array.isArray(after) ? after : [];
    const length = Math.max(items.length, marks.length);
    if (length === 0) return after;
    return Array.from({ length }, (_, index) => fillUnknown(items[index] ?? null, marks[index], placeholder));
  }
  if (!isJsonObject(marks)) return after;
  const filled = Object.entries(marks)
    .map(([key, mark]) => [key, fillUnknown(memberOf(after, key), mark, placeholder)] as const)
    .filter(([key, value]) => value !== null || memberOf(after, key) !== null);
  if (filled.length === 0) return after;
  return { ...(isJsonObject(after) ? after : {}), ...Object.fromEntries(filled) };
};

const memberOf = (value: Json, key: string): Json =>
  isJsonObject(value) && Object.hasOwn(value, key) ? value[key]! : null;
