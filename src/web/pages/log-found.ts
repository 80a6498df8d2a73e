import type { LogFound, LogHit } from "../../model/run-log.ts";
import { html, type Piece } from "./html.ts";
import { withQuery } from "./lists.ts";
import type { Asked } from "./page.ts";

/** Lines of the whole log that hold what the address asks for; each leads to its place. `path`: of the run's page. */
export const foundSection = async ({ ask, id, query }: Asked, path: string): Promise<Piece> => {
  const { q = "", cursor } = query;
  const found = await ask<LogFound>("run-log-search", { id, query: { q, ...(cursor ? { cursor } : {}) } });
  const { hits, next, searched, bytes } = found;
  return html`<section aria-labelledby="found"><h3 id="found">${hits.length === 0 ? "No line" : many(hits.length)} with “${q}”${next === null ? null : ", so far"}</h3>
    <ol class="found">${hits.map(
      (hit) =>
        html`<li><a href=${`${withQuery(path, { q, from: String(hit.at) })}#log`}>Line ${hit.line}</a> <code>${marked(hit, q)}</code></li>`,
    )}</ol>
    ${next === null ? null : html`<p><a href=${`${withQuery(path, { q, cursor: next })}#log`}>Search on</a> after ${Math.floor((100 * searched) / bytes)} % of the log.</p>`}
  </section>`;
};

const many = (count: number): string => (count === 1 ? "1 line" : `${count} lines`);

const marked = ({ text }: LogHit, q: string): Piece => {
  const at = text.toLowerCase().indexOf(q.toLowerCase());
  return at < 0
    ? text
    : html`${text.slice(0, at)}<mark>${text.slice(at, at + q.length)}</mark>${text.slice(at + q.length)}`;
};
