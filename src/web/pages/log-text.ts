import type { RunDetail } from "../../model/reading.ts";
import { html, type Piece } from "./html.ts";
import type { Asked } from "./page.ts";

/** What a page shows of a log: its end. The rest is a link away. */
const MOST = 64 * 1024;

/** A run's log folded by phase, the last one open. */
export const logSection = async (asked: Asked, run: RunDetail): Promise<Piece> => {
  if (!run.hasLog) return null;
  const query = { tail: MOST };
  const { text, from, bytes } = await asked.ask<Part>("run-log", { id: run.id, query });
  const phases = phasesOf(text);
  return html`<section aria-labelledby="log"><h2 id="log">Log</h2>
    ${from === 0 ? null : html`<p>Only its end is shown: ${Math.round((bytes - from) / 1024)} of ${Math.round(bytes / 1024)} kB.</p>`}
    ${phases.map(
      ({ name, lines }, index) =>
        html`<details open=${index === phases.length - 1}><summary>${name} <span class="minor">${lines.length} lines</span></summary>
          <pre tabindex="0" class="log">${lines.join("\n")}</pre></details>`,
    )}</section>`;
};

interface Part {
  readonly text: string;
  readonly from: number;
  readonly bytes: number;
}

interface Phase {
  readonly name: string;
  readonly lines: readonly string[];
}

/** A phase begins with a line `== NAME`. */
export const phasesOf = (text: string): readonly Phase[] => {
  const phases: { name: string; lines: string[] }[] = [];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const name = /^== (.+)$/.exec(line)?.[1];
    if (name !== undefined) phases.push({ name, lines: [] });
    else if (phases.length === 0) phases.push({ name: "before", lines: [line] });
    else phases.at(-1)?.lines.push(line);
  }
  return phases;
};
