import { actorText } from "../../alert/actor-text.ts";
import { isByHand, placeText } from "../../model/finding.ts";
import type { FindingView } from "../../model/reading.ts";
import { actionForm, field } from "./forms.ts";
import { html, type Piece } from "./html.ts";
import { facts } from "./lists.ts";
import { type Asked, type Page, valueText } from "./page.ts";
import { ago, causeBadge, exact, pullLink, severityBadge, workspaceLink } from "./words.ts";

export const findingPage: Page = {
  path: "/findings/:id",
  menu: null,
  draw: async (asked) => {
    const one = await asked.ask<FindingView>("finding", { id: asked.id });
    const body = html`<h1><code>${placeText(one)}</code></h1>
      <p class="lead">${severityBadge(one.severity)} ${causeBadge(one.cause)} ${WORDS[one.cause]}${one.who && html` By ${one.who.who}${one.who.confidence === "guess" ? " (a guess)" : ""}.`} Found ${ago(one.openedAt, asked.now)}. ${ownersText(one)}.</p>
      <p>Workspace: ${workspaceLink(one.workspace)}</p>
      ${one.endedAt === null ? ends(one, asked) : null}
      ${values(one)}
      ${one.endedAt === null ? acts(one, asked) : null}
      ${about(one, asked)}`;
    return { title: placeText(one), body };
  },
};

const WORDS: Readonly<Record<FindingView["cause"], string>> = {
  console: "Somebody changed it outside of Git.",
  absorbed: "Somebody changed it outside of Git, and the state has taken it up since.",
  unmanaged: "It exists, and no code declares it.",
  vanished: "It is gone, and the code still declares it.",
  input: "Something that the code reads has changed.",
  unapplied: "Code is merged and not applied.",
  noise: "It differs on every look; nothing to do.",
};

const ownersText = ({ owners }: FindingView): string =>
  owners.length === 0 ? "No owner is named" : `Owner: ${owners.join(", ")}`;

const values = (one: FindingView): Piece => {
  const shown = (value: FindingView["actual"]): Piece =>
    html`<pre tabindex="0">${one.sensitive ? "(sensitive)" : valueText(value)}</pre>`;
  return html`<div class="states">
    <section><h2>Desired (Git)</h2>${shown(one.desired)}</section>
    <section><h2>Recorded (state)</h2>${shown(one.recorded)}</section>
    <section><h2>Actual (live)</h2>${shown(one.actual)}</section>
  </div>`;
};

const about = (one: FindingView, { now, pullUrl }: Asked): Piece =>
  facts([
    ["Workspace", workspaceLink(one.workspace)],
    ["Since", html`${ago(one.openedAt, now)} (${exact(one.openedAt)})`],
    ["Who", one.who && actorText(one.who)],
    ["Last seen", ago(one.lastSeenAt, now)],
    ["Owner", one.owners.join(", ")],
    ["Drift pull request", pullLink(one.driftPull, pullUrl)],
    [
      "In hand",
      one.acked &&
        html`${one.acked.by}, ${ago(one.acked.at, now)}${one.acked.note === null ? "" : `: ${one.acked.note}`}`,
    ],
    [
      "Snoozed",
      one.snoozed && html`by ${one.snoozed.by} until ${exact(one.snoozed.until)}: ${one.snoozed.reason}`,
    ],
    ["Ended", one.endedAt && html`${one.why} ${ago(one.endedAt, now)}`],
  ]);

const acts = (one: FindingView, asked: Asked): Piece => {
  const { workspace } = one;
  const onFinding = { id: String(one.id), workspace, role: "operator" as const };
  return html`<section aria-labelledby="do"><h2 id="do">What else to do about it</h2><div class="acts">
    ${hasWayOut(one) ? others(asked, one) : null}
    ${actionForm(asked, {
      ...{
        ...onFinding,
        action: "snooze",
        anchor: "snooze",
        button: "Snooze",
        about: "No alerts about it until then. It stays open.",
      },
      fields: timeAndReason("snooze", "8h"),
    })}
    ${
      one.acked === null &&
      actionForm(asked, {
        ...{
          ...onFinding,
          action: "ack",
          anchor: "ack",
          button: "I have it in hand",
          about: "Tells the others that somebody is on it.",
        },
        fields: field("Note", "note"),
      })
    }
  </div></section>`;
};

const hasWayOut = (one: FindingView): boolean => isByHand(one) && one.driftPull !== null;
const onDrift = ({ workspace }: FindingView) => ({ id: workspace, workspace });

/** What ends it by one click stands before all that may be long. */
const ends = (one: FindingView, asked: Asked): Piece => {
  if (!isByHand(one)) return null;
  if (!hasWayOut(one))
    return html`<p>There is no drift pull request yet: its workspace says when it was looked at last.</p>`;
  const approver = { ...onDrift(one), role: "approver" as const };
  return html`<div class="ends">${actionForm(asked, {
    ...{ ...approver, action: "formalize", anchor: "formalize", button: "Formalize", tone: "first" },
    about:
      "Keeps what is live: merges the drift pull request, with all that it holds, once its plan proves it.",
  })}
  ${actionForm(asked, {
    ...{ ...approver, action: "revert", anchor: "revert", button: "Revert", tone: "grave" },
    // An engine puts a resource back as a whole, so naming one place of several would be refused.
    hidden: { targets: one.address },
    about:
      "Puts back what the code says: applies the deploy branch to this resource, over every change made by hand.",
  })}</div>`;
};

const others = (asked: Asked, one: FindingView): Piece => {
  const alone = { targets: placeText(one) };
  return html`${actionForm(asked, {
    ...{
      ...onDrift(one),
      action: "formalize",
      role: "approver",
      button: "Formalize only this",
      hidden: alone,
    },
    about:
      "Rewrites the drift pull request to hold only this, with a new proof. Then merge it, or press Formalize.",
  })}
  ${actionForm(asked, {
    ...{
      ...onDrift(one),
      action: "ignore",
      anchor: "ignore",
      role: "operator",
      button: "Ignore",
      hidden: alone,
    },
    about: "Adds an ignore entry with an end to plumbline.yaml, on the drift pull request.",
    fields: timeAndReason("ignore", "14d"),
  })}`;
};

/** Named after what they are for: two forms of one page ask for both. */
const timeAndReason = (what: string, value: string): Piece =>
  html`${field(`Time to ${what}`, "for", { value, required: true, pattern: "[0-9]{1,6}[smhdw]" })}${field(`Reason to ${what}`, "reason", { required: true })}`;
