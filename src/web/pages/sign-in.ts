import { html } from "./html.ts";
import { withQuery } from "./lists.ts";
import type { Drawn } from "./page.ts";

/** For whoever is not signed in. `provider`: whether an identity provider can be asked. */
export const signInPage = ({
  provider,
  back,
  failed,
}: {
  readonly provider: boolean;
  readonly back: string;
  readonly failed: boolean;
}): Drawn => ({
  title: "Sign in",
  body: html`<h1>Sign in</h1>
    ${provider ? html`<p><a href=${withQuery("/login", {}, { back: back === "/" ? null : back })}>Sign in with your organisation</a></p>` : null}
    <form class="act" method="post" action="/sign-in">
      ${failed ? html`<p role="alert"><span class="badge bad">No</span> This token is not known, or has ended.</p>` : null}
      <input type="hidden" name="back" value=${back} />
      <label class="field"><span>API token</span><input type="password" name="token" required autocomplete="current-password" /></label>
      <p class="minor"><code>plumbline token create</code> makes one. Its role decides what you may do here.</p>
      <button class="first">Sign in</button>
    </form>`,
});
