import { codeCell } from "./escape.ts";

/** Stands in the body of the one dashboard issue of a repository. */
export const dashboardMarker = "<!-- plumbline-dashboard -->";

/** The issue that lists drifted workspaces over the cap of open drift pull requests; sorted, no times. */
export const dashboardIssue = (
  waiting: readonly { readonly workspace: string; readonly findings: number }[],
): { readonly title: string; readonly body: string } => {
  const rows = [...waiting]
    .sort((left, right) => right.findings - left.findings || (left.workspace < right.workspace ? -1 : 1))
    .map(({ workspace, findings }) => `| ${codeCell(workspace)} | ${findings} |`);
  return {
    title: `Drift: ${counted(waiting.length, "workspace")} waiting for a pull request`,
    body: [
      "These workspaces drifted too. Each gets its own pull request as soon as one of the open drift pull requests is merged or closed.",
      "",
      "| workspace | findings |",
      "|---|---:|",
      ...rows,
      "",
      "This issue is kept up to date and closes by itself.",
      dashboardMarker,
    ].join("\n"),
  };
};

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
