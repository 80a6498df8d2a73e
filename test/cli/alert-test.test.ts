import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Received, startReceiver } from "../adapters/receiver.ts";
import { cli, folder } from "./world.ts";

let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeAll(async () => {
  receiver = await startReceiver(answerTo);
});
afterAll(() => receiver.close());

/** One receiver, shaped as each of the others where it is asked as one. */
const answerTo = ({ path }: Received): { readonly status?: number; readonly body?: string } => {
  if (path === "/slack/auth.test") return { body: '{"ok":true,"team":"Acme","user":"plumbline"}' };
  if (path.startsWith("/slack/")) return { body: '{"ok":true,"channel":"C9","ts":"17.42"}' };
  if (path === "/pager") return { status: 202, body: '{"status":"success","message":"Event processed"}' };
  return path === "/broken" ? { status: 500 } : { body: "thanks,\n  got it" };
};

const ENV = {
  ...{ PATH: process.env["PATH"], USER: "olga", PLUMBLINE_PORT: "0" },
  ...{
    PLUMBLINE_FORGE: "gitea",
    PLUMBLINE_FORGE_URL: "http://127.0.0.1:1",
    PLUMBLINE_FORGE_TOKEN: "x".repeat(20),
  },
  ...{ PLUMBLINE_WEBHOOK_SECRET: "y".repeat(40), PLUMBLINE_REPO_ALLOWLIST: "acme/*" },
  ...{ SLACK_TOKEN: "xoxb-canary", PAGER_KEY: "r".repeat(32) },
};

/** The server's file with these channels: a webhook that is in order, and the others. */
const configured = (...more: readonly string[]): string => {
  const file = join(folder(), "server.yaml");
  const channels = [`{ type: webhook, name: hook, url: "${receiver.url}/hook" }`, ...more];
  writeFileSync(file, `alerts:\n  channels:\n${channels.map((one) => `    - ${one}\n`).join("")}`);
  return file;
};
const slack = () =>
  `{ type: slack-app, name: chat, token_env: SLACK_TOKEN, channel: C1, url: "${receiver.url}/slack" }`;
const pager = () =>
  `{ type: pagerduty, name: pager, routing_key_env: PAGER_KEY, url: "${receiver.url}/pager" }`;
const broken = () => `{ type: webhook, name: bad, url: "${receiver.url}/broken" }`;

test("a test goes through one channel or all, is marked, and what was answered is said", async () => {
  const config = configured(slack(), pager());
  receiver.received.length = 0;
  const one = await cli(["alert", "test", "hook", "--config", config], { env: ENV });
  expect(one).toMatchObject({ code: 0, out: expect.stringMatching(/hook +sent +thanks, got it/) });
  expect(receiver.received).toHaveLength(1);
  expect(receiver.received[0]?.body).toMatchObject({ event: "test", severity: "info", alerts: [] });
  expect(receiver.received[0]?.body["title"]).toBe("TEST of the alert channel hook");
  expect(receiver.received[0]?.body["text"]).toContain("olga");

  const all = await cli(["alert", "test", "--config", config, "--json"], { env: ENV });
  expect(JSON.parse(all.out).channels).toEqual([
    { channel: "hook", ok: true, answer: "thanks, got it" },
    { channel: "chat", ok: true, answer: "said in C9 at 17.42" },
    { channel: "pager", ok: true, answer: expect.stringContaining("Event processed") },
  ]);
  // No incident is left behind by a test.
  const paged = receiver.received
    .filter(({ path }) => path === "/pager")
    .map(({ body }) => body["event_action"]);
  expect(paged).toEqual(["trigger", "resolve"]);
});

test("a channel that refuses is told beside those that work; an unknown one is a wrong argument", async () => {
  const config = configured(broken());
  const both = await cli(["alert", "test", "--config", config], { env: ENV });
  expect(both.code).toBe(2);
  expect(both.out).toMatch(/hook +sent/);
  expect(both.out).toMatch(/bad +failed +The alert receiver answered 500\./);
  expect(await cli(["alert", "test", "nope", "--config", config], { env: ENV })).toMatchObject({
    code: 64,
    err: expect.stringContaining("hook, bad"),
  });
});

test("where there is nothing to send to, nothing failed and nothing was sent", async () => {
  const config = configured("{ type: issue, name: issues }");
  const { code, out } = await cli(["alert", "test", "issues", "--config", config], { env: ENV });
  expect([code, out]).toEqual([0, expect.stringMatching(/issues +skipped +it is about no repository/)]);
});

test("the doctor has a line for each channel, and tells none of them anything", async () => {
  const config = configured(slack(), broken(), "{ type: issue, name: issues }");
  receiver.received.length = 0;
  const { out } = await cli(["doctor", "--json", "--config", config], { env: ENV, cwd: folder() });
  const lines = (JSON.parse(out) as { checks: { name: string; status: string; message: string }[] }).checks;
  const alerts = lines
    .filter(({ name }) => name.startsWith("alert:"))
    .map(({ name, status }) => `${name} ${status}`);
  expect(alerts).toEqual(["alert:hook ok", "alert:chat ok", "alert:bad fail", "alert:issues ok"]);
  expect(lines.find(({ name }) => name === "alert:chat")?.message).toContain("as plumbline in Acme");
  expect(out).not.toContain("xoxb-canary");
  expect(receiver.received.every(({ body }) => Object.keys(body).length === 0)).toBe(true);
});
