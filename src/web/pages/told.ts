import { isJsonObject, type Json } from "../../model/json.ts";
import type { Action } from "../api/actions.ts";
import { html, type Piece } from "./html.ts";
import type { Drawn } from "./page.ts";

/** What came of an action, with the way back to what it was about. */
export const toldPage = ({ name, path }: Action, id: string, answer: Json): Drawn => {
  const said = isJsonObject(answer) ? answer : {};
  const queued = Array.isArray(said["queued"]) ? said["queued"].map(String) : [];
  // An answer with nothing to follow may be a refusal: it is not shown as a success.
  const isTaken = queued.length > 0 || typeof said["answer"] !== "string";
  const badge = isTaken
    ? { tone: "badge good", text: "✓ taken in" }
    : { tone: "badge note", text: "answered" };
  return {
    title: `Asked: ${name}`,
    body: html`<h1>Asked: ${name}</h1>
      <p role="status"><span class=${badge.tone}>${badge.text}</span></p>
      ${typeof said["answer"] === "string" ? html`<p class="answer">${said["answer"]}</p>` : null}
      ${queued.length === 0 ? null : html`<p>Goes on by itself: ${queued.join(", ")}.</p>`}
      <p>${wayBack(path, id)}</p>`,
  };
};

const wayBack = (path: string, id: string): Piece => {
  const there = encodeURIComponent(id);
  if (path.startsWith("/workspaces/"))
    return html`<a href=${`/workspaces/${there}`}>Back to the workspace</a>`;
  if (path.startsWith("/findings/")) return html`<a href=${`/findings/${there}`}>Back to the finding</a>`;
  if (path.startsWith("/alerts/")) return html`<a href="/settings#channels">Back to the alert channels</a>`;
  return path.startsWith("/pulls/")
    ? html`<a href="/queue">Back to the queue</a>`
    : html`<a href="/settings">Back to the settings</a>`;
};

/** Why something did not go, and what to do about it. */
export const problemPage = (title: string, message: string, hint: string, request: string): Drawn => ({
  title,
  body: html`<h1>${title}</h1><p role="alert">${message}</p>${hint === "" ? null : html`<p>${hint}</p>`}
    <p class="minor">Request <code>${request}</code>, for the service's log.</p>
    <p><a href="/">To the workspaces</a></p>`,
});
