import { expect, test } from "vitest";
import type { AlertChannel, AlertMessage } from "../../src/model/alert.ts";
import type { Forge } from "../../src/ports/forge.ts";
import { linksOf } from "../../src/run/tell-channel.ts";
import { alert, at, channelOf } from "../alert/bench.ts";
import { mailSink, readMail } from "./mail-sink.ts";
import { notifier, receiver } from "./notifier-bench.ts";
import { ownWebhook, pagerDutyEvent, problemsOf, slackMessage } from "./published-shapes.ts";

const LIST = "https://plumbline.example/findings?told=ops%3A";
const PAGES = [1, 2, 3].map((finding) => `https://plumbline.example/drift/${finding}`);
const lead = { linksOf: (one: Parameters<typeof linksOf>[1]) => linksOf("https://plumbline.example", one) };

const three = (more: object = {}) =>
  [1, 2, 3].map((finding) => alert(`n${finding}`, { finding, severity: "info", ...more }));

/** Each kind of message that is about more than one thing. */
const groups: readonly (readonly [string, () => AlertMessage | undefined])[] = [
  [
    "a storm",
    () => channelOf({ storm: { most: 1, withinMs: 60_000 } }, "ops", lead).ask(at("12:00"), three())[0],
  ],
  [
    "a digest",
    () =>
      channelOf({ digest: { at: 13 * 60, timezone: "UTC", below: "warning" } }, "ops", lead).ask(
        at("13:00"),
        three(),
      )[0],
  ],
];

test.each(groups)(
  "%s leads to the page of all that it tells of, and to each that it names",
  async (_name, said) => {
    const message = said();
    if (!message) throw new Error("none");
    expect(message.links).toEqual([{ label: "Show all 3", url: expect.stringContaining(LIST) }]);
    const all = message.links[0]?.url ?? "";
    const { url, received } = await receiver(() => ({ body: '{"ok":true,"channel":"C9","ts":"1.2"}' }));
    const channels: readonly AlertChannel[] = [
      { type: "webhook", url, secret: null },
      { type: "slack", url },
      { type: "slack-app", token: "x", channel: "C1", apiUrl: url },
      { type: "pagerduty", routingKey: "r".repeat(32), url },
    ];
    // A pager is told of no digest: as a storm it would be shown so.
    for (const channel of channels) await notifier(channel).send({ ...message, event: "opened" });
    expect(received).toHaveLength(4);
    const [hook, slack, app, pager] = received.map(({ body }) => body);
    expect(hook).toMatchObject({ url: all, links: message.links });
    for (const one of [slack, app]) expect(problemsOf(slackMessage, one)).toEqual([]);
    expect(problemsOf(ownWebhook, hook)).toEqual([]);
    expect(problemsOf(pagerDutyEvent, pager)).toEqual([]);
    expect(pager?.["client_url"]).toBe(all);
    for (const { text } of received) for (const page of [all, ...PAGES]) expect(text).toContain(page);
    // Whoever is to press a button sees what it is about.
    expect(JSON.stringify(slack?.["blocks"])).toMatch(
      /Drift: n1 · acme.*drift\/1\/snooze.*Drift: n2 · acme.*drift\/2\/snooze/,
    );

    const issues: string[] = [];
    const forge: Partial<Forge> = {
      upsertIssue: async (_repo, _marker, { body }) => ({ number: issues.push(body) }),
    };
    await notifier({ type: "issue", repo: "acme/ops" }, forge).send(message);
    const sink = await mailSink();
    await sink.notifier().send(message);
    await sink.close();
    for (const page of [all, ...PAGES]) expect(issues[0]).toContain(`](<${page}>)`);
    const { text } = readMail(sink.mails[0]);
    for (const page of [all, ...PAGES]) expect(text).toContain(`: ${page}`);
    expect(text).toContain("Formalize, Revert, Snooze: https://plumbline.example/drift/1");
  },
);

test("what flaps is one thing, however often it opened: its own ways out are there", () => {
  const channel = channelOf({ flap: { times: 2, withinMs: 3_600_000, calmMs: 60_000 } }, "ops", lead);
  const first = alert("a", { endedAt: at("12:05") });
  const second = alert("a", { id: "a:2", openedAt: at("12:10"), finding: 8 });
  const [message] = channel.ask(at("12:10"), [first, second]);
  expect(message).toMatchObject({ kind: "flapping" });
  expect(message?.links.map(({ url }) => url)).toContain("https://plumbline.example/drift/8/revert");
});

test.each([
  [
    "policies deny: its workspace",
    { finding: null, url: null },
    "/workspaces/acme%2Finfra%2F%2Fprod%23default",
  ],
  ["a silent replica: where everybody looks", { finding: null, url: null, workspace: "" }, "/"],
])("what is no finding leads to what it is about: %s", (_name, more, path) => {
  const [message] = channelOf({}, "ops", lead).ask(at("12:00"), [alert("a", more)]);
  expect(message?.links).toEqual([{ label: "Show it", url: `https://plumbline.example${path}` }]);
});
