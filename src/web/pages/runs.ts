import type { Page as Part, RunView } from "../../model/reading.ts";
import type { RunKind, RunState } from "../../model/run.ts";
import { choice, field } from "./forms.ts";
import { html, type Piece } from "./html.ts";
import { type Column, pager, table } from "./lists.ts";
import type { Asked, Page } from "./page.ts";
import { ago, classBadge, lengthText, pullLink, runLink, stateBadge, workspaceLink } from "./words.ts";

export const runsPage: Page = {
  path: "/runs",
  menu: "Runs",
  draw: async (asked) => {
    const list = await asked.ask<Part<RunView>>("runs", { query: asked.query });
    const body = html`<h1>Runs</h1>
      ${filter(asked.query)}
      ${table("Runs, newest first", runColumns(asked, true), list.items, "No run is like that.")}
      ${pager("/runs", asked.query, list.next)}`;
    return { title: "Runs", body };
  },
};

const KINDS: readonly RunKind[] = ["plan", "apply", "drift", "codify", "migrate", "state"];
const STATES: readonly RunState[] = ["queued", "running", "succeeded", "failed", "unknown", "interrupted"];

const filter = (query: Asked["query"]): Piece =>
  html`<form class="filter" method="get" action="/runs" role="search">
    ${field("Workspace", "workspace", { value: query["workspace"] ?? "" })}
    ${field("Pull request (owner/repo#1)", "pull", { value: query["pull"] ?? "" })}
    ${choice("Kind", "kind", { value: query["kind"] ?? "", any: "any", of: KINDS })}
    ${choice("State", "state", { value: query["state"] ?? "", any: "any", of: STATES })}
    <button>Show</button>
  </form>`;

export const runColumns = ({ now, pullUrl }: Asked, withWorkspace: boolean): readonly Column<RunView>[] => [
  { name: "Run", cell: ({ id, kind }) => runLink(id, `${kind} ${id.slice(-6)}`) },
  { name: "State", cell: ({ state }) => stateBadge(state) },
  ...(withWorkspace ? [{ name: "Workspace", cell: (run: RunView) => workspaceLink(run.workspace) }] : []),
  { name: "Class", cell: (run) => classBadge(run.class) },
  { name: "For", cell: ({ pull, trigger }) => pullLink(pull, pullUrl) ?? trigger },
  { name: "By", cell: ({ requestedBy }) => requestedBy },
  { name: "When", cell: ({ createdAt }) => ago(createdAt, now) },
  { name: "Took", cell: (run) => tookText(run) },
];

export const tookText = ({ startedAt, endedAt }: Pick<RunView, "startedAt" | "endedAt">): string =>
  startedAt && endedAt ? lengthText(endedAt.getTime() - startedAt.getTime()) : "";
