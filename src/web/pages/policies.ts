import type { Setting } from "../../model/config.ts";
import type { PolicyVerdict } from "../../model/policy.ts";
import type { Page as Part, RunDetail, RunView } from "../../model/reading.ts";
import { html, type Piece } from "./html.ts";
import { table } from "./lists.ts";
import { type Asked, type Page, valueText } from "./page.ts";
import { ago, runLink, workspaceLink } from "./words.ts";

export const policiesPage: Page = {
  path: "/policies",
  menu: "Policies",
  draw: async (asked) => {
    const judged = await newestVerdicts(asked);
    const body = html`<h1>Policies</h1>
      <section aria-labelledby="said"><h2 id="said">What they said last</h2>
        ${judged.length === 0 ? html`<p>None of the newest runs was judged by policies.</p>` : null}
        ${judged.map(
          ({ run, verdict }) => html`<article>
            <h3>${runLink(run.id, run.kind)} ${workspaceLink(run.workspace)} ${ago(run.createdAt, asked.now)}</h3>
            ${verdictList(verdict)}</article>`,
        )}</section>
      <section aria-labelledby="force"><h2 id="force">In force</h2>${await inForce(asked)}</section>`;
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

const inForce = async (asked: Asked): Promise<Piece> => {
  const all = await asked.ask<{ readonly items: readonly Setting[] }>("settings").catch(() => null);
  if (all === null) return html`<p>Settings are shown to operators of the whole service.</p>`;
  return table(
    "Settings of policies",
    [
      { name: "Setting", cell: ({ key }) => html`<code>${key}</code>` },
      { name: "Value", cell: ({ value }) => html`<code>${valueText(value)}</code>` },
      { name: "Source", cell: ({ source, from }) => from ?? source },
    ],
    all.items.filter(({ key }) => key.startsWith("policies") || key.startsWith("policy")),
    "No policy set is configured.",
  );
};
