import type { Setting } from "../../model/config.ts";
import { channelSection } from "./channels.ts";
import { actionForm, field } from "./forms.ts";
import { frozenAll } from "./frozen.ts";
import { html } from "./html.ts";
import { table } from "./lists.ts";
import { type Page, valueText } from "./page.ts";

export const settingsPage: Page = {
  path: "/settings",
  menu: "Settings",
  draw: async (asked) => {
    const { items } = await asked.ask<{ readonly items: readonly Setting[] }>("settings");
    const whole = { id: "all", role: "operator", workspace: null } as const;
    const body = html`<h1>Settings in force</h1>
      ${await frozenAll(asked)}
      ${table(
        "Settings and where each comes from",
        [
          { name: "Setting", cell: ({ key }) => html`<code>${key}</code>` },
          { name: "Value", cell: ({ value }) => html`<code>${valueText(value)}</code>` },
          { name: "Source", cell: ({ source, from }) => (from === null ? source : `${source}: ${from}`) },
        ],
        items,
        "There are none.",
      )}
      ${await channelSection(asked)}
      <section aria-labelledby="do"><h2 id="do">Freeze everything</h2><div class="acts">
        ${actionForm(asked, {
          ...{ ...whole, action: "freeze", button: "Freeze everything", tone: "grave" },
          about: "Stops every apply of the service until it is lifted.",
          fields: field("Reason", "reason", { required: true }),
        })}
        ${actionForm(asked, { ...whole, action: "unfreeze", button: "Lift the freeze of everything", about: "Applies may go on." })}
      </div></section>`;
    return { title: "Settings", body };
  },
};
