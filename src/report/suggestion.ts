import { type Finding, placeText } from "../model/finding.ts";
import { code, fenced, plain } from "./escape.ts";

export interface OverlapView {
  readonly path: string;
  /** The drift pull request. */
  readonly drift: { readonly number: number; readonly url: string };
  /** Findings that its edit of this file formalizes. */
  readonly findings: readonly Pick<Finding, "address" | "path">[];
}

/** What the author of another pull request is told whose lines a drift pull request edits too. */
export const overlapText = ({ path, drift, findings }: OverlapView): string => {
  const shown = findings.slice(0, MOST).map((finding) => code(placeText(finding)));
  const more = findings.length > shown.length ? ` and ${findings.length - shown.length} more` : "";
  const what = shown.length > 0 ? ` It formalizes ${shown.join(", ")}${more}.` : "";
  return `Somebody changed live infrastructure outside of Git, and [drift pull request #${drift.number}](${drift.url}) writes that into ${code(path)}, at lines that this pull request changes too.${what} Whichever is merged second has a conflict, or undoes the other.`;
};

const MOST = 5;

/** A remark with a suggestion block; null where the text could not be shown there just as it is. */
export const suggestionRemark = (text: string): string | null => {
  const wanted = text.replace(/\n$/, "");
  const block = fenced(wanted, "suggestion");
  return block.includes(`suggestion\n${wanted}\n`) ? `This keeps what is live:\n\n${block}` : null;
};

/** Where no suggestion can be made of it. */
export const overlapAdvice = (file: string): string =>
  `Take the lines over by hand, or merge the drift pull request first and bring this branch up to date (${plain(file)}).`;
