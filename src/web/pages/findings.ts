import { CAUSES } from "../../model/finding.ts";
import type { FindingView, Page as Part } from "../../model/reading.ts";
import { choice, field } from "./forms.ts";
import { html, type Piece } from "./html.ts";
import { type Column, pager, table } from "./lists.ts";
import type { Asked, Page } from "./page.ts";
import { ago, causeBadge, severityBadge, workspaceLink } from "./words.ts";

export const findingsPage: Page = {
  path: "/findings",
  menu: "Drift",
  draw: async (asked) => {
    const { query } = asked;
    const list = await asked.ask<Part<FindingView>>("findings", { query });
    const body = html`<h1>Drift</h1>
      ${filter(query)}
      ${table("Findings, newest first", findingColumns(asked, true), list.items, "Nothing differs like that.")}
      ${pager("/findings", query, list.next)}`;
    return { title: "Drift", body };
  },
};

const filter = (query: Asked["query"]): Piece =>
  html`<form class="filter" method="get" action="/findings" role="search">
    ${field("Search", "search", { value: query["search"] ?? "", type: "search" })}
    ${field("Workspace", "workspace", { value: query["workspace"] ?? "" })}
    ${field("Owner", "owner", { value: query["owner"] ?? "" })}
    ${choice("Cause", "cause", { value: query["cause"] ?? "", any: "any", of: CAUSES })}
    ${choice("State", "state", { value: query["state"] ?? "", any: "open", of: ["ended", "all"] })}
    ${query["told"] ? html`<input type="hidden" name="told" value=${query["told"]} />` : null}
    <button>Show</button>
    ${Object.keys(query).length === 0 ? null : html`<a href="/findings">Show all open</a>`}
  </form>`;

export const findingColumns = ({ now }: Asked, withWorkspace: boolean): readonly Column<FindingView>[] => [
  {
    name: "Where",
    cell: (one) =>
      html`<a href=${`/findings/${one.id}`}><code>${one.address}</code></a>${one.path === "" ? null : html` <code>${one.path}</code>`}`,
  },
  { name: "Severity", cell: ({ severity }) => severityBadge(severity) },
  { name: "Cause", cell: ({ cause }) => causeBadge(cause) },
  ...(withWorkspace ? [{ name: "Workspace", cell: (one: FindingView) => workspaceLink(one.workspace) }] : []),
  { name: "Since", cell: ({ openedAt }) => ago(openedAt, now) },
  {
    name: "Who",
    cell: ({ who }) => who && html`${who.who}${who.confidence === "guess" ? " (a guess)" : null}`,
  },
  {
    name: "In hand",
    cell: ({ acked, snoozed, endedAt, why }) =>
      endedAt
        ? html`${why} ${ago(endedAt, now)}`
        : html`${acked && `by ${acked.by}`} ${snoozed && `snoozed by ${snoozed.by}`}`,
  },
  { name: "Owner", cell: ({ owners }) => owners.join(", ") },
];
