/** The forges whose webhooks can be told apart by their headers. */
export type WebhookForge = "github" | "gitea" | "gitlab";

/** One delivery as it came in: nothing parsed, nothing believed. */
export interface WebhookRequest {
  /** What the address says; null where it says nothing (`/events`), the headers tell then. */
  readonly forge: WebhookForge | null;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The bytes that were signed. */
  readonly rawBody: Uint8Array;
}

/** What the forge is told, and what a person reads in its delivery log. */
export interface WebhookAnswer {
  readonly status: 202 | 400 | 401;
  readonly body: { readonly message: string };
}

export type ReceiveWebhook = (request: WebhookRequest) => Promise<WebhookAnswer>;
