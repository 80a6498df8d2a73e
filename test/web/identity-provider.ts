import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** A small identity provider that speaks OpenID Connect: whoever comes is the person that the test names. */
export interface IdentityProvider {
  readonly issuer: string;
  /** Claims of the next ID token, over the right ones. */
  claims: Record<string, unknown>;
  close(): Promise<void>;
}

const read = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = "";
  for await (const part of request) text += part;
  return new URLSearchParams(text);
};

export const startIdentityProvider = async (): Promise<IdentityProvider> => {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "RS256", use: "sig" };
  const asked = new Map<string, { readonly nonce: string; readonly challenge: string }>();
  const provider = { issuer: "", claims: {} as Record<string, unknown> };
  const idToken = (nonce: string): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const right = { iss: provider.issuer, sub: "s1", aud: "plumbline", iat: now, exp: now + 300, nonce };
    return new SignJWT({ ...right, ...provider.claims })
      .setProtectedHeader({ alg: "RS256", kid: "one" })
      .sign(privateKey);
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", provider.issuer);
    const json = (value: unknown, status = 200): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    if (url.pathname === "/.well-known/openid-configuration")
      return json({
        issuer: provider.issuer,
        authorization_endpoint: `${provider.issuer}/authorize`,
        token_endpoint: `${provider.issuer}/token`,
        jwks_uri: `${provider.issuer}/keys`,
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
      });
    if (url.pathname === "/keys") return json({ keys: [jwk] });
    if (url.pathname === "/authorize") {
      const wish = url.searchParams;
      asked.set("code-1", { nonce: wish.get("nonce") ?? "", challenge: wish.get("code_challenge") ?? "" });
      const back = new URL(wish.get("redirect_uri") ?? "");
      back.searchParams.set("code", "code-1");
      back.searchParams.set("state", wish.get("state") ?? "");
      return response.writeHead(302, { location: back.href }).end();
    }
    const form = await read(request);
    const wish = asked.get(form.get("code") ?? "");
    asked.clear();
    const digest = await crypto.subtle.digest(
      "SHA-256",
      new TextEncoder().encode(form.get("code_verifier") ?? ""),
    );
    if (!wish || Buffer.from(digest).toString("base64url") !== wish.challenge)
      return json({ error: "invalid_grant" }, 400);
    return json({ access_token: "a", token_type: "Bearer", id_token: await idToken(wish.nonce) });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  provider.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(provider, {
    close: () => new Promise<void>((done) => server.close(() => done())),
  });
};
