import { createHmac } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { createNotifiers } from "../../src/adapters/notifiers.ts";
import type { AlertChannel, AlertMessage } from "../../src/model/alert.ts";
import type { Forge } from "../../src/ports/forge.ts";
import type { Notifier } from "../../src/ports/notify.ts";
import { alert, at, channelOf } from "../alert/bench.ts";
import { startReceiver } from "./receiver.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const receiver = async (...args: Parameters<typeof startReceiver>) => {
  const started = await startReceiver(...args);
  closing.push(started.close);
  return started;
};

const notifier = (channel: AlertChannel, forge: Partial<Forge> = {}): Notifier => {
  const [made] = createNotifiers([channel], { clock: { now: () => at("12:00") }, forge: forge as Forge });
  if (!made) throw new Error("none");
  return made;
};

/** What is said of one alert: opened, taken, ended. */
const story = (): readonly AlertMessage[] => {
  const channel = channelOf();
  const acked = alert("a", { acked: { by: "dana", at: at("12:01") } });
  return [
    ...channel.ask(at("12:00"), [alert("a")]),
    ...channel.ask(at("12:01"), [acked]),
    ...channel.ask(at("12:02"), [{ ...acked, endedAt: at("12:02") }]),
  ];
};

const storm = (): AlertMessage => {
  const long = "x".repeat(5000);
  const alerts = Array.from({ length: 500 }, (_, index) =>
    alert(`n${index}`, { title: `${index} ${long}`, text: `<!channel> *${long}* <https://evil.example|ok>` }),
  );
  const [message] = channelOf().ask(at("12:00"), alerts);
  if (!message) throw new Error("no storm");
  return message;
};

/** As a channel does it: what it called the thread comes back with the next message. */
const tell = async (channel: Notifier, messages: readonly AlertMessage[]): Promise<void> => {
  let ref: string | null = null;
  for (const message of messages) ref = (await channel.send({ ...message, ref })).ref;
};

test("webhook: signed over time and body, and the idempotency key names the alert's life", async () => {
  const { url, received } = await receiver();
  await tell(notifier({ type: "webhook", url, secret: "s3cret" }), story());
  expect(received.map(({ headers }) => headers["idempotency-key"])).toEqual([
    ...["a:1:opened", "a:1:acknowledged", "a:1:ended"],
  ]);
  expect(received.map(({ body }) => body["event"])).toEqual(["opened", "acknowledged", "ended"]);
  expect(received[0]?.body).toMatchObject({
    ...{ version: 1, fingerprint: "a", id: "1", workspace: "acme/infra//prod#default", severity: "warning" },
    url: "https://forge.example/acme/infra/pull/7",
  });
  const [, seconds, hex] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(received[0]?.headers["x-plumbline-signature"])) ?? [];
  expect(Number(seconds)).toBe(at("12:00").getTime() / 1000);
  expect(createHmac("sha256", "s3cret").update(`${seconds}.${received[0]?.text}`).digest("hex")).toBe(hex);
});

test("webhook: two lives of one finding have different keys", async () => {
  const { url, received } = await receiver();
  const channel = notifier({ type: "webhook", url, secret: null });
  await tell(channel, channelOf().ask(at("12:00"), [alert("a")]));
  await tell(channel, channelOf().ask(at("13:00"), [alert("a", { id: "a:2" })]));
  const keys = received.map(({ headers }) => headers["idempotency-key"]);
  expect(new Set(keys).size).toBe(2);
});

test("a receiver that refuses fails the try, without its address, which may be a secret", async () => {
  const { url } = await receiver(() => ({ status: 500 }));
  const [message] = story();
  const failure = await notifier({ type: "slack", url: `${url}/services/T0/B0/secret` })
    .send(message as AlertMessage)
    .catch((thrown: Error) => thrown);
  expect(failure).toMatchObject({ code: "alert-failed", message: "The alert receiver answered 500." });
  expect(JSON.stringify(failure)).not.toContain("services");
});

test("PagerDuty: trigger, acknowledge and resolve of one dedup_key, in the shape of Events API v2", async () => {
  const { url, received } = await receiver(() => ({ status: 202, body: '{"status":"success"}' }));
  const channel = notifier({ type: "pagerduty", routingKey: "r".repeat(32), url });
  await tell(channel, story());
  expect(received.map(({ body }) => body["event_action"])).toEqual(["trigger", "acknowledge", "resolve"]);
  expect(new Set(received.map(({ body }) => body["dedup_key"])).size).toBe(1);
  await channel.send(storm());
  for (const { body } of received) expectEvent(body);
});

/** https://developer.pagerduty.com/docs/events-api-v2-overview: fields, words and limits. */
const expectEvent = (body: Record<string, unknown>): void => {
  const known = [
    "routing_key",
    "event_action",
    "dedup_key",
    "payload",
    "images",
    "links",
    "client",
    "client_url",
  ];
  expect(Object.keys(body).filter((key) => !known.includes(key))).toEqual([]);
  expect(body["routing_key"]).toMatch(/^r{32}$/);
  expect(String(body["dedup_key"]).length).toBeLessThanOrEqual(255);
  expect(JSON.stringify(body).length).toBeLessThanOrEqual(512 * 1024);
  if (body["event_action"] !== "trigger") {
    expect(body["payload"]).toBeUndefined();
    return;
  }
  const payload = body["payload"] as Record<string, string>;
  expect(payload["summary"]?.length).toBeLessThanOrEqual(1024);
  expect(payload["source"]).toBeTruthy();
  expect(["critical", "error", "warning", "info"]).toContain(payload["severity"]);
  expect(Number.isNaN(Date.parse(payload["timestamp"] ?? ""))).toBe(false);
  for (const link of body["links"] as { href: string }[]) expect(link.href).toMatch(/^https:/);
};

test("Slack by incoming webhook: what rings, and nothing that only changes", async () => {
  const { url, received } = await receiver(() => ({ body: "ok" }));
  const channel = notifier({ type: "slack", url });
  await tell(channel, story());
  await channel.send(storm());
  expect(received).toHaveLength(3);
  for (const { body } of received) expectBlocks(body);
});

test("Slack by app: one message, changed in place; its end is a word in its thread", async () => {
  const { url, received } = await receiver(() => ({ body: '{"ok":true,"channel":"C9","ts":"17.42"}' }));
  await tell(notifier({ type: "slack-app", token: "xoxb-1", channel: "C1", apiUrl: url }), story());
  expect(
    received.map(({ path, body }) => [path, body["channel"], body["ts"] ?? body["thread_ts"] ?? null]),
  ).toEqual([
    ["/chat.postMessage", "C1", null],
    ["/chat.update", "C9", "17.42"],
    ["/chat.update", "C9", "17.42"],
    ["/chat.postMessage", "C9", "17.42"],
  ]);
  expect(received[0]?.headers.authorization).toBe("Bearer xoxb-1");
  for (const { body } of received.slice(0, 3)) expectBlocks(body);
});

test("Slack by app: what it refuses with 200 is a failed try; a message that is gone is said anew", async () => {
  let error = "not_in_channel";
  const { url, received } = await receiver(({ path }) => ({
    body:
      path === "/chat.update" || error === "not_in_channel"
        ? JSON.stringify({ ok: false, error })
        : '{"ok":true,"channel":"C9","ts":"18.1"}',
  }));
  const channel = notifier({ type: "slack-app", token: "xoxb-1", channel: "C1", apiUrl: url });
  const [message] = story();
  await expect(channel.send(message as AlertMessage)).rejects.toThrow("not_in_channel");
  error = "message_not_found";
  const sent = await channel.send({ ...(message as AlertMessage), ref: '{"channel":"C9","ts":"17.42"}' });
  expect(sent.ref).toBe('{"channel":"C9","ts":"18.1"}');
  expect(received.map(({ path }) => path)).toEqual([
    "/chat.postMessage",
    "/chat.update",
    "/chat.postMessage",
  ]);
});

interface Block {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly elements?: readonly {
    readonly type: string;
    readonly url?: string;
    readonly action_id?: string;
    readonly text: string | { readonly text: string };
  }[];
}

/** Limits of https://docs.slack.dev/reference/block-kit/blocks. */
const expectBlocks = (body: Record<string, unknown>): void => {
  const blocks = body["blocks"] as readonly Block[];
  expect(blocks.length).toBeLessThanOrEqual(50);
  expect(String(body["text"]).length).toBeLessThanOrEqual(4000);
  for (const { type, text, elements = [] } of blocks) {
    expect(["header", "section", "context", "actions"]).toContain(type);
    // Never Slack's markup: a live value must not ring a channel.
    if (text) expect(text.type).toBe("plain_text");
    if (text) expect(text.text.length).toBeLessThanOrEqual(type === "header" ? 150 : 3000);
    expect(elements.length).toBeLessThanOrEqual(type === "context" ? 10 : 25);
    if (type !== "actions") continue;
    for (const { url, text: label } of elements) {
      expect(url?.length).toBeLessThanOrEqual(3000);
      expect(typeof label === "string" ? label : label.text.length).toBeLessThanOrEqual(75);
    }
    expect(new Set(elements.map(({ action_id }) => action_id)).size).toBe(elements.length);
  }
};

test("issue: opened, rewritten and closed in the workspace's repository, its text harmless", async () => {
  const calls: unknown[][] = [];
  const forge: Partial<Forge> = {
    upsertIssue: async (...args) => {
      calls.push(["upsert", ...args]);
      return { number: 1 };
    },
    closeIssue: async (...args) => {
      calls.push(["close", ...args]);
    },
  };
  await tell(notifier({ type: "issue", repo: null }, forge), story());
  expect(calls.map(([what, repo]) => `${what} ${repo}`)).toEqual([
    ...["upsert acme/infra", "upsert acme/infra", "close acme/infra"],
  ]);
  const markers = new Set(calls.map(([, , marker]) => marker));
  expect(markers.size).toBe(1);
  expect(JSON.stringify(calls[0])).toContain([...markers][0]);
});
