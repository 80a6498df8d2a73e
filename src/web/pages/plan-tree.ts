import { isJsonObject, type Json } from "../../model/json.ts";
import type { DiffRow, PlanSummary } from "../../model/plan.ts";
import { html, type Piece } from "./html.ts";
import { classBadge } from "./words.ts";

type Resource = PlanSummary["resources"][number];

/** Beyond this a page is no help to anybody; the log holds all of it. */
const MOST_RESOURCES = 500;

/** A plan as a tree: modules, in them resources with class and reasons, in them each value before and after. */
export const planTree = (kept: Json): Piece => {
  if (!isJsonObject(kept) || !Array.isArray(kept["resources"]))
    return html`<p>There is nothing to show of it.</p>`;
  const summary = kept as unknown as PlanSummary;
  const changed = summary.resources.filter(({ action }) => action !== "no-op");
  if (changed.length === 0) return html`<p>No changes.</p>`;
  const shown = [...changed].sort(worstFirst).slice(0, MOST_RESOURCES);
  const modules = Map.groupBy(shown, ({ address }) => moduleOf(address));
  return html`<p>${counts(summary)}</p>
    ${[...modules].map(([name, resources]) => branch(name, resources))}
    ${shown.length < changed.length ? html`<p>${changed.length - shown.length} more are in the log.</p>` : null}`;
};

const worstFirst = (left: Resource, right: Resource): number =>
  right.class.localeCompare(left.class) || left.address.localeCompare(right.address);

const moduleOf = (address: string): string =>
  /^(?:module\.[^.[]+(?:\[[^\]]*\])?\.)+/.exec(address)?.[0].slice(0, -1) ?? "";

const counts = ({ inspection: { counts: all } }: PlanSummary): string =>
  (["delete", "replace", "update", "create", "forget", "move", "import"] as const)
    .filter((name) => all[name] > 0)
    .map((name) => `${all[name]} to ${name}`)
    .join(", ");

const branch = (name: string, resources: readonly Resource[]): Piece => {
  const leaves = resources.map(leaf);
  return name === ""
    ? leaves
    : html`<details open class="module"><summary><code>${name}</code></summary>${leaves}</details>`;
};

const SIGN: Readonly<Record<string, string>> = { create: "+", update: "~", delete: "−", replace: "±" };

const leaf = (resource: Resource): Piece => {
  const { action, address, diff, reasons, class: danger, previousAddress } = resource;
  return html`<details class="resource" open=${resource.destructive || resource.stateful}>
    <summary><span class=${`sign ${action}`} aria-hidden="true">${SIGN[action] ?? "·"}</span> ${action} <code>${address}</code> ${classBadge(danger)}</summary>
    ${previousAddress === undefined ? null : html`<p>Was <code>${previousAddress}</code>.</p>`}
    ${reasons.length === 0 ? null : html`<ul>${reasons.map(({ message }) => html`<li>${message}</li>`)}</ul>`}
    ${diff.length === 0 ? null : html`<ul class="diff">${diff.map(row)}</ul>`}
  </details>`;
};

const row = ({ path, before, after, sensitive, unknown, forcesReplace }: DiffRow): Piece =>
  html`<li><code>${path}</code>${forcesReplace ? html` <span class="badge bad">forces replacement</span>` : null}
    <del>${sensitive ? "(sensitive)" : (before ?? "nothing")}</del>
    <span class="unseen"> becomes </span>
    <ins>${unknown ? "(known after apply)" : sensitive ? "(sensitive)" : (after ?? "nothing")}</ins></li>`;
