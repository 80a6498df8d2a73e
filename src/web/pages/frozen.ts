import { PlumblineError } from "../../model/errors.ts";
import type { FreezeSwitch } from "../../model/governance.ts";
import { html, type Piece } from "./html.ts";
import type { Asked } from "./page.ts";
import { ago } from "./words.ts";

/** That nothing of the whole service is applied, and by whose word; what cannot be read freezes everything. */
export const frozenAll = async ({ ask, now }: Pick<Asked, "ask" | "now">): Promise<Piece> => {
  const switches = await ask<{ readonly items: readonly FreezeSwitch[] }>("freezes").catch(unreadable);
  const told =
    switches instanceof PlumblineError
      ? html`<p>${switches.message}</p>`
      : switches.items
          .filter(({ target }) => target === "*")
          .map(({ by, reason, since }) => html`<p>Since ${ago(since, now)}, by ${by}: ${reason}</p>`);
  if (Array.isArray(told) && told.length === 0) return null;
  return html`<section class="failure" aria-labelledby="frozen"><h2 id="frozen">Everything is frozen</h2>${told}
    <p><a href="/settings#do">Freezing everything</a></p></section>`;
};

const unreadable = (thrown: unknown): PlumblineError => {
  if (thrown instanceof PlumblineError && thrown.code === "config-invalid") return thrown;
  throw thrown;
};
