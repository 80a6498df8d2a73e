import { createHash } from "node:crypto";
import type { WebhookForge, WebhookRequest } from "../model/webhook.ts";

/** How a request shows that it knows the secret: an HMAC-SHA-256 over the bytes, or the secret itself (GitLab). */
export type Proof =
  | { readonly kind: "hmac"; readonly hex: string }
  | { readonly kind: "token"; readonly token: string };

export interface DeliveryHeaders {
  readonly event: string | null;
  readonly delivery: string | null;
  /** Null: the request is not signed at all. */
  readonly proof: Proof | null;
  readonly contentType: string;
}

/**
 * Which forge sent this. Gitea sends GitHub's headers too, with words of its own in the body, so its own header
 * decides even at GitHub's address. Who says nothing is taken for GitHub, and fails on its signature.
 */
export const forgeOf = ({ forge, headers }: Pick<WebhookRequest, "forge" | "headers">): WebhookForge => {
  const names = (name: string): boolean => headers[name] !== undefined;
  if (forge === "gitea" || forge === "gitlab") return forge;
  if (names("x-gitea-event") || names("x-forgejo-event")) return "gitea";
  return forge === null && names("x-gitlab-event") ? "gitlab" : "github";
};

/** The few headers that matter, under one name each; an empty one counts as missing. */
export const readHeaders = (forge: WebhookForge, request: WebhookRequest): DeliveryHeaders => {
  const header = (...names: readonly string[]): string | null => {
    const values = names.map((name) => request.headers[name]);
    return values.find((value): value is string => typeof value === "string" && value !== "") ?? null;
  };
  const contentType = header("content-type") ?? "";
  if (forge === "gitlab") {
    const token = header("x-gitlab-token");
    return {
      event: header("x-gitlab-event"),
      delivery: header("idempotency-key") ?? gitlabDelivery(header("x-gitlab-event-uuid"), request.rawBody),
      proof: token === null ? null : { kind: "token", token },
      contentType,
    };
  }
  const prefixes = forge === "gitea" ? ["x-gitea", "x-forgejo"] : ["x-github"];
  const hex =
    forge === "gitea"
      ? header("x-gitea-signature", "x-forgejo-signature", "x-hub-signature-256")
      : header("x-hub-signature-256");
  return {
    event: header(...prefixes.map((prefix) => `${prefix}-event`)),
    delivery: header(...prefixes.map((prefix) => `${prefix}-delivery`)),
    proof: hex === null ? null : { kind: "hmac", hex: hex.replace(/^sha256=/, "") },
    contentType,
  };
};

/** GitLab gives webhooks that cause one another one UUID, so the content must tell them apart. */
const gitlabDelivery = (uuid: string | null, body: Uint8Array): string | null =>
  uuid === null ? null : `${uuid}:${createHash("sha256").update(body).digest("hex")}`;
