import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import type { AlertMessage } from "../../src/model/alert.ts";
import type { Forge } from "../../src/ports/forge.ts";
import { alert, at, channelOf } from "../alert/bench.ts";
import { notifier, receiver, storm, story, tell } from "./notifier-bench.ts";
import { ownWebhook, pagerDutyEvent, problemsOf, slackMessage } from "./published-shapes.ts";

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
  for (const { body } of received) expect(problemsOf(ownWebhook, body)).toEqual([]);
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
  for (const { body } of received) expect(problemsOf(pagerDutyEvent, body)).toEqual([]);
  expect(Math.max(...received.map(({ text }) => text.length))).toBeLessThanOrEqual(512 * 1024);
});

test("PagerDuty: what nobody took and every reminder come one severity higher, in the same incident", async () => {
  const { url, received } = await receiver(() => ({ status: 202 }));
  const pager = notifier({ type: "pagerduty", routingKey: "r".repeat(32), url });
  const hour = 3_600_000;
  const reminded = channelOf({ remindMs: { warning: hour } });
  const escalated = channelOf({
    routes: [{ owners: null, workspaces: null, severity: "info", afterMs: hour, channels: ["ops"] }],
  });
  const times = ["12:00", "13:00", "14:00", "15:00"].map(at);
  await tell(
    pager,
    times.flatMap((time) => reminded.ask(time, [alert("a")])),
  );
  await tell(
    pager,
    times.flatMap((time) => escalated.ask(time, [alert("b")])),
  );
  const told = received.map(({ body }) => {
    const {
      severity,
      summary,
      custom_details: said,
    } = body["payload"] as Record<string, string> & {
      custom_details: { severity: string };
    };
    return [body["event_action"], body["dedup_key"], severity, said.severity, summary];
  });
  expect(told).toEqual([
    ["trigger", "a:1", "warning", "warning", "Drift: a"],
    ["trigger", "a:1", "error", "warning", "Still open: Drift: a"],
    ["trigger", "a:1", "critical", "warning", "Still open: Drift: a"],
    ["trigger", "a:1", "critical", "warning", "Still open: Drift: a"],
    ["trigger", "b:1", "error", "warning", "Nobody took it: Drift: b"],
  ]);
  for (const { body } of received) expect(problemsOf(pagerDutyEvent, body)).toEqual([]);
});

test("Slack by incoming webhook: what rings, and nothing that only changes", async () => {
  const { url, received } = await receiver(() => ({ body: "ok" }));
  const channel = notifier({ type: "slack", url });
  await tell(channel, story());
  await channel.send(storm());
  expect(received).toHaveLength(3);
  for (const { body } of received) expectSlack(body);
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
  for (const { body } of received.slice(0, 3)) expectSlack(body);
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

const expectSlack = (body: Record<string, unknown>): void => {
  expect(problemsOf(slackMessage, body)).toEqual([]);
  for (const { type, elements = [] } of body["blocks"] as {
    type: string;
    elements?: { action_id?: string }[];
  }[])
    if (type === "actions") expect(new Set(elements.map((one) => one.action_id)).size).toBe(elements.length);
};

const issues = () => {
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
  return { calls, forge };
};

test("issue: opened, rewritten and closed in the workspace's repository, its text harmless", async () => {
  const { calls, forge } = issues();
  await tell(notifier({ type: "issue", repo: null }, forge), story());
  expect(calls.map(([what, repo]) => `${what} ${repo}`)).toEqual([
    ...["upsert acme/infra", "upsert acme/infra", "close acme/infra"],
  ]);
  const markers = new Set(calls.map(([, , marker]) => marker));
  expect(markers.size).toBe(1);
  expect(JSON.stringify(calls[0])).toContain([...markers][0]);
});

test("issue: a storm over repositories stays in one issue, whichever alert is the worst by then", async () => {
  const { calls, forge } = issues();
  const channel = channelOf({ storm: { most: 1, withinMs: 60_000 } });
  const one = alert("a", { workspace: "acme/one//prod#default", severity: "critical" });
  const two = alert("b", { workspace: "acme/two//prod#default" });
  const oneEnded = { ...one, endedAt: at("12:01") };
  const messages = [
    ...channel.ask(at("12:00"), [one, two]),
    ...channel.ask(at("12:01"), [oneEnded, two]),
    ...channel.ask(at("12:02"), [oneEnded, { ...two, endedAt: at("12:02") }]),
  ];
  await tell(notifier({ type: "issue", repo: null }, forge), messages);
  expect(calls.map(([what, repo]) => `${what} ${repo}`)).toEqual([
    ...["upsert acme/one", "upsert acme/one", "close acme/one"],
  ]);
});

test("a receiver that sends elsewhere refuses: nothing goes there, and its probe does not say that it is well", async () => {
  const { url, received } = await receiver();
  const moved = await receiver(() => ({ status: 301, headers: { location: url } }));
  const channel = notifier({ type: "webhook", url: moved.url, secret: null });
  await expect(tell(channel, story())).rejects.toMatchObject({
    message: "The alert receiver answered 301.",
    detail: { refused: true },
  });
  await expect(channel.probe()).rejects.toMatchObject({ code: "alert-failed" });
  expect(received).toEqual([]);
});
