import { expect, test } from "vitest";
import { redactedNotifier } from "../../src/adapters/redacted-exits.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import type { AlertChannel, AlertMessage } from "../../src/model/alert.ts";
import type { Forge } from "../../src/ports/forge.ts";
import { alert, at, channelOf } from "../alert/bench.ts";
import { mailSink, readMail } from "./mail-sink.ts";
import { notifier, receiver } from "./notifier-bench.ts";
import { ownWebhook, pagerDutyEvent, problemsOf, slackMessage } from "./published-shapes.ts";

const SECRET = "hunter22hunter22";
/** The same with a sign in its middle that is not seen, and that is taken out on the way. */
const BROKEN = "hunter22\u202ehunter22";
const EVIL =
  "<!channel> <https://evil.example|ok> @acme/all *x* </p><script> [ok](https://evil.example) `\u0007\r\nBcc: eve@evil.example";
const hostile = `${SECRET} ${BROKEN} ${EVIL}`;

const expectSafe = (text: string): void => {
  for (const one of [SECRET, "\u0007", "\u202e", "\\u0007"]) expect(text).not.toContain(one);
};

/** Every text of an alert that may come from outside says it. */
const messages = (): readonly AlertMessage[] => {
  const one = alert("a", {
    ...{ title: hostile, text: hostile, who: hostile, workspace: hostile, owners: [hostile] },
    acked: { by: hostile, at: at("12:00") },
    url: `https://forge.example/${encodeURIComponent(SECRET)}`,
  });
  const other = { ...one, id: "b:1", fingerprint: "b" };
  const storm = channelOf({ storm: { most: 1, withinMs: 60_000 } }).ask(at("12:00"), [one, other]);
  return [...channelOf().ask(at("12:00"), [one]), ...storm];
};

const redactor = createRedactor();
redactor.learn(SECRET);

/** What each channel says of both messages: as it was sent, and all its texts. */
const saidBy = async (channel: AlertChannel): Promise<readonly Record<string, unknown>[]> => {
  const { url, received } = await receiver(() => ({ body: '{"ok":true,"channel":"C9","ts":"1.2"}' }));
  const where = "apiUrl" in channel ? { ...channel, apiUrl: url } : { ...channel, url };
  const guarded = redactedNotifier(notifier(where), redactor);
  // Told twice in its place, as a change that rings: what an app says in a thread is another text.
  for (const message of messages())
    for (const ref of [null, channel.type === "slack-app" ? '{"channel":"C9","ts":"1.2"}' : null])
      await guarded.send({ ...message, ref });
  for (const { text } of received) {
    expectSafe(text);
    expect(text).toContain("(redacted)");
  }
  return received.map(({ body }) => body);
};

test("webhook: nothing secret; the texts are data, each name on one line", async () => {
  const bodies = await saidBy({ type: "webhook", url: "", secret: null });
  for (const body of bodies) {
    expect(problemsOf(ownWebhook, body)).toEqual([]);
    expect(String(body["title"])).not.toContain("\n");
  }
});

test.each(["slack", "slack-app"] as const)("%s: no text can ring a channel, nor be a link", async (type) => {
  const bodies = await saidBy(
    type === "slack" ? { type, url: "" } : { type, token: "x", channel: "C1", apiUrl: "" },
  );
  for (const body of bodies) {
    // What stands in blocks is plain text; what stands outside of them has no sign of markup left.
    if ("blocks" in body) expect(problemsOf(slackMessage, body)).toEqual([]);
    else expect(body).toMatchObject({ mrkdwn: false, thread_ts: "1.2" });
    expect(body["text"]).not.toMatch(/[<>]/);
  }
  expect(bodies.some((body) => !("blocks" in body))).toBe(type === "slack-app");
});

test("PagerDuty: one line of summary, in the published shape", async () => {
  const bodies = await saidBy({ type: "pagerduty", routingKey: "r".repeat(32), url: "" });
  for (const body of bodies) {
    expect(problemsOf(pagerDutyEvent, body)).toEqual([]);
    expect((body["payload"] as { summary: string }).summary).not.toContain("\n");
  }
});

test("e-mail: plain text, and no header of a value's own", async () => {
  const sink = await mailSink();
  for (const message of messages()) await redactedNotifier(sink.notifier(), redactor).send(message);
  await sink.close();
  expect(sink.mails).toHaveLength(2);
  for (const { headers, text } of sink.mails.map(readMail)) {
    expect(headers).toMatch(/^Content-Type: text\/plain; charset=utf-8$/m);
    expect(headers).not.toMatch(/^Bcc:/im);
    expectSafe(`${headers}${text}`);
    expect(text).toContain("(redacted)");
  }
});

test("issue: Markdown says what it is, calls nobody and leads nowhere else", async () => {
  const said: string[] = [];
  const forge: Partial<Forge> = {
    upsertIssue: async (_repo, _marker, { title, body }) => {
      expect(title).not.toContain("\n");
      return { number: said.push(title, body) };
    },
    closeIssue: async (_repo, _marker, comment) => void said.push(comment),
  };
  const issue = redactedNotifier(notifier({ type: "issue", repo: "acme/ops" }, forge), redactor);
  for (const message of messages())
    for (const event of ["opened", "ended"] as const) await issue.send({ ...message, event });
  for (const [index, text] of said.entries()) {
    expectSafe(text);
    // Of three texts the first is a title, which forges show as it is; owners stand in code.
    if (index % 3 === 0) continue;
    const shown = text.replaceAll(/^Owned by `+ ?[^\n]*$/gm, "");
    expect(shown).not.toMatch(/<script|<!channel|<https:\/\/evil|\]\(https:\/\/evil|@acme\/all/);
  }
});
