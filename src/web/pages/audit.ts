import type { AuditView, EvidenceView, Page as Part } from "../../model/reading.ts";
import { evidenceAddress } from "./evidence-file.ts";
import { field } from "./forms.ts";
import { html, type Piece } from "./html.ts";
import { pager, table } from "./lists.ts";
import type { Asked, Page } from "./page.ts";
import { exact, runLink, workspaceLink } from "./words.ts";

export const auditPage: Page = {
  path: "/audit",
  menu: "Audit",
  draw: async (asked) => {
    const list = await asked.ask<Part<AuditView>>("audit", { query: asked.query });
    const body = html`<h1>Audit</h1>
      <p><a href="/evidence">Evidence of applies</a></p>
      ${filter(asked.query)}
      ${table(
        "Who did what, newest first",
        [
          { name: "When", cell: ({ at }) => html`<time datetime=${at.toISOString()}>${exact(at)}</time>` },
          { name: "Who", cell: ({ actor }) => actor },
          { name: "What", cell: ({ action }) => action },
          { name: "On", cell: ({ subject }) => (subject.includes("//") ? workspaceLink(subject) : subject) },
          { name: "Details", cell: details },
        ],
        list.items,
        "Nothing like that is in the audit.",
      )}
      ${pager("/audit", asked.query, list.next)}`;
    return { title: "Audit", body };
  },
};

const filter = (query: Asked["query"]): Piece =>
  html`<form class="filter" method="get" action="/audit" role="search">
    ${field("Who", "actor", { value: query["actor"] ?? "" })}
    ${field("What", "action", { value: query["action"] ?? "" })}
    ${field("On", "subject", { value: query["subject"] ?? "" })}
    <button>Show</button>
  </form>`;

const details = ({ details: all, sequence }: AuditView): Piece =>
  html`<details><summary>Entry ${sequence}</summary><pre tabindex="0">${JSON.stringify(all, null, 2)}</pre></details>`;

export const evidencePage: Page = {
  path: "/evidence",
  menu: null,
  draw: async (asked) => {
    const list = await asked.ask<Part<EvidenceView>>("evidence", { query: asked.query });
    const body = html`<h1>Evidence</h1>
      <p>Each apply leaves a signed bundle. Download it here, or with <code>plumbline evidence export RUN</code>; <a href="/audit">the audit</a> says who was given which.</p>
      ${table(
        "Applies of which evidence is kept, newest first",
        [
          { name: "When", cell: ({ at }) => html`<time datetime=${at.toISOString()}>${exact(at)}</time>` },
          { name: "Workspace", cell: ({ workspace }) => workspaceLink(workspace) },
          { name: "Run", cell: ({ run }) => runLink(run) },
          { name: "Who", cell: ({ actor }) => actor },
          {
            name: "Verified",
            cell: ({ verified }) => (verified === null ? "not known" : verified ? "yes" : "no"),
          },
          {
            name: "Bundle",
            cell: ({ run }) =>
              html`<a href=${evidenceAddress(run)} download>Download<span class="unseen"> that of ${run}</span></a>`,
          },
          { name: "SHA-256", cell: ({ sha256 }) => html`<code>${sha256.slice(0, 16)}</code>` },
        ],
        list.items,
        "No evidence is kept yet.",
      )}
      ${pager("/evidence", asked.query, list.next)}`;
    return { title: "Evidence", body };
  },
};
