import type { PolicyAudit } from "../model/policy-audit.ts";
import { code, plain } from "./escape.ts";

/** Stands in the body of the one issue of a repository about what policies deny of what exists. */
export const policyIssueMarker = "<!-- plumbline-policy-audit -->";

/** The issue that lists workspaces which break policies as they are now; sorted, cut, no times. */
export const policyIssue = (
  audits: readonly PolicyAudit[],
): { readonly title: string; readonly body: string } => ({
  title: `Policies deny what exists in ${counted(audits.length, "workspace")}`,
  body: [
    "Nobody has to have changed these: a policy is new, or reality moved. Mend what the rules name in a pull request, or have an exception with an owner and an end written beside the policy set.",
    "",
    ...audits.toSorted(byWorkspace).flatMap(section),
    "",
    "Asked at every look for drift. This issue is kept up to date and closes by itself.",
    policyIssueMarker,
  ].join("\n"),
});

const byWorkspace = (left: PolicyAudit, right: PolicyAudit): number =>
  left.workspace < right.workspace ? -1 : 1;

/** A forge takes some sixty thousand signs. */
const MOST_LINES = 10;
const LONGEST_MESSAGE = 300;

const section = ({ workspace, verdict }: PolicyAudit): readonly string[] => {
  const lines = verdict.denied.map(
    ({ set, policy, message }) => `- ${plain(set)}, ${code(policy)}: ${plain(cut(message))}`,
  );
  const more = lines.length > MOST_LINES ? [`- and ${lines.length - MOST_LINES} more`] : [];
  return ["", `**${code(workspace)}**`, "", ...lines.slice(0, MOST_LINES), ...more];
};

const cut = (message: string): string =>
  message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}...` : message;

/** The words of an alert, as plain text. */
export const policyAlert = (
  event: "opened" | "ended",
  { workspace, verdict }: PolicyAudit,
): { readonly title: string; readonly text: string } => {
  if (event === "ended")
    return {
      title: `Policies no longer deny what exists in ${workspace}`,
      text: `${workspace}: what exists breaks no policy any more.`,
    };
  const [first] = verdict.denied;
  const more = verdict.denied.length > 1 ? ` And ${verdict.denied.length - 1} more.` : "";
  return {
    title: `Policies deny what exists in ${workspace}`,
    text: `${workspace}: ${first?.set}, ${first?.policy}: ${cut(first?.message ?? "")}${more}`
      .replaceAll(/\s+/g, " ")
      .trim(),
  };
};

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
