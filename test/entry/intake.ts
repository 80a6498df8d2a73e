import { createHmac } from "node:crypto";
import type { WebhookWorld } from "../../src/entry/webhook.ts";
import type { FollowUp } from "../../src/model/job.ts";
import type { WebhookForge, WebhookRequest } from "../../src/model/webhook.ts";
import type { Log } from "../../src/ports/log.ts";

export const SECRET = "the webhook's secret";

/** An intake over a ledger in memory whose transactions roll back, with everything that it did in plain sight. */
export const intake = (change: Partial<WebhookWorld> = {}) => {
  const deliveries = new Set<string>();
  const followUps: FollowUp[] = [];
  const logged: { text: string; fields: object | undefined }[] = [];
  const seen = { nudges: 0, transactions: 0, outboxFails: false };
  const note = (text: string, fields?: object) => void logged.push({ text, fields });
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const ledger: WebhookWorld["ledger"] = {
    async transaction(work) {
      seen.transactions += 1;
      const [before, kept] = [new Set(deliveries), followUps.length];
      try {
        return await work({ deliveries: deliveryRows(deliveries), outbox: outboxRows(followUps, seen) });
      } catch (error) {
        deliveries.clear();
        for (const id of before) deliveries.add(id);
        followUps.length = kept;
        throw error;
      }
    },
  };
  const world: WebhookWorld = {
    ledger,
    clock: { now: () => new Date("2026-01-01T00:00:00Z") },
    log,
    secrets: [SECRET],
    allowlist: ["acme/*"],
    nudge: () => {
      seen.nudges += 1;
    },
    ...change,
  };
  return { world, deliveries, followUps, logged, seen };
};

const deliveryRows = (ids: Set<string>) => ({
  remember: async (id: string) => ids.size < ids.add(id).size,
  forget: async () => 0,
});

const outboxRows = (followUps: FollowUp[], seen: { outboxFails: boolean }) => ({
  add: async (more: readonly FollowUp[]) => {
    if (seen.outboxFails) throw new Error("the disk is full");
    followUps.push(...more);
  },
  take: async () => [],
  done: async () => undefined,
});

export const sign = (body: string | Uint8Array, secret = SECRET): string =>
  createHmac("sha256", secret).update(body).digest("hex");

/** A delivery as GitHub sends it, signed; `headers` come on top, `undefined` takes one away. */
export const githubDelivery = (
  event: string,
  payload: unknown,
  headers: Record<string, string | undefined> = {},
  forge: WebhookForge | null = "github",
): WebhookRequest => {
  const rawBody = Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
  return {
    forge,
    rawBody,
    headers: {
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "x-hub-signature-256": `sha256=${sign(rawBody)}`,
      ...headers,
    },
  };
};

export const openedPull = (repo = "acme/infra") => ({
  action: "opened",
  number: 7,
  pull_request: { head: { sha: "c0ffee" }, merged: false },
  repository: { full_name: repo },
  sender: { login: "ada", type: "User" },
});
