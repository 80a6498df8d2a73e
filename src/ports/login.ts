import type { LoginClaims } from "../model/access.ts";

/** What must be remembered, out of the reach of others, between the way to the identity provider and the way back. */
export interface PendingLogin {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** A login at an identity provider. */
export interface Login {
  /** Where to send a person; `redirectUri` is where they come back to. Fails with `login-failed`. */
  begin(redirectUri: string): Promise<{ readonly url: string; readonly pending: PendingLogin }>;
  /** What the provider says of whoever came back at this address. Fails with `login-failed`. */
  finish(callback: URL, pending: PendingLogin): Promise<LoginClaims>;
}
