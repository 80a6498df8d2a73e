import type { Cause, Finding } from "../model/finding.ts";
import { isJsonObject, type Json } from "../model/json.ts";
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

/** Address and path as one word to copy. */
export const placeOf = ({ address, path }: Pick<Finding, "address" | "path">): string =>
  path === "" ? address : `${address}${path.startsWith("[") ? "" : "."}${path}`;

const LONGEST = 80;

/** A value on one line; long ones are cut in the middle, since both ends tell values apart. */
export const valueText = (value: Json, sensitive = false): string => {
  if (sensitive) return "(sensitive)";
  if (value === null) return "(absent)";
  if (isJsonObject(value) && value["unknown"] === true && Object.keys(value).length === 1)
    return "(known after apply)";
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST / 2)} … ${text.slice(-LONGEST / 2 + 3)}`;
};

/** A table of findings: where, what the code wants, what is live, why. */
export const findingsTable = (findings: readonly Finding[]): string =>
  [
    "| where | in Git | live | cause |",
    "|---|---|---|---|",
    ...findings.map((finding) =>
      [
        `| ${codeCell(placeOf(finding))}`,
        finding.path === "" ? wholeText(finding.desired) : valueCell(finding.desired, finding.sensitive),
        finding.path === "" ? wholeText(finding.actual) : valueCell(finding.actual, finding.sensitive),
        `${CAUSE_TEXT[finding.cause]} |`,
      ].join(" | "),
    ),
  ].join("\n");

const valueCell = (value: Json, sensitive: boolean): string => {
  const text = valueText(value, sensitive);
  return text.startsWith("(") ? `*${text.slice(1, -1)}*` : codeCell(text);
};

const wholeText = (value: Json): string => (value === null ? "*absent*" : "*present*");
