import { type OpenFinding, placeText } from "../model/finding.ts";
import { CAUSE_TEXT, valueText } from "./finding-text.ts";

/** An alert's words, as plain text: chat systems differ too much in their markup. Never a sensitive value. */
export const alertFor = (
  event: "opened" | "ended",
  finding: OpenFinding,
): { readonly title: string; readonly text: string } => {
  const place = oneLine(placeText(finding));
  if (event === "ended") {
    return { title: `Drift ended: ${place}`, text: `${finding.workspace}: ${place} is no longer drifted.` };
  }
  const values =
    finding.path === ""
      ? ""
      : ` Git: ${valueText(finding.desired, finding.sensitive)}, live: ${valueText(finding.actual, finding.sensitive)}.`;
  return {
    title: `Drift: ${place}`,
    text: oneLine(`${finding.workspace}: ${place} was ${CAUSE_TEXT[finding.cause]}.${values}`),
  };
};

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
