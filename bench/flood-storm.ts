import { createHmac, randomUUID } from "node:crypto";
import type { Seeded } from "./seeded.ts";

/** One webhook as a forge has sent it. */
export interface Original {
  readonly guid: string;
  readonly event: string;
  readonly payload: string;
}

export interface Storm {
  readonly url: string;
  readonly secret: string;
  readonly count: number;
  /** Spread evenly over so long. */
  readonly ms: number;
  readonly chance: Seeded;
  /** What was really sent so far, oldest first. */
  originals(): readonly Original[];
}

export interface StormFigures {
  readonly sent: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly seconds: number;
  /** Milliseconds until a webhook was taken in. */
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
}

const AT_ONCE = 32;

/**
 * Sends real webhooks again and again, in any order: with the id of the original (a duplicate), or with one of their own
 * (a forge that delivers twice), so that old heads come after new ones.
 */
export const storm = async (wish: Storm): Promise<StormFigures> => {
  const took: number[] = [];
  let [accepted, duplicates, next] = [0, 0, 0];
  const started = performance.now();
  const sender = async (): Promise<void> => {
    for (let index = next++; index < wish.count; index = next++) {
      const due = started + (index / wish.count) * wish.ms;
      if (due > performance.now()) await new Promise((go) => setTimeout(go, due - performance.now()));
      const duplicate = wish.chance.happens(0.4);
      if (duplicate) duplicates += 1;
      const one = wish.chance.one(wish.originals());
      const from = performance.now();
      if (await post(wish, { ...one, guid: duplicate ? one.guid : randomUUID() })) accepted += 1;
      took.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  const seconds = (performance.now() - started) / 1000;
  took.sort((left, right) => left - right);
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  return { sent: wish.count, accepted, duplicates, seconds, p50: at(0.5), p99: at(0.99), slowest: at(1) };
};

const post = async ({ url, secret }: Storm, { guid, event, payload }: Original): Promise<boolean> => {
  const hash = createHmac("sha256", secret).update(payload).digest("hex");
  const response = await fetch(`${url}/webhooks/github`, {
    method: "POST",
    body: payload,
    headers: {
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": guid,
      "x-hub-signature-256": `sha256=${hash}`,
    },
  }).catch(() => null);
  await response?.arrayBuffer();
  return response?.status === 202;
};
