import type { LockView, Page as Part, QueueView } from "../../model/reading.ts";
import { actionForm, field } from "./forms.ts";
import { html } from "./html.ts";
import { pager, table } from "./lists.ts";
import type { Asked, Page } from "./page.ts";
import { runColumns } from "./runs.ts";
import { ago, pullLink, workspaceLink } from "./words.ts";

export const queuePage: Page = {
  path: "/queue",
  menu: "Queue",
  draw: async (asked) => {
    const [{ items, next }, { jobs, runs }] = await Promise.all([
      asked.ask<Part<LockView>>("locks", { query: asked.query }),
      asked.ask<QueueView>("queue"),
    ]);
    const body = html`<h1>Locks and queue</h1>
      <section aria-labelledby="locks"><h2 id="locks">Locks</h2>
        ${table("Which pull request holds which workspace", lockColumns(asked), items, "Nobody holds a lock.")}
        ${pager("/queue", asked.query, next)}
        ${unlocks(asked, items)}</section>
      <section aria-labelledby="runs"><h2 id="runs">Runs that wait or go on</h2>
        ${table("Runs that wait or go on", runColumns(asked, true), runs, "Nothing runs.")}</section>
      <section aria-labelledby="jobs"><h2 id="jobs">Jobs</h2>
        ${table(
          "Jobs by kind",
          [
            { name: "Kind", cell: ({ kind }) => kind },
            { name: "Waiting", cell: ({ waiting }) => String(waiting) },
            { name: "Running", cell: ({ running }) => String(running) },
            { name: "Waits since", cell: ({ oldest }) => oldest && ago(oldest, asked.now) },
          ],
          jobs,
          "Nothing waits.",
        )}</section>`;
    return { title: "Locks and queue", body };
  },
};

const lockColumns = ({ now, pullUrl }: Asked) => [
  { name: "Workspace", cell: ({ workspace }: LockView) => workspaceLink(workspace) },
  { name: "Pull request", cell: ({ pull }: LockView) => pullLink(pull, pullUrl) },
  {
    name: "Place",
    cell: ({ position }: LockView) => (position === 0 ? "holds it" : `waits, number ${position}`),
  },
  { name: "By", cell: ({ by }: LockView) => by },
  { name: "Since", cell: ({ since }: LockView) => ago(since, now) },
];

/** One form per pull request: a lock is given up with all that the pull request holds. */
const unlocks = (asked: Asked, locks: readonly LockView[]) => {
  const holders = new Map(
    locks
      .filter(({ position }) => position === 0)
      .map((lock) => [`${lock.pull.repo}#${lock.pull.number}`, lock]),
  );
  if (holders.size === 0) return null;
  return html`<details><summary>Give up locks</summary><div class="acts">${[...holders].map(
    ([name, { workspace }]) =>
      actionForm(asked, {
        ...{
          action: "unlock",
          id: name,
          role: "operator",
          workspace,
          tone: "grave",
          button: `Unlock ${name}`,
        },
        about: "Gives up every lock and plan of the pull request; whoever waits is planned again.",
        fields: field("Reason", "reason", { required: true }),
      }),
  )}</div></details>`;
};
