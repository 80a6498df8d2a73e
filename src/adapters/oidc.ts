import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  type IDToken,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import type { LoginClaims, OidcConfig } from "../model/access.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Login } from "../ports/login.ts";

/**
 * OpenID Connect with authorization code, PKCE, state and nonce. The provider is asked for its addresses at the first
 * login, and again after a failure. Plain HTTP only for an issuer on this machine.
 */
export const oidcLogin = (config: OidcConfig): Login => {
  let known: Promise<Configuration> | undefined;
  const provider = async (): Promise<Configuration> => {
    known ??= discover(config);
    try {
      return await known;
    } catch (cause) {
      known = undefined;
      throw failed("The identity provider cannot be asked.", cause);
    }
  };
  return {
    begin: async (redirectUri) => {
      const found = await provider();
      const pending = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(found, {
        redirect_uri: redirectUri,
        scope: config.scopes.join(" "),
        code_challenge: await calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: "S256",
        state: pending.state,
        nonce: pending.nonce,
      });
      return { url: url.href, pending };
    },
    finish: async (callback, { state, nonce, verifier }) => {
      const found = await provider();
      try {
        const tokens = await authorizationCodeGrant(found, callback, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (!claims) throw new Error("There is no ID token.");
        return claimsOf(claims, config.groupsClaim);
      } catch (cause) {
        throw failed("The identity provider's answer was not accepted.", cause);
      }
    },
  };
};

const discover = ({ issuer, clientId, clientSecret }: OidcConfig): Promise<Configuration> => {
  const url = new URL(issuer);
  const local = url.protocol === "http:" && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  return discovery(url, clientId, clientSecret, undefined, local ? { execute: [allowInsecureRequests] } : {});
};

const claimsOf = (claims: IDToken, groupsClaim: string): LoginClaims => {
  const groups = claims[groupsClaim];
  return {
    subject: claims.sub,
    email: claims["email_verified"] === true && typeof claims["email"] === "string" ? claims["email"] : null,
    groups: Array.isArray(groups) ? groups.filter((group) => typeof group === "string") : [],
  };
};

const failed = (message: string, cause: unknown): PlumblineError =>
  new PlumblineError("login-failed", message, { cause });
