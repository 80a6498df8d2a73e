import { isExactNumber, isJsonObject, type Json } from "../model/json.ts";
import { SENSITIVE, SENSITIVE_CHANGED, UNKNOWN } from "./placeholder.ts";

/** Both sides of a difference as short lines; long texts are cut around the place where they part. */
export const shortPair = (
  before: Json,
  after: Json,
): { readonly before: string | null; readonly after: string | null } => {
  const [left, right] = [before === null ? null : line(before), after === null ? null : line(after)];
  const start = partingPlace(left ?? "", right ?? "");
  return { before: left && cut(left, start), after: right && cut(right, start) };
};

/** One line in the engine's manner: texts quoted, numbers and flags bare. */
const line = (value: Json): string => {
  if (typeof value === "string") return quoted(value.replaceAll(SENSITIVE_CHANGED, SENSITIVE));
  if (isExactNumber(value)) return value.rawJSON;
  if (Array.isArray(value)) return `[${value.map(line).join(", ")}]`;
  if (!isJsonObject(value)) return String(value);
  const members = Object.entries(value).filter(([, item]) => !isNothing(item));
  return `{${members.map(([key, item]) => `${key}: ${line(item)}`).join(", ")}}`;
};

const quoted = (text: string): string =>
  text === UNKNOWN || text === SENSITIVE ? text : JSON.stringify(text);

// Nested blocks list every optional attribute; the unset ones only hide what is set.
const isNothing = (value: Json): boolean =>
  value === null || value === "" || (Array.isArray(value) && value.length === 0);

const LONGEST = 160;
const LEAD = 40;

const partingPlace = (left: string, right: string): number => {
  if (left.length <= LONGEST && right.length <= LONGEST) return 0;
  let place = 0;
  while (place < left.length && place < right.length && left[place] === right[place]) place += 1;
  return place <= LEAD || left === "" || right === "" ? 0 : place - LEAD;
};

const cut = (text: string, start: number): string => {
  if (start === 0 && text.length <= LONGEST) return text;
  const end = start + LONGEST;
  // Half a surrogate pair could not be stored.
  return `${start > 0 ? "…" : ""}${text.slice(start, end).toWellFormed()}${end < text.length ? "…" : ""}`;
};
