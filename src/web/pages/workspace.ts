import { frozenText } from "../../model/half-way.ts";
import type { Json } from "../../model/json.ts";
import type { FindingView, WorkspaceDetail } from "../../model/reading.ts";
import type { WorkspaceAnswer } from "../api/workspace-answer.ts";
import { backfillSection } from "./backfills.ts";
import { findingColumns } from "./findings.ts";
import { actionForm, field } from "./forms.ts";
import { html, type Piece } from "./html.ts";
import { facts, table, withQuery } from "./lists.ts";
import { type Asked, type Page, valueText } from "./page.ts";
import { runColumns } from "./runs.ts";
import { ago, causeBadge, classBadge, exact, pullLink, syncBadge } from "./words.ts";

export const workspacePage: Page = {
  path: "/workspaces/:id",
  menu: null,
  draw: async (asked) => {
    const one = await asked.ask<WorkspaceAnswer>("workspace", { id: asked.id });
    const body = html`<h1>${one.key}</h1>
      ${standing(one, asked)}
      <section aria-labelledby="states"><h2 id="states">Three states</h2>${states(one)}</section>
      <section aria-labelledby="open"><h2 id="open">Open findings</h2>
        ${table("Open findings", findingColumns(asked, false), one.findings, "Nothing differs that anybody has seen.")}
      </section>
      ${backfillSection(one.backfills, asked)}
      <section aria-labelledby="history"><h2 id="history">History</h2>
        ${table("Newest runs", runColumns(asked, false), one.runs, "Nothing ran yet.")}
        <p><a href=${withQuery("/runs", { workspace: one.key })}>All runs of this workspace</a></p>
      </section>
      <section aria-labelledby="schedule"><h2 id="schedule">Schedule and settings</h2>${settings(one, asked)}</section>
      <section aria-labelledby="do"><h2 id="do">Do</h2>${acts(one, asked)}</section>`;
    return { title: one.key, body };
  },
};

/** To be copied onto the pull request. */
const waysOut = ({ waysOut: ways }: WorkspaceAnswer): Piece =>
  html`<ul>${ways.map(({ command, does }) => html`<li><code>${command}</code>: ${does}</li>`)}</ul>`;

const standing = (one: WorkspaceAnswer, { now, pullUrl }: Asked): Piece =>
  facts([
    ["State", syncBadge(one.sync)],
    [
      "Drift",
      one.drift.open === 0 ? null : html`${one.drift.open} open, the first ${ago(one.drift.since, now)}`,
    ],
    ["Drift pull request", pullLink(one.driftPull, pullUrl)],
    ["Frozen", one.frozen && html`${frozenText(one.frozen.why)} (${ago(one.frozen.since, now)})`],
    ["Ways out, by comment", one.waysOut.length === 0 ? null : waysOut(one)],
    ["Lock", one.lock && html`${pullLink(one.lock.pull, pullUrl)}, ${one.lock.waiting} waiting`],
    ["Class", classBadge(one.class)],
    ["Last look", ago(one.lastLook, now)],
    ["Owner", one.owners.join(", ")],
    ["Branch", one.branch],
    [
      "Accepted",
      one.accepted && html`<code>${one.accepted.commit.slice(0, 12)}</code> ${ago(one.accepted.at, now)}`,
    ],
  ]);

/** What Git wants, what the state records and what is live, for each place where they are not the same. */
const states = ({ findings, lastLook }: WorkspaceDetail): Piece => {
  if (findings.length === 0)
    return html`<p>${lastLook === null ? "Nobody has looked yet." : "Desired, recorded and actual are the same."}</p>`;
  const side = (pick: (one: FindingView) => Json) => (one: FindingView) =>
    html`<code>${one.sensitive ? "(sensitive)" : valueText(pick(one))}</code>`;
  return table(
    "Desired, recorded and actual value of each difference",
    [
      { name: "Where", cell: placeLink },
      { name: "Cause", cell: ({ cause }) => causeBadge(cause) },
      { name: "Desired (Git)", cell: side((one) => one.desired) },
      { name: "Recorded (state)", cell: side((one) => one.recorded) },
      { name: "Actual (live)", cell: side((one) => one.actual) },
    ],
    findings,
    "",
  );
};

const placeLink = (one: FindingView): Piece =>
  html`<a href=${`/findings/${one.id}`}><code>${one.address}</code></a>${one.path === "" ? null : html` <code>${one.path}</code>`}`;

const settings = ({ config, schedule, lastLook }: WorkspaceDetail, { now }: Asked): Piece =>
  html`${facts([
    ["Looked at", lookText(schedule)],
    ["Next look", schedule.next && html`${ago(schedule.next, now)} (${exact(schedule.next)})`],
    ["Last look", lastLook && html`${ago(lastLook, now)} (${exact(lastLook)})`],
  ])}
  <details><summary>Configuration of this workspace</summary><pre tabindex="0">${JSON.stringify(config, null, 2)}</pre></details>`;

const lookText = ({ text, own }: WorkspaceDetail["schedule"]): Piece => {
  const whose = own ? "says the repository" : "the server's own schedule";
  if (text === null) return null;
  return text === "off"
    ? html`never by itself (${whose})`
    : html`<code>${text}</code> ${isInterval(text) ? null : "in UTC "}(${whose})`;
};

const isInterval = (text: string): boolean => !text.trim().includes(" ");

const acts = (one: WorkspaceDetail, asked: Asked): Piece => {
  const common = { id: one.key, workspace: one.key, role: "operator" as const };
  const approver = { ...common, role: "approver" as const };
  return html`<div class="acts">
    ${actionForm(asked, { ...common, action: "look", button: "Look for drift now", about: "Plans the deploy branch against what is live." })}
    ${
      one.driftPull &&
      html`${actionForm(asked, { ...approver, action: "formalize", button: "Formalize all", tone: "first", about: "Merges the drift pull request, if its plan proves that the code says what is live." })}
      ${actionForm(asked, { ...approver, action: "revert", button: "Revert all", tone: "grave", about: "Applies the code of the deploy branch over the drift." })}`
    }
    ${
      one.frozen
        ? actionForm(asked, {
            ...common,
            action: "unfreeze-workspace",
            button: "Lift the freeze",
            about: "Applies may go on.",
          })
        : actionForm(asked, {
            ...common,
            action: "freeze-workspace",
            button: "Freeze",
            about: "Stops every apply here until it is lifted.",
            fields: field("Reason", "reason", { required: true }),
          })
    }
  </div>`;
};
