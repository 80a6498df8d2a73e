import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { alert, at, channelOf } from "../alert/bench.ts";
import { mailSink, readMail } from "./mail-sink.ts";

let sink: Awaited<ReturnType<typeof mailSink>>;
let mails: string[];
beforeAll(async () => {
  sink = await mailSink();
  mails = sink.mails;
});
afterAll(() => sink.close());
beforeEach(() => {
  mails.length = 0;
});

const notifier = (more: object = {}) => sink.notifier(more);

const header = (mail: string | undefined, name: string): string | undefined =>
  new RegExp(`^${name}: (.*)$`, "mi").exec(readMail(mail).headers)?.[1]?.trim();

test("the mails of one alert hang together, and what rings nobody is not sent", async () => {
  const channel = channelOf();
  const hostile = alert("a", { title: "Drift: a\r\nBcc: evil@example.com", text: "Grüße" });
  const messages = [
    ...channel.ask(at("12:00"), [hostile]),
    ...channel.ask(at("12:01"), [{ ...hostile, text: "other" }]),
    ...channel.ask(at("12:02"), [{ ...hostile, endedAt: at("12:02") }]),
  ];
  expect(messages).toHaveLength(3);
  for (const message of messages) await notifier().send(message);
  expect(mails).toHaveLength(2);
  const [opened, ended] = mails;
  expect(header(opened, "Subject")).toContain("[warning] Drift: a");
  expect(header(opened, "Bcc")).toBeUndefined();
  expect(header(opened, "To")).toBe("a@ops.example, b@ops.example");
  expect(header(opened, "Message-ID")).toMatch(/^<[0-9a-f]{40}@ops\.example>$/);
  expect(header(ended, "In-Reply-To")).toBe(header(opened, "Message-ID"));
  expect(opened).toContain("Revert: https://forge.example/acme/infra/pull/7");
});

test("a digest is one mail that begins a conversation of its own", async () => {
  const channel = channelOf({ digest: { at: 9 * 60, timezone: "UTC", below: "warning" } });
  const small = ["a", "b", "c"].map((name) => alert(name, { severity: "info", title: `Drift: ${name}` }));
  const [message, ...rest] = channel.ask(new Date("2026-01-06T09:00:00Z"), small);
  if (!message) throw new Error("none");
  expect([message.event, rest]).toEqual(["digest", []]);
  const { ref, answer } = await notifier().send(message);
  expect([ref, answer.startsWith("250")]).toEqual([null, true]);
  const [mail] = mails;
  expect(mails).toHaveLength(1);
  expect(header(mail, "Subject")).toContain("Digest: 3 alerts");
  expect(header(mail, "In-Reply-To")).toBeUndefined();
  for (const { title } of small) expect(mail).toContain(title);
});

test("without TLS nothing is sent, unless that was asked for", async () => {
  const [message] = channelOf().ask(at("12:00"), [alert("a")]);
  if (!message) throw new Error("none");
  await expect(notifier({ isInsecure: false }).send(message)).rejects.toMatchObject({ code: "alert-failed" });
  expect(mails).toEqual([]);
});

test("a refused login is a failed try", async () => {
  const [message] = channelOf().ask(at("12:00"), [alert("a")]);
  if (!message) throw new Error("none");
  const wrong = notifier({ user: "u", password: "wrong" }).send(message);
  // A look at the server (`probe`) meets that too, unlike a receiver that it does not know.
  await expect(wrong).rejects.toMatchObject({ code: "alert-failed", detail: { refused: false } });
  await expect(notifier({ to: ["nobody@ops.example"] }).send(message)).rejects.toMatchObject({
    detail: { refused: true },
  });
  await notifier({ user: "u", password: "right" }).send(message);
  expect(sink.logins).toEqual(["u:wrong", "u:right"]);
  expect(mails).toHaveLength(1);
});
