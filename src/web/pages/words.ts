import type { Severity } from "../../model/alert.ts";
import type { PullRef } from "../../model/pull.ts";
import type { SyncState } from "../../model/reading.ts";
import { html, type Piece } from "./html.ts";

/** How long ago, in the largest unit that fits, with the exact time behind it. */
export const ago = (then: Date | null, now: Date, never = "never"): Piece =>
  then === null
    ? never
    : html`<time datetime=${then.toISOString()} title=${exact(then)}>${distance(now.getTime() - then.getTime())}</time>`;

export const exact = (time: Date): string => `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;

const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

export const lengthText = (ms: number): string => {
  const [size, unit] = UNITS.find(([one]) => ms >= one) ?? [1000, "s"];
  return `${Math.floor(ms / size)} ${unit}`;
};

const distance = (ms: number): string => (ms < 0 ? `in ${lengthText(-ms)}` : `${lengthText(ms)} ago`);

/** Every state has a sign of its own: colour alone tells nobody anything in the dark. */
const SYNC: Readonly<Record<SyncState, readonly [sign: string, tone: string, about: string]>> = {
  doubt: ["?!", "bad", "Frozen, or nobody knows yet what an apply did."],
  failed: ["✕", "bad", "Its newest run failed."],
  drifted: ["≠", "warn", "Somebody changed it outside of Git."],
  unapplied: ["…", "note", "Code is merged and not applied, or inputs have moved."],
  unknown: ["?", "plain", "It was never looked at."],
  synced: ["✓", "good", "What is live is what Git says."],
};

export const syncBadge = (sync: SyncState): Piece => {
  const [sign, tone, about] = SYNC[sync];
  return html`<span class=${`badge ${tone}`} title=${about}><span aria-hidden="true">${sign}</span> ${sync}</span>`;
};

const GRAVE = ["good", "good", "note", "warn", "bad", "bad"];

/** R0 to R5: how hard a change is to take back. */
export const classBadge = (name: string | null): Piece =>
  name === null
    ? null
    : html`<span class=${`badge ${GRAVE[Number(name.slice(1))] ?? "plain"}`} title="R0: nothing is lost; R5: cannot be taken back">${name}</span>`;

const TONE: Readonly<Record<string, string>> = {
  succeeded: "good",
  failed: "bad",
  unknown: "bad",
  interrupted: "bad",
  running: "note",
  "apply-started": "note",
  verifying: "note",
};

export const stateBadge = (state: string): Piece =>
  html`<span class=${`badge ${TONE[state] ?? "plain"}`}>${state}</span>`;

export const causeBadge = (cause: string): Piece =>
  html`<span class=${`badge ${["console", "absorbed", "unmanaged", "vanished"].includes(cause) ? "warn" : "note"}`}>${cause}</span>`;

const SEVERITY: Readonly<Record<Severity, readonly [sign: string, tone: string]>> = {
  critical: ["!!", "bad"],
  error: ["!", "bad"],
  warning: ["▲", "warn"],
  info: ["i", "note"],
};

/** How bad it is, as alerts say it. */
export const severityBadge = (severity: Severity | null): Piece => {
  if (severity === null) return null;
  const [sign, tone] = SEVERITY[severity];
  return html`<span class=${`badge ${tone}`}><span aria-hidden="true">${sign}</span> ${severity}</span>`;
};

export const workspaceLink = (key: string): Piece =>
  html`<a href=${`/workspaces/${encodeURIComponent(key)}`}>${key}</a>`;

export const runLink = (id: string, text = id): Piece =>
  html`<a href=${`/runs/${encodeURIComponent(id)}`}>${text}</a>`;

export const pullLink = (pull: PullRef | null, url: (pull: PullRef) => string | null): Piece => {
  if (pull === null) return null;
  const text = `${pull.repo}#${pull.number}`;
  const where = url(pull);
  return where === null ? text : html`<a href=${where}>${text}</a>`;
};
