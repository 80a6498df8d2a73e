import { createHash } from "node:crypto";
import { type FindingEnd, placeText } from "../model/finding.ts";
import { parseWorkspaceKey } from "../model/workspace.ts";
import { databaseChoices } from "./drift-pull-database.ts";
import { findingSection, minute } from "./drift-pull-finding.ts";
import { type DriftPullView, isGrave, worstFirst } from "./drift-pull-view.ts";
import { code } from "./escape.ts";
import { findingsTable } from "./finding-text.ts";
import { sharedProofText } from "./shared-proof.ts";

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

/** Names the worst of it, so that a list of pull requests tells which one to open first. */
export const driftPullTitle = ({ workspace, dir, findings }: DriftPullView): string => {
  const id = parseWorkspaceKey(workspace);
  const name = id && id.name !== "default" ? `${dir} (${id.name})` : dir;
  const [worst, ...others] = worstFirst(findings);
  const grave = worst !== undefined && isGrave(worst);
  const first = worst ? `${placeText(worst)}${worst.cause === "vanished" ? " was deleted" : ""}` : "";
  const rest = others.length === 0 ? "" : `, and ${others.length} more`;
  const what = others.length === 0 || grave ? `${first}${rest}` : `${findings.length} changes`;
  return `${grave ? "⚠️ " : ""}Drift in ${name}: ${what}`.replaceAll(/\s+/g, " ").slice(0, 200);
};

/** The pull request's text: what drifted, the worst first, and of each what merging and reverting do. Deterministic. */
export const driftPullBody = (view: DriftPullView): string => {
  const findings = worstFirst(view.findings);
  const shown = findings.slice(0, MOST_ROWS);
  const told = findings.slice(0, MOST_SECTIONS);
  const sections = told.flatMap((finding) => findingSection(view, finding));
  return [
    `${view.database ? "The live schema" : "Live infrastructure"} of ${code(view.workspace)} is no longer what Git says.${sinceText(view.since)}${partialText(view)}`,
    "",
    findingsTable(shown),
    ...(findings.length > shown.length ? ["", `And ${findings.length - shown.length} more.`] : []),
    "",
    "**Choose one**",
    "",
    ...choices(view),
    "",
    ...(told.length <= UNFOLDED
      ? sections
      : ["<details><summary>Each finding with its commands</summary>", "", ...sections, "</details>", ""]),
    ...sharedProofText(view.workspace, view.shared ?? []),
    "This pull request is kept up to date, takes no lock, and closes by itself when the drift is gone.",
  ].join("\n");
};

// A body of 65,536 characters is the most that forges take.
const MOST_ROWS = 60;
const MOST_SECTIONS = 25;
const UNFOLDED = 5;

const partialText = ({
  formalized = [],
  refused = [],
  unselected = [],
  findings,
  shared = [],
}: DriftPullView): string => {
  if (unselected.length > 0)
    return ` **A part:** this branch holds ${formalized.length} of ${findings.length}, as somebody asked.`;
  if (formalized.length === 0) return "";
  if (refused.length > 0) return " **Partial:** not everything could be written as code.";
  return shared.some(({ result }) => result !== "proven")
    ? " **Partial:** not proven for every workspace that shares the edited files."
    : "";
};

const choices = (view: DriftPullView): readonly string[] => {
  if (view.database) return databaseChoices(view, view.database);
  const { trigger, formalized = [], refused = [], unselected = [] } = view;
  const whole = refused.length === 0 && unselected.length === 0;
  const keep =
    formalized.length > 0
      ? `merge this pull request, or comment \`${trigger} formalize\`. It holds the edit: a plan of the edited code changes nothing${whole ? "" : " of what is written here"}, and nothing live is touched. \`${trigger} formalize ADDRESS\` first makes it hold one resource alone.`
      : `push the code that says so to this branch, then comment \`${trigger} formalize\`.`;
  return [
    `- **Keep it:** ${keep}`,
    `- **Undo it:** comment \`${trigger} revert\`, or \`${trigger} revert ADDRESS\` for one resource. The code on the deploy branch is applied.`,
    `- **Leave it for now:** comment \`${trigger} ignore ADDRESS.PATH --for 14d --reason "..."\`, then merge.`,
  ];
};

const sinceText = (since: Date | undefined): string => (since ? ` First seen ${minute(since)}.` : "");

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
