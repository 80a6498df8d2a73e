import { createHash } from "node:crypto";
import { type Finding, type FindingEnd, placeText } from "../model/finding.ts";
import { parseWorkspaceKey } from "../model/workspace.ts";
import { code } from "./escape.ts";
import { findingsTable } from "./finding-text.ts";

export interface DriftPullView {
  /** Workspace key. */
  readonly workspace: string;
  readonly dir: string;
  /** Open findings of this workspace that somebody's hand made. */
  readonly findings: readonly Finding[];
  /** When the first of them was found. */
  readonly since?: Date | undefined;
  /** The word that commands begin with. */
  readonly trigger: string;
  /** Places that the branch formalizes, proven; none: the branch holds the report only. */
  readonly formalized?: readonly Pick<Finding, "address" | "path">[];
  /** What could not be written as code, and why. */
  readonly refused?: readonly { readonly address: string; readonly path: string; readonly reason: string }[];
}

/** The stable branch of a workspace: readable, and told apart by a hash where two keys would look alike. */
export const driftBranch = (workspace: string): string => `plumbline/drift/${nameOf(workspace)}`;

/** The file that a drift branch carries, so that its pull request has something to show. */
export const driftReportPath = (workspace: string): string => `.plumbline/drift/${nameOf(workspace)}.md`;

const nameOf = (workspace: string): string => {
  const id = parseWorkspaceKey(workspace);
  const words = id
    ? [id.dir === "." ? "root" : id.dir, id.name, ...(id.project ? [id.project] : [])]
    : [workspace];
  const readable = words
    .join("-")
    .replaceAll(/[^A-Za-z0-9_-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 80);
  return `${readable}-${createHash("sha256").update(workspace).digest("hex").slice(0, 6)}`;
};

export const driftPullTitle = ({ workspace, dir, findings }: DriftPullView): string => {
  const id = parseWorkspaceKey(workspace);
  const name = id && id.name !== "default" ? `${dir} (${id.name})` : dir;
  const only = findings.length === 1 ? findings[0] : undefined;
  return (only ? `Drift in ${name}: ${placeText(only)}` : `Drift in ${name}: ${findings.length} changes`)
    .replaceAll(/\s+/g, " ")
    .slice(0, 200);
};

/** The pull request's text: what drifted, what merging does, and the other two ways. Deterministic. */
export const driftPullBody = (view: DriftPullView): string => {
  const { findings, trigger, formalized = [], refused = [] } = view;
  const partial =
    refused.length > 0 && formalized.length > 0
      ? " **Partial:** not everything could be written as code."
      : "";
  return [
    `Live infrastructure of ${code(view.workspace)} is no longer what Git says.${sinceText(view.since)}${partial}`,
    "",
    findingsTable(findings),
    "",
    "**Choose one**",
    "",
    formalized.length > 0
      ? `- **Keep it:** merge this pull request, or comment \`${trigger} formalize\`. It holds the edit: a plan of the edited code changes nothing${refused.length > 0 ? " of what is listed above as written" : ""}, and nothing live is touched.`
      : `- **Keep it:** push the code that says so to this branch, then comment \`${trigger} formalize\`.`,
    `- **Undo it:** comment \`${trigger} revert\`, or \`${trigger} revert ADDRESS\` for one resource. The code on the deploy branch is applied.`,
    `- **Leave it for now:** comment \`${trigger} ignore ${exampleOf(findings)} --for 14d --reason "..."\`.`,
    ...refusedText(refused),
    "",
    "This pull request is kept up to date, takes no lock, and closes by itself when the drift is gone.",
  ].join("\n");
};

const sinceText = (since: Date | undefined): string =>
  since ? ` First seen ${since.toISOString().slice(0, 16).replace("T", " ")} UTC.` : "";

const exampleOf = (findings: readonly Finding[]): string => {
  const place = findings[0] ? placeText(findings[0]) : "";
  return /^[\w.[\]"-]{1,100}$/.test(place) ? place : "ADDRESS.PATH";
};

const refusedText = (refused: NonNullable<DriftPullView["refused"]>): readonly string[] =>
  refused.length === 0
    ? []
    : [
        "",
        "**Not written as code**",
        "",
        ...refused.map((one) => `- ${code(placeText(one))}: ${code(one.reason)}`),
      ];

/** The report that the branch carries; removed from the deploy branch by nobody but people. */
export const driftReportFile = (view: DriftPullView): string =>
  [
    `# Drift of ${code(view.workspace)}`,
    "",
    "Written by Plumbline. What was live when this pull request was last updated:",
    "",
    findingsTable(view.findings),
    "",
  ].join("\n");

/** Said once when a drift pull request closes by itself. */
export const driftClosedComment = (why: FindingEnd): string => CLOSED[why];

const CLOSED: Readonly<Record<FindingEnd, string>> = {
  formalized: "Closed: the code says what is live now.",
  reverted: "Closed: live infrastructure is back to what Git says.",
  ignored: "Closed: the configuration ignores what is left of this drift.",
  "resolved-itself": "Closed: the drift is gone.",
  "workspace-removed": "Closed: this workspace is no longer in the configuration.",
};
