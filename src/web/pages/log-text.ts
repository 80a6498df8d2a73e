import type { RunDetail } from "../../model/reading.ts";
import { isSettled } from "../../model/run.ts";
import type { LogPart } from "../../model/run-log.ts";
import { API } from "../api/perform.ts";
import { phaseOf, piecesOf } from "./assets/log-lines.js";
import { html, type Piece } from "./html.ts";
import { withQuery } from "./lists.ts";
import { foundSection } from "./log-found.ts";
import type { Asked } from "./page.ts";

/** What a page shows of a log, from its end where nobody asks for another part. */
const MOST = 64 * 1024;

/** Whether a run has a log to show, be it one that only begins. */
export const hasLog = ({ hasLog: kept, state }: RunDetail): boolean => kept || !isSettled(state);

/**
 * A part of a run's log folded by phase, the last one open, with the ways to the parts around it. While the run goes on
 * the end is followed by the page's script.
 */
export const logSection = async (asked: Asked, run: RunDetail): Promise<Piece> => {
  if (!hasLog(run)) return null;
  const part = await asked.ask<LogPart>("run-log", { id: run.id, query: placeIn(asked.query) });
  const isEnd = part.next >= part.bytes;
  const path = `/runs/${encodeURIComponent(run.id)}`;
  const stream = `${API}${path}/log/stream?from=${part.next}`;
  const { q = "" } = asked.query;
  return html`<section aria-labelledby="log" data-log=${isEnd && !isSettled(run.state) ? stream : ""}>
    <h2 id="log">Log</h2>
    <form class="filter" method="get" action=${`${path}#log`} role="search">
      <label class="field"><span>Search the log</span><input type="search" name="q" value=${q} maxlength="200" data-search autocomplete="off" /></label>
      <button>Search</button>
    </form>
    <div class="filter" data-tools hidden>
      <label class="follow"><input type="checkbox" data-follow checked /> Stay at the end</label>
      <span role="status" data-found></span>
    </div>
    ${q === "" ? null : await foundSection(asked, path)}
    ${aroundIt(path, q === "" ? {} : { q }, part)}
    <div data-phases>${phasesOf(part.text).map(
      ({ name, lines }, index, all) =>
        html`<details open=${index === all.length - 1}><summary>${name} <span class="minor">${lines.length} lines</span></summary>
          <pre tabindex="0" class="log">${lines.map(shownLine)}</pre></details>`,
    )}</div>
    <p role="status" class="minor" data-said>${isSettled(run.state) ? null : "The run goes on."}</p></section>`;
};

/** Places that somebody made up show the end. */
const placeIn = (query: Asked["query"]): Readonly<Record<string, unknown>> => {
  for (const name of ["from", "before"] as const)
    if (/^\d{1,12}$/.test(query[name] ?? "")) return { [name]: query[name], most: MOST };
  return { tail: MOST };
};

const aroundIt = (path: string, kept: Asked["query"], { from, next, bytes }: LogPart): Piece =>
  from === 0 && next >= bytes
    ? null
    : html`<nav class="pager" aria-label="Parts of the log">
        <span>${kilobytes(next - from)} of ${kilobytes(bytes)} kB</span>
        ${from === 0 ? null : html`<a href=${withQuery(path, kept, { from: "0" })}>From the start</a>`}
        ${from === 0 ? null : html`<a href=${withQuery(path, kept, { before: String(from) })}>Earlier</a>`}
        ${next >= bytes ? null : html`<a href=${withQuery(path, kept, { from: String(next) })}>Later</a>`}
        ${next >= bytes ? null : html`<a href=${withQuery(path, kept)}>To the end</a>`}
      </nav>`;

const kilobytes = (bytes: number): number => Math.ceil(bytes / 1024);

const shownLine = (line: string): Piece =>
  html`<span class="l">${piecesOf(line).map(({ text, tone }) =>
    tone === "" ? text : html`<span class=${tone}>${text}</span>`,
  )}</span>`;

interface Phase {
  readonly name: string;
  readonly lines: readonly string[];
}

const phasesOf = (text: string): readonly Phase[] => {
  const phases: { name: string; lines: string[] }[] = [];
  for (const line of text === "" ? [] : text.replace(/\n$/, "").split("\n")) {
    const name = phaseOf(line);
    if (name !== undefined) phases.push({ name, lines: [] });
    else if (phases.length === 0) phases.push({ name: "before", lines: [line] });
    else phases.at(-1)?.lines.push(line);
  }
  return phases;
};
