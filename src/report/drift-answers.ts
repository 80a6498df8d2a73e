import { type Finding, placeText } from "../model/finding.ts";
import { code } from "./escape.ts";

type Placed = Pick<Finding, "address" | "path">;

const MOST = 30;

/** Places as a list to copy from; a long one is cut and says so. */
export const placesList = (findings: readonly Placed[]): string => {
  const shown = findings.slice(0, MOST).map((finding) => `- ${code(placeText(finding))}`);
  const left = findings.length - shown.length;
  return [...shown, ...(left > 0 ? [`- and ${left} more`] : [])].join("\n");
};

/** The answer to a command that names what is not open here: what was wrong, and what there is. */
export const unknownTargets = (unknown: readonly string[], open: readonly Placed[]): string => {
  const what = unknown.map(code).join(", ");
  if (open.length === 0) return `No open drift matches ${what}: none is open here.`;
  return `No open drift matches ${what}. Nothing was done. Open here:\n\n${placesList(open)}`;
};

/** Why the branch of a drift pull request is not rewritten. */
export const foreignBranch = (people: readonly string[]): string =>
  `This branch holds commits of ${people.map(code).join(", ")}, and Plumbline never overwrites somebody's work.`;
