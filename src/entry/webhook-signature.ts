import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Proof } from "./webhook-headers.ts";

/**
 * Whether one of the secrets made this proof for these bytes. Every secret is tried, each in constant time, so
 * that the answer's time tells neither a prefix nor which secret it was. An empty secret proves nothing.
 */
export const isGenuine = (proof: Proof, rawBody: Uint8Array, secrets: readonly string[]): boolean => {
  const usable = secrets.filter((secret) => secret !== "");
  const matches = usable.map((secret) =>
    proof.kind === "token" ? sameText(proof.token, secret) : sameHmac(proof.hex, rawBody, secret),
  );
  return matches.includes(true);
};

const sameHmac = (hex: string, rawBody: Uint8Array, secret: string): boolean => {
  const expected = createHmac("sha256", secret).update(rawBody).digest();
  const given = /^[0-9a-f]{64}$/i.test(hex) ? Buffer.from(hex, "hex") : Buffer.alloc(expected.length);
  return timingSafeEqual(given, expected);
};

/** Hashed first: the comparison needs equal lengths, and the length is nobody's business. */
const sameText = (given: string, secret: string): boolean => timingSafeEqual(sha256(given), sha256(secret));
const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
