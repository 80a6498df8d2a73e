import { type Finding, placeText } from "../model/finding.ts";
import type { DriftPullView } from "./drift-pull-view.ts";
import { code } from "./escape.ts";

/** A command about one finding, to copy. A place that a comment could not hold gives way to the words for it. */
export const driftCommand = (
  { trigger }: DriftPullView,
  name: string,
  finding: Pick<Finding, "address" | "path">,
  more = "",
): string => {
  const place = placeText(finding);
  if (/[\p{Cc}'`\\]/u.test(place) || place.length > 300)
    return code(`${trigger} ${name} ADDRESS.PATH${more}`);
  return code(`${trigger} ${name} ${/^[\w.-]+(\[\d+\][\w.-]*)*$/.test(place) ? place : `'${place}'`}${more}`);
};
