import { type Cause, type Finding, placeText } from "../model/finding.ts";
import { isJsonObject, type Json, jsonEqual } from "../model/json.ts";
import { codeCell } from "./escape.ts";

/** What each cause means to somebody who reads the word for the first time. */
export const CAUSE_TEXT: Readonly<Record<Cause, string>> = {
  noise: "only written differently",
  vanished: "deleted outside of Git",
  unmanaged: "set outside of Git; the code says nothing about it",
  console: "changed outside of Git",
  absorbed: "changed outside of Git and already in the state",
  input: "nobody touched it: a data source, variable, provider or the clock changed",
  unapplied: "merged, but not applied yet",
};

const LONGEST = 120;

/** A value on one line; long ones are cut in the middle, since both ends tell values apart. */
export const valueText = (value: Json, sensitive = false): string => {
  if (sensitive) return "(sensitive)";
  if (value === null) return "(absent)";
  if (isJsonObject(value) && value["unknown"] === true && Object.keys(value).length === 1)
    return "(known after apply)";
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST / 2)} … ${text.slice(-LONGEST / 2 + 3)}`;
};

/** A table of findings: where, what the code wants, what is live, why, and since when, where that is known of any. */
export const findingsTable = (findings: readonly (Finding & { readonly since?: string })[]): string => {
  const dated = findings.some(({ since }) => since !== undefined);
  return [
    `| where | in Git | live | cause |${dated ? " known since |" : ""}`,
    `|---|---|---|---|${dated ? "---|" : ""}`,
    ...findings.map((finding) =>
      [
        `| ${codeCell(placeText(finding))}`,
        ...sides(finding),
        CAUSE_TEXT[finding.cause],
        ...(dated ? [sinceText(finding.since)] : []),
      ]
        .join(" | ")
        .concat(" |"),
    ),
  ].join("\n");
};

const sinceText = (since: string | undefined): string =>
  since === undefined ? "" : `${since.slice(0, 16).replace("T", " ")} UTC`;

/** What Git and what reality say; of two lists only the elements that the other lacks. */
const sides = ({ path, desired, actual, sensitive }: Finding): readonly string[] => {
  if (path === "") return [wholeText(desired), wholeText(actual)];
  if (sensitive || !Array.isArray(desired) || !Array.isArray(actual))
    return [valueCell(desired, sensitive), valueCell(actual, sensitive)];
  return [elementsCell(lackedBy(actual, desired), desired), elementsCell(lackedBy(desired, actual), actual)];
};

const lackedBy = (other: readonly Json[], own: readonly Json[]): readonly Json[] =>
  own.filter((item) => !other.some((there) => jsonEqual(there, item)));

const elementsCell = (different: readonly Json[], all: readonly Json[]): string => {
  const same = all.length - different.length;
  const shown = different.map((item) => codeCell(valueText(withoutNothing(item))));
  const beside = same > 0 ? ` (beside ${same} that both have)` : "";
  return `${shown.join(", ") || "*not there*"}${beside}`;
};

/** Attributes that say nothing only hide those that do. */
const withoutNothing = (value: Json): Json =>
  isJsonObject(value)
    ? Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null && !isEmpty(inner)))
    : value;

const isEmpty = (value: Json): boolean => value === "" || (Array.isArray(value) && value.length === 0);

const valueCell = (value: Json, sensitive: boolean): string => {
  const text = valueText(value, sensitive);
  return text.startsWith("(") ? `*${text.slice(1, -1)}*` : codeCell(text);
};

const wholeText = (value: Json): string => (value === null ? "*absent*" : "*present*");
