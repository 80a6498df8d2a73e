import type { GateReason } from "../../model/decision.ts";
import { isJsonObject, type Json } from "../../model/json.ts";
import type { PolicyVerdict } from "../../model/policy.ts";
import type { RunDetail } from "../../model/reading.ts";
import { backfillSection } from "./backfills.ts";
import { html, type Piece } from "./html.ts";
import { facts } from "./lists.ts";
import { hasLog, logSection } from "./log-text.ts";
import { migrationSection } from "./migration.ts";
import type { Asked, Page } from "./page.ts";
import { planTree } from "./plan-tree.ts";
import { verdictList } from "./policies.ts";
import { tookText } from "./runs.ts";
import { RUN_LOG_SCRIPT } from "./scripts.ts";
import { ago, classBadge, lengthText, pullLink, stateBadge, workspaceLink } from "./words.ts";

export const runPage: Page = {
  path: "/runs/:id",
  menu: null,
  draw: async (asked) => {
    const run = await asked.ask<RunDetail>("run", { id: asked.id });
    const body = html`<h1>${run.kind} <span class="minor">${run.id}</span></h1>
      ${standing(run, asked)}
      ${failure(run)}
      ${gates(run.result)}
      ${steps(run)}
      ${run.plan && html`<section aria-labelledby="plan"><h2 id="plan">Plan</h2>${planTree(run.plan.summary)}</section>`}
      ${run.plan && migrationSection(run.plan.summary)}
      ${backfillSection(run.backfills, asked)}
      ${await logSection(asked, run)}`;
    const title = `${run.kind} of ${run.workspace}`;
    return hasLog(run) ? { title, body, script: RUN_LOG_SCRIPT } : { title, body };
  },
};

const standing = (run: RunDetail, { now, pullUrl }: Asked): Piece =>
  facts([
    ["State", stateBadge(run.state)],
    ["Workspace", workspaceLink(run.workspace)],
    ["Class", classBadge(run.class)],
    ["Pull request", pullLink(run.pull, pullUrl)],
    ["Asked for by", run.requestedBy],
    ["Because of", run.trigger],
    ["Commit", run.commit && html`<code>${run.commit.slice(0, 12)}</code>`],
    ["Began", ago(run.startedAt ?? run.createdAt, now)],
    ["Took", tookText(run)],
  ]);

const failure = ({ error }: RunDetail): Piece =>
  error &&
  html`<section class="failure" aria-labelledby="failure"><h2 id="failure">Why it failed</h2>
    <p><code>${error.code}</code></p><pre tabindex="0">${error.message}</pre>
    ${error.hint === undefined ? null : html`<p>${error.hint}</p>`}</section>`;

/** Why it was not let through, with the way out of each; and what policies said. */
const gates = (result: Json): Piece => {
  const kept = isJsonObject(result) ? result : {};
  const denied = Array.isArray(kept["denied"]) ? (kept["denied"] as unknown as readonly GateReason[]) : [];
  const policies = isJsonObject(kept["policies"]) ? (kept["policies"] as unknown as PolicyVerdict) : null;
  if (denied.length === 0 && policies === null) return null;
  return html`<section aria-labelledby="gates"><h2 id="gates">Gates</h2>
    <ul class="reasons">${denied.map(
      ({ gate, message, wayOut, details = [] }) =>
        html`<li><span class="badge bad">${gate}</span> ${message}
          ${details.length === 0 ? null : html`<ul>${details.map((one) => html`<li>${one}</li>`)}</ul>`}
          <p><strong>Way out:</strong> ${wayOut}</p></li>`,
    )}</ul>
    ${policies && verdictList(policies)}
  </section>`;
};

const steps = (run: RunDetail): Piece =>
  run.steps.length === 0
    ? null
    : html`<section aria-labelledby="steps"><h2 id="steps">Phases</h2><ol class="steps">${run.steps.map(
        ({ name, startedAt, endedAt, ok }) =>
          html`<li><span class=${`badge ${ok === null ? "note" : ok ? "good" : "bad"}`}>${ok === null ? "goes on" : ok ? "done" : "failed"}</span>
            ${name} <span class="minor">${endedAt ? lengthText(endedAt.getTime() - startedAt.getTime()) : ""}</span></li>`,
      )}</ol></section>`;
