import { randomUUID } from "node:crypto";
import { mayAct } from "../../gate/access.ts";
import type { AccessRole } from "../../model/access.ts";
import { html, type Piece } from "./html.ts";
import type { Asked } from "./page.ts";

export interface Doing {
  /** Of the API: `formalize`, `snooze`. */
  readonly action: string;
  readonly id: string;
  readonly role: AccessRole;
  /** Whose matter it is; null: the whole service's. */
  readonly workspace: string | null;
  readonly button: string;
  /** One sentence: what happens then. */
  readonly about: string;
  readonly tone?: "first" | "grave";
  /** What links lead to; where left out nothing leads to it. */
  readonly anchor?: string;
  readonly hidden?: Readonly<Record<string, string>>;
  readonly fields?: Piece;
}

/**
 * A form for one action of the API that needs no script. It says its own name for the request, so that a second press
 * does nothing twice. Whoever may not is told which role it takes.
 */
export const actionForm = (asked: Pick<Asked, "principal" | "csrf">, doing: Doing): Piece => {
  const { action, id, role, button, about, tone = "plain", hidden = {}, fields = null, anchor } = doing;
  if (asked.csrf === null || !mayAct(asked.principal, role, doing.workspace))
    return html`<p id=${anchor} class="may-not"><strong>${button}</strong> takes the role ${role}.</p>`;
  return html`<form id=${anchor} class="act" method="post" action=${`/do/${action}/${encodeURIComponent(id)}`}>
    <input type="hidden" name="csrf" value=${asked.csrf} />
    <input type="hidden" name="once" value=${randomUUID()} />
    ${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name=${name} value=${value} />`)}
    <p>${about}</p>
    ${fields}
    <button class=${tone}>${button}</button>
  </form>`;
};

/** A field of one line with its label. */
export const field = (
  label: string,
  name: string,
  given: {
    readonly value?: string;
    readonly required?: boolean;
    readonly pattern?: string;
    readonly type?: string;
  } = {},
): Piece => {
  const { value = "", required = false, type = "text", pattern } = given;
  return html`<label class="field"><span>${label}</span>
    <input type=${type} name=${name} value=${value} required=${required} pattern=${pattern} autocomplete="off" /></label>`;
};

export const choice = (
  label: string,
  name: string,
  given: { readonly value: string; readonly any: string; readonly of: readonly string[] },
): Piece =>
  html`<label class="field"><span>${label}</span>
    <select name=${name}>
      <option value="" selected=${given.value === ""}>${given.any}</option>
      ${given.of.map((one) => html`<option value=${one} selected=${given.value === one}>${one}</option>`)}
    </select></label>`;
