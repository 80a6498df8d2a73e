import type { PolicyRuleView, PolicySetView, PolicyVerdict } from "../../model/policy.ts";
import type { Page as Part, RunDetail, RunView } from "../../model/reading.ts";
import { html, type Piece } from "./html.ts";
import { type Column, facts, table } from "./lists.ts";
import type { Asked, Page } from "./page.ts";
import { ago, exact, runLink, workspaceLink } from "./words.ts";

export const policiesPage: Page = {
  path: "/policies",
  menu: "Policies",
  draw: async (asked) => {
    const judged = await newestVerdicts(asked);
    const { items: sets } = await asked.ask<{ readonly items: readonly PolicySetView[] }>("policies");
    const body = html`<h1>Policies</h1>
      <section aria-labelledby="sets"><h2 id="sets">In force</h2>
        ${sets.length === 0 ? html`<p>No policy set is configured.</p>` : sets.map(setArticle)}</section>
      <section aria-labelledby="said"><h2 id="said">What they said last</h2>
        ${judged.length === 0 ? html`<p>None of the newest runs was judged by policies.</p>` : null}
        ${judged.map(
          ({ run, verdict }) => html`<article>
            <h3>${runLink(run.id, run.kind)} ${workspaceLink(run.workspace)} ${ago(run.createdAt, asked.now)}</h3>
            ${verdictList(verdict)}</article>`,
        )}</section>`;
    return { title: "Policies", body };
  },
};

/** Each message with its set and rule: what denies first. */
export const verdictList = ({ sets, denied, warned, dryRun, excepted }: PolicyVerdict): Piece => {
  const said = [
    ...denied.map((one) => ({ ...one, word: "denied", tone: "bad" })),
    ...warned.map((one) => ({ ...one, word: "warned", tone: "warn" })),
    ...dryRun.map((one) => ({ ...one, word: "dry run", tone: "note" })),
    ...excepted.map((one) => ({ ...one, word: `excepted by ${one.owner}`, tone: "plain" })),
  ];
  if (said.length === 0) return html`<p>Nothing to object: ${(sets ?? []).join(", ")}.</p>`;
  return html`<ul class="reasons">${said.map(
    ({ word, tone, set, policy, message }) =>
      html`<li><span class=${`badge ${tone}`}>${word}</span> ${message} <span class="minor">${set}: ${policy}</span></li>`,
  )}</ul>`;
};

/** Of so many of the newest runs; more than a person reads. */
const LOOKED_AT = 20;

const newestVerdicts = async (
  asked: Asked,
): Promise<readonly { readonly run: RunView; readonly verdict: PolicyVerdict }[]> => {
  const { items } = await asked.ask<Part<RunView>>("runs", { query: { limit: LOOKED_AT } });
  const whole = await Promise.all(items.map(({ id }) => asked.ask<RunDetail>("run", { id })));
  return whole.flatMap((run) => {
    const kept = (run.result as { readonly policies?: PolicyVerdict } | null)?.policies;
    return kept ? [{ run, verdict: kept }] : [];
  });
};

const LEVELS: Readonly<Record<PolicySetView["level"], readonly [tone: string, about: string]>> = {
  deny: ["bad", "What it denies is not applied, unless its owners approve."],
  warn: ["warn", "It only tells."],
  dry_run: ["note", "On trial: it tells what it would deny."],
};

const setArticle = (set: PolicySetView): Piece => {
  const [tone, about] = LEVELS[set.level];
  return html`<article>
    <h3>${set.name} <span class=${`badge ${tone}`}>${set.level.replace("_", " ")}</span></h3>
    <p>${about}</p>
    ${facts([
      ["From", set.source],
      ["Judges", set.repos.length === 0 ? "every repository" : set.repos.join(", ")],
      ["May approve", set.owners.length === 0 ? "nobody" : `${set.approvals} of ${set.owners.join(", ")}`],
      ["Exceptions of repositories", set.repositoryExceptions ? "count" : "do not count"],
    ])}
    ${set.problem === null ? null : html`<p role="alert"><span class="badge bad">cannot be read</span> ${set.problem}</p>`}
    ${table("Rules and what each said at the last looks", RULE_COLUMNS, set.rules, "No rule of it is known yet.")}
    ${set.exceptions.length === 0 ? null : exceptionsOf(set)}
  </article>`;
};

const saidOn = (tone: string, workspaces: readonly string[]): Piece =>
  workspaces.length === 0
    ? null
    : html`<details><summary><span class=${`badge ${tone}`}>${workspaces.length}</span></summary><ul>${workspaces.map((key) => html`<li>${workspaceLink(key)}</li>`)}</ul></details>`;

const RULE_COLUMNS: readonly Column<PolicyRuleView>[] = [
  { name: "Rule", cell: ({ policy }) => html`<code>${policy}</code>` },
  { name: "Denies", cell: ({ denied }) => saidOn("bad", denied) },
  { name: "Warns", cell: ({ warned }) => saidOn("warn", warned) },
  { name: "Would deny", cell: ({ dryRun }) => saidOn("note", dryRun) },
  { name: "Excepted", cell: ({ excepted }) => saidOn("plain", excepted) },
];

const exceptionsOf = ({ exceptions }: PolicySetView): Piece =>
  html`<details><summary>${exceptions.length} exceptions</summary><ul>${exceptions.map(
    ({ policy, workspace, owner, reason, until }) =>
      html`<li><code>${policy}</code> on ${workspace ?? "every workspace"} until ${exact(until)}, by ${owner}: ${reason}</li>`,
  )}</ul></details>`;
