import { CHANGE_CLASSES } from "../../model/change-class.ts";
import { type Page as Part, SYNC_STATES, type SyncState, type WorkspaceView } from "../../model/reading.ts";
import { failingChannels } from "./channels.ts";
import { choice, field } from "./forms.ts";
import { frozenAll } from "./frozen.ts";
import { html, type Piece } from "./html.ts";
import { type Column, pager, table, withQuery } from "./lists.ts";
import type { Asked, Page } from "./page.ts";
import { ago, classBadge, pullLink, runLink, stateBadge, syncBadge, workspaceLink } from "./words.ts";

type Overview = Part<WorkspaceView> & { readonly totals: Readonly<Record<SyncState, number>> };

export const overviewPage: Page = {
  path: "/",
  menu: "Workspaces",
  draw: async (asked) => {
    const { query } = asked;
    const overview = await asked.ask<Overview>("workspaces", { query });
    const body = html`<h1>Workspaces</h1>
      ${await frozenAll(asked)}
      ${await failingChannels(asked)}
      ${totals(query, overview.totals)}
      ${filter(query)}
      ${table("Workspaces, worst first", columns(asked), overview.items, "No workspace is like that.")}
      ${pager("/", query, overview.next)}`;
    return { title: "Workspaces", body };
  },
};

const totals = (query: Asked["query"], counts: Overview["totals"]): Piece =>
  html`<ul class="totals" aria-label="How many stand how">
    ${SYNC_STATES.filter((state) => counts[state] > 0 || query["sync"] === state).map(
      (state) => html`<li><a
        aria-current=${query["sync"] === state ? "true" : null}
        href=${withQuery("/", query, { cursor: null, sync: query["sync"] === state ? null : state })}
        ><strong>${counts[state]}</strong> ${syncBadge(state)}</a></li>`,
    )}
  </ul>`;

const filter = (query: Asked["query"]): Piece =>
  html`<form class="filter" method="get" action="/" role="search">
    ${field("Search", "search", { value: query["search"] ?? "", type: "search" })}
    ${field("Owner", "owner", { value: query["owner"] ?? "" })}
    ${field("Repository", "repo", { value: query["repo"] ?? "" })}
    ${choice("State", "sync", { value: query["sync"] ?? "", any: "any", of: SYNC_STATES })}
    ${choice("Class", "class", { value: query["class"] ?? "", any: "any", of: CHANGE_CLASSES })}
    ${choice("Locked", "locked", { value: query["locked"] ?? "", any: "any", of: ["true", "false"] })}
    <button>Show</button>
    ${Object.keys(query).length === 0 ? null : html`<a href="/">Show all</a>`}
  </form>`;

const columns = ({ now, pullUrl }: Asked): readonly Column<WorkspaceView>[] => [
  { name: "Workspace", cell: ({ key }) => workspaceLink(key) },
  { name: "State", cell: ({ sync }) => syncBadge(sync) },
  {
    name: "Drift",
    cell: ({ key, drift }) =>
      drift.open === 0
        ? null
        : html`<a href=${withQuery("/findings", { workspace: key })}>${drift.open} open</a>${" "}${ago(drift.since, now)}`,
  },
  {
    name: "Lock",
    cell: ({ lock }) =>
      lock && html`${pullLink(lock.pull, pullUrl)}${lock.waiting > 0 ? ` and ${lock.waiting} waiting` : ""}`,
  },
  { name: "Class", cell: (row) => classBadge(row.class) },
  {
    name: "Last run",
    cell: ({ lastRun }) =>
      lastRun &&
      html`${runLink(lastRun.id, lastRun.kind)} ${stateBadge(lastRun.state)} ${ago(lastRun.endedAt ?? lastRun.createdAt, now)}`,
  },
  { name: "Owner", cell: ({ owners }) => owners.join(", ") },
];
