import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { AccessToken, Grant, Principal } from "../model/access.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ledger } from "../ports/ledger.ts";

interface Place {
  readonly ledger: Ledger;
  readonly clock: Pick<Clock, "now">;
}

export interface TokenWish extends Grant {
  readonly name: string;
  readonly by: string;
  /** Null: until it is revoked. */
  readonly expiresAt: Date | null;
}

const INDEX = "api-tokens";
const keyOf = (hash: string): string => `api-token:${hash}`;
const usedKey = (hash: string): string => `api-token-used:${hash}`;
export const tokenHash = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Makes a token of 256 random bits. Its text is given once and kept nowhere, only its hash. */
export const createToken = async (
  { ledger, clock }: Place,
  { name, role, workspaces, by, expiresAt }: TokenWish,
): Promise<{ readonly text: string; readonly token: AccessToken }> => {
  const text = `plb_${randomBytes(32).toString("base64url")}`;
  const hash = tokenHash(text);
  const token: AccessToken = {
    id: hash.slice(0, 12),
    name,
    role,
    workspaces,
    prefix: text.slice(0, 10),
    createdBy: by,
    createdAt: clock.now(),
    expiresAt,
    revokedAt: null,
    lastUsedAt: null,
  };
  await ledger.transaction(async (inside) => {
    // The audit trail is written one after another, and so is the list after it.
    await inside.audit.append({
      at: token.createdAt,
      actor: by,
      action: "token-created",
      subject: `token:${token.id}`,
      details: { name, role, workspaces: [...workspaces], expiresAt: expiresAt?.toISOString() ?? null },
    });
    await inside.meta.set(INDEX, [...(await hashesIn(inside)), hash]);
    await inside.meta.set(keyOf(hash), JSON.parse(JSON.stringify(token)) as Json);
  });
  return { text, token };
};

/** All that were ever made, oldest first. */
export const listTokens = async (ledger: Ledger): Promise<readonly AccessToken[]> => {
  const found: AccessToken[] = [];
  for (const hash of await hashesIn(ledger)) {
    const token = await tokenAt(ledger, hash);
    if (token) found.push(token);
  }
  return found;
};

/** By id; false where there is no such token that still counts. */
export const revokeToken = async ({ ledger, clock }: Place, id: string, by: string): Promise<boolean> => {
  const hash = (await hashesIn(ledger)).find((one) => one.slice(0, 12) === id);
  const token = hash === undefined ? null : await tokenAt(ledger, hash);
  if (hash === undefined || !token || token.revokedAt) return false;
  const at = clock.now();
  await ledger.transaction(async (inside) => {
    await inside.audit.append({
      at,
      actor: by,
      action: "token-revoked",
      subject: `token:${id}`,
      details: { name: token.name },
    });
    await inside.meta.set(keyOf(hash), JSON.parse(JSON.stringify({ ...token, revokedAt: at })) as Json);
  });
  return true;
};

export const isLive = ({ revokedAt, expiresAt }: AccessToken, now: Date): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > now);

// To know that a token is in use, a minute is near enough.
const USED_STEP_MS = 60_000;

/** Who a token stands for; null where it is unknown, expired or revoked. */
export const tokenPrincipal = (
  place: Place,
  text: string,
  adminToken: string | null,
): Promise<Principal | null> => tokenHashPrincipal(place, tokenHash(text), adminToken);

/** The same for who has shown the token before. */
export const tokenHashPrincipal = async (
  { ledger, clock }: Place,
  hash: string,
  adminToken: string | null,
): Promise<Principal | null> => {
  if (adminToken !== null && isSame(hash, tokenHash(adminToken)))
    return { name: "admin-token", kind: "token", grants: [{ role: "admin", workspaces: ["*"] }] };
  const now = clock.now();
  const token = await tokenAt(ledger, hash);
  if (!token || !isLive(token, now)) return null;
  if (now.getTime() - (token.lastUsedAt?.getTime() ?? 0) > USED_STEP_MS)
    await ledger.meta.set(usedKey(hash), now.toISOString());
  return {
    name: token.name,
    kind: "token",
    grants: [{ role: token.role, workspaces: token.workspaces }],
  };
};

const isSame = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));

const hashesIn = async (ledger: Pick<Ledger, "meta">): Promise<readonly string[]> => {
  const kept = await ledger.meta.get(INDEX);
  return Array.isArray(kept) ? kept.map(String) : [];
};

const tokenAt = async (ledger: Pick<Ledger, "meta">, hash: string): Promise<AccessToken | null> => {
  const kept = await ledger.meta.get(keyOf(hash));
  if (!isJsonObject(kept)) return null;
  const used = await ledger.meta.get(usedKey(hash));
  const date = (value: Json | undefined): Date | null => (typeof value === "string" ? new Date(value) : null);
  return {
    ...(kept as unknown as AccessToken),
    createdAt: date(kept["createdAt"]) ?? new Date(0),
    expiresAt: date(kept["expiresAt"]),
    revokedAt: date(kept["revokedAt"]),
    lastUsedAt: date(used),
  };
};
