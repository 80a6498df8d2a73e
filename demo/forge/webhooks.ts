import { createHmac, randomUUID } from "node:crypto";
import type { Repo } from "./state.ts";
import type { Switches } from "./switches.ts";

export interface Delivery {
  /** Number of this delivery; a redelivery has a new one. */
  readonly id: number;
  /** `X-GitHub-Delivery`: the same for every redelivery of one event. */
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly repo: string;
  readonly payload: string;
  /** Status of the receiver's answer: 0 while none came, null where it never left. */
  status: number | null;
  readonly at: Date;
}

export interface Webhooks {
  /** Every event of every repository goes there from now on, in order; `secret` null: unsigned. */
  add(url: string, secret: string | null): { readonly id: number; remove(): void };
  send(event: string, repo: Repo, payload: object): void;
  /** The same guid and bytes again. Resolves with the new delivery once the receiver has answered. */
  redeliver(id: number): Promise<Delivery>;
  readonly deliveries: readonly Delivery[];
  /** Sends what was held, in order. */
  release(): void;
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>;
}

interface Hook {
  readonly id: number;
  readonly url: string;
  readonly secret: string | null;
  /** Ends when everything sent so far has been answered. */
  queue: Promise<unknown>;
}

interface Surroundings {
  nextId(): number;
  now(): Date;
  changed(): void;
  readonly switches: Switches;
}

const ANSWER_WITHIN_MS = 10_000;

export const openWebhooks = (around: Surroundings): Webhooks => {
  const hooks = new Map<number, Hook>();
  const sent = new Map<number, Hook>();
  const deliveries: Delivery[] = [];
  let held: (() => void)[] = [];

  const enqueue = (hook: Hook, delivery: Delivery): Promise<Delivery> => {
    deliveries.push(delivery);
    sent.set(delivery.id, hook);
    const turn = hook.queue.then(async () => {
      delivery.status = await post(hook, delivery);
      around.changed();
      return delivery;
    });
    hook.queue = turn;
    return turn;
  };

  return {
    deliveries,
    add(url, secret) {
      const hook = { id: around.nextId(), url, secret, queue: Promise.resolve() };
      hooks.set(hook.id, hook);
      return { id: hook.id, remove: () => void hooks.delete(hook.id) };
    },
    send(event, repo, payload) {
      for (const hook of hooks.values()) {
        const delivery = makeDelivery(around, event, repo, payload);
        if (around.switches.webhooks === "drop") {
          deliveries.push({ ...delivery, status: null });
          sent.set(delivery.id, hook);
        } else if (around.switches.webhooks === "hold") held.push(() => void enqueue(hook, delivery));
        else void enqueue(hook, delivery);
      }
    },
    async redeliver(id) {
      const delivery = deliveries.find((one) => one.id === id);
      const hook = sent.get(id);
      if (!delivery || !hook) throw new Error(`There is no delivery ${id}.`);
      return enqueue(hook, { ...delivery, id: around.nextId(), status: 0, at: around.now() });
    },
    release() {
      const waiting = held;
      held = [];
      for (const go of waiting) go();
    },
    async idle() {
      for (;;) {
        const before = [...hooks.values()].map((hook) => hook.queue);
        await Promise.all(before);
        const after = [...hooks.values()].map((hook) => hook.queue);
        if (after.length === before.length && after.every((queue, index) => queue === before[index])) return;
      }
    },
  };
};

const makeDelivery = (around: Surroundings, event: string, repo: Repo, payload: object): Delivery => ({
  id: around.nextId(),
  guid: randomUUID(),
  event,
  action: "action" in payload && typeof payload.action === "string" ? payload.action : null,
  repo: repo.fullName,
  payload: JSON.stringify(payload),
  status: 0,
  at: around.now(),
});

/** Status of the answer, null where none came. */
const post = async (hook: Hook, { guid, event, payload }: Delivery): Promise<number | null> => {
  const signed = (hash: string): string =>
    `${hash}=${createHmac(hash, hook.secret ?? "")
      .update(payload)
      .digest("hex")}`;
  const signatures =
    hook.secret === null
      ? {}
      : { "x-hub-signature": signed("sha1"), "x-hub-signature-256": signed("sha256") };
  try {
    const response = await fetch(hook.url, {
      method: "POST",
      body: payload,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      headers: {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/plumbline",
        "x-github-delivery": guid,
        "x-github-event": event,
        "x-github-hook-id": String(hook.id),
        ...signatures,
      },
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
};
