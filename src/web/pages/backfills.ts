import {
  BACKFILL_VERBS,
  type BackfillRunState,
  type BackfillVerb,
  type BackfillView,
  concerns,
  shareDone,
  verificationText,
} from "../../model/backfill-run.ts";
import { actionForm } from "./forms.ts";
import { html, type Piece } from "./html.ts";
import { table } from "./lists.ts";
import type { Asked } from "./page.ts";
import { ago, lengthText, pullLink } from "./words.ts";

/** What changes data in batches: how far each is, how fast, why it waits, and what it left out. Nothing where there is none. */
export const backfillSection = (backfills: readonly BackfillView[], asked: Asked): Piece =>
  backfills.length === 0
    ? null
    : html`<section aria-labelledby="backfills"><h2 id="backfills">Backfills</h2>
        ${table(
          "Backfills of this workspace",
          [
            { name: "Backfill", cell: ({ name }) => html`<code>${name}</code>` },
            { name: "Table", cell: (one) => html`<code>${one.table}</code>` },
            { name: "State", cell: stateCell },
            { name: "Done", cell: doneCell },
            { name: "A second", cell: ({ rate }) => (rate === null ? null : Math.round(rate)) },
            {
              name: "Left",
              cell: ({ secondsLeft: left }) => (left === null ? null : lengthText(left * 1000)),
            },
            { name: "Replicas behind", cell: ({ lag }) => (lag === null ? null : `${lag.toFixed(1)} s`) },
            { name: "Left out", cell: ({ dead }) => (dead === 0 ? null : dead) },
            { name: "At its end", cell: verificationText },
            { name: "Last batch", cell: ({ progressedAt }) => progressedAt && ago(progressedAt, asked.now) },
            { name: "Pull request", cell: ({ pull }) => pullLink(pull, asked.pullUrl) },
          ],
          backfills,
          "",
        )}
        ${backfills.map(leftOutList)}
        <div class="acts">${backfills.map((one) => formsOf(one, asked))}</div>
      </section>`;

/** What may be said to it where it is; the same words as on its pull request. */
const formsOf = (one: BackfillView, asked: Asked): Piece =>
  html`${BACKFILL_VERBS.filter((verb) => concerns(verb, one)).map((verb) =>
    actionForm(asked, {
      ...{ action: `backfill-${verb}`, id: one.workspace, role: "approver", workspace: one.workspace },
      ...{ button: `${SAYS[verb].button} ${one.name}`, about: SAYS[verb].about, hidden: { name: one.name } },
      ...(verb === "cancel" ? { tone: "grave" } : {}),
    }),
  )}`;

const SAYS: Readonly<Record<BackfillVerb, { readonly button: string; readonly about: string }>> = {
  pause: { button: "Pause", about: "Holds it at its next batch." },
  resume: { button: "Resume", about: "Goes on behind the last batch." },
  retry: { button: "Retry left-out keys of", about: "Tries the keys again that were left out." },
  cancel: {
    button: "Cancel",
    about: "Ends it for good; what is done stays done, and contracts on its table stay closed.",
  },
};

const TONES: Readonly<Record<BackfillRunState, string>> = {
  ...{ waiting: "note", running: "note", paused: "warn", stopped: "bad", done: "good", cancelled: "note" },
};

const stateCell = ({ state, reason, throttle }: BackfillView): Piece => {
  const why = reason ?? throttle;
  return html`<span class=${`badge ${TONES[state]}`}>${state}</span>${why === null ? null : html` <span class="minor">${why}</span>`}`;
};

const doneCell = (one: BackfillView): Piece => {
  const share = shareDone(one);
  const keys = `${one.done}${one.total === null ? "" : ` of about ${Math.max(one.total, one.done)}`}`;
  return share === null
    ? keys
    : html`<progress max="100" value=${Math.floor(share * 100)}>${Math.floor(share * 100)} %</progress> ${keys}`;
};

const leftOutList = ({ name, dead, leftOut }: BackfillView): Piece =>
  dead === 0
    ? null
    : html`<details><summary>${dead} keys of <code>${name}</code> were left out</summary><ul>${leftOut.map(
        ({ key, why, sqlState }) => html`<li><code>${key}</code>: ${why} (${sqlState})</li>`,
      )}</ul></details>`;
