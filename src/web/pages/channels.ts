import type { ChannelView } from "../../model/alert.ts";
import { actionForm } from "./forms.ts";
import { html, type Piece } from "./html.ts";
import { table } from "./lists.ts";
import type { Asked } from "./page.ts";
import { ago, exact } from "./words.ts";

const channelsOf = async (asked: Asked): Promise<readonly ChannelView[]> =>
  (await asked.ask<{ readonly items: readonly ChannelView[] }>("channels")).items;

/** One line per channel that fails: whoever looks here may be the only one who can still be told. */
export const failingChannels = async (asked: Asked): Promise<Piece> => {
  const failing = (await channelsOf(asked)).filter(({ failingSince }) => failingSince !== null);
  if (failing.length === 0) return null;
  return html`<section class="failure" aria-labelledby="unheard"><h2 id="unheard">Alerts do not arrive</h2>
    <ul>${failing.map(
      ({ name, failingSince, error, refused }) =>
        html`<li><strong>${name}</strong> has failed since ${ago(failingSince, asked.now)}: ${error} ${refused ? "Once that is mended, a test shows it." : null}</li>`,
    )}</ul>
    <p><a href="/settings#channels">Alert channels</a></p></section>`;
};

/** Every channel with how it fares, and a test of each. */
export const channelSection = async (asked: Asked): Promise<Piece> => {
  const channels = await channelsOf(asked);
  return html`<section aria-labelledby="channels"><h2 id="channels">Alert channels</h2>
    ${table(
      "Alert channels and how each fares",
      [
        { name: "Channel", cell: ({ name }) => name },
        { name: "Type", cell: ({ type }) => type },
        { name: "State", cell: stateOf },
        { name: "Last worked", cell: ({ lastOkAt }) => lastOkAt && ago(lastOkAt, asked.now) },
        {
          name: "Why",
          cell: ({ error, failingSince }) => failingSince && html`since ${exact(failingSince)}: ${error}`,
        },
      ],
      channels,
      "No alert channel is configured: drift is told on pull requests only.",
    )}
    ${channels.length === 0 ? null : tests(asked, channels)}</section>`;
};

const stateOf = ({ failingSince, failures, lastOkAt }: ChannelView): Piece => {
  if (failingSince !== null)
    return html`<span class="badge bad"><span aria-hidden="true">✕</span> fails (${failures})</span>`;
  return lastOkAt === null
    ? html`<span class="badge plain">nothing sent yet</span>`
    : html`<span class="badge good"><span aria-hidden="true">✓</span> works</span>`;
};

const tests = (asked: Asked, channels: readonly ChannelView[]): Piece =>
  html`<details><summary>Send a test</summary><div class="acts">${channels.map(({ name }) =>
    actionForm(asked, {
      ...{ action: "test-channel", id: name, role: "operator", workspace: null },
      button: `Test ${name}`,
      about: "Sends one message, marked as a test, and shows what the receiver answered.",
    }),
  )}</div></details>`;
