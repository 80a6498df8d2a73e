import { desiredBranch } from "./desired-pull.ts";
import { code, oneLine, plain } from "./escape.ts";

/** Told apart from those of other workspaces by the branch that the proposal would be on. */
export const desiredIssueMarker = (workspace: string): string => `<!-- ${desiredBranch(workspace)} -->`;

const MOST_LINES = 30;
const LONGEST_LINE = 500;

/** The issue that says why no migration to a workspace's desired schema is proposed; no times in it. */
export const desiredIssue = (
  workspace: string,
  troubles: readonly string[],
): { readonly title: string; readonly body: string } => {
  const more = troubles.length - MOST_LINES;
  return {
    title: `No migration to the desired schema of ${workspace}`.replaceAll(/\s+/g, " ").slice(0, 200),
    body: [
      `The migrations of ${code(workspace)} do not make its desired schema, and Plumbline proposes none that does:`,
      "",
      ...troubles.slice(0, MOST_LINES).map((trouble) => `- ${plain(oneLine(trouble, LONGEST_LINE))}`),
      ...(more > 0 ? [`- and ${more} more`] : []),
      "",
      "Mend the desired schema, or write the migration by hand. Looked at after each push and at each look for drift; this issue is kept up to date and closes by itself.",
      desiredIssueMarker(workspace),
    ].join("\n"),
  };
};

export const DESIRED_ISSUE_ENDS = "What stood in the way of a proposal is gone.";
