import { afterAll, beforeAll, expect, test } from "vitest";
import { createLedger } from "../../src/adapters/ledger.ts";
import { redactedNotifier } from "../../src/adapters/redacted-exits.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import { ALERT_RULES } from "../../src/model/alert.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import type { Alert } from "../../src/model/job.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { Notifier, Sent } from "../../src/ports/notify.ts";
import { testChannel } from "../../src/run/channels.ts";
import { takeAlert } from "../../src/run/take-alert.ts";
import { tellChannel } from "../../src/run/tell-channel.ts";
import type { World } from "../../src/run/world.ts";
import { silent } from "../contract/engine-bench.ts";
import { createHandClock } from "../contract/hand-clock.ts";
import { openTestDatabase } from "../contract/test-database.ts";

let ledger: Ledger;
beforeAll(async () => {
  ledger = createLedger(await openTestDatabase());
});
afterAll(() => ledger?.close());

const opened: Alert = {
  ...{ event: "opened", fingerprint: "policy-of-w", id: "1", workspace: "o/r//w#default" },
  ...{ title: "Policies deny", text: "the password is hunter22hunter22", url: null },
};

const redactor = createRedactor();
redactor.learn("hunter22hunter22");
const clock = createHandClock();

/** The service as far as alerts go, with these channels behind the redactor, as it wires them. */
const worldWith = (...notifiers: readonly Notifier[]): World =>
  ({
    ...{ ledger, clock, redactor, log: silent },
    notifiers: notifiers.map((one) => redactedNotifier(one, redactor)),
    server: { alertRules: { ...ALERT_RULES, gatherMs: 5000 }, publicUrl: "https://plumbline.example" },
  }) as unknown as World;

const healthOf = async (name: string) => (await ledger.alerts.channels()).find((one) => one.name === name);

test("a failing channel is kept as such and catches up; the others are told once, whatever it does", async () => {
  const heard: string[] = [];
  let broken = true;
  const channel = (name: string, fails: () => boolean): Notifier => ({
    name,
    send: async (message) => {
      if (fails()) throw new Error("hunter22hunter22 was refused");
      heard.push(`${name} ${message.key} ${message.text}`);
      return { ref: `ref-${name}`, answer: "taken in" };
    },
    probe: async () => "there",
  });
  const world = worldWith(
    channel("good", () => false),
    channel("bad", () => broken),
  );

  const { followUps } = await takeAlert(world)({ alert: opened });
  expect(followUps.map(({ job, dedupeKey }) => [job, dedupeKey])).toEqual([
    [{ kind: "alert-channel", channel: "good" }, "alert-channel:good"],
    [{ kind: "alert-channel", channel: "bad" }, "alert-channel:bad"],
  ]);
  expect(followUps[0]?.notBefore?.getTime()).toBe(clock.now().getTime() + 5000);
  expect((await takeAlert(world)({ alert: opened })).followUps).toEqual([]);

  await tellChannel(world)({ channel: "good" });
  await tellChannel(world)({ channel: "good" });
  await expect(tellChannel(world)({ channel: "bad" })).rejects.toMatchObject({ code: "alert-failed" });
  await expect(tellChannel(world)({ channel: "bad" })).rejects.toMatchObject({ code: "alert-failed" });
  expect(heard).toHaveLength(1);
  expect(heard[0]).not.toContain("hunter22");
  const [bad, good] = await ledger.alerts.channels();
  expect(bad).toMatchObject({ name: "bad", failures: 2, failingSince: clock.now(), lastOkAt: null });
  expect(bad?.error).not.toContain("hunter22");
  expect(good).toMatchObject({ name: "good", failures: 0, failingSince: null, lastOkAt: clock.now() });

  broken = false;
  await tellChannel(world)({ channel: "bad" });
  expect(heard).toHaveLength(2);
  expect((await ledger.alerts.channels())[0]).toMatchObject({ failures: 0, failingSince: null, error: null });

  await takeAlert(world)({ alert: { ...opened, event: "ended", title: "Policies agree", text: "all well" } });
  for (const name of ["good", "bad"]) await tellChannel(world)({ channel: name });
  expect(heard.slice(2).map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
    "good policy-of-w:1:ended",
    "bad policy-of-w:1:ended",
  ]);

  // The known bug: what opens again must not look like a repetition to a receiver.
  await takeAlert(world)({ alert: { ...opened, id: "2" } });
  await tellChannel(world)({ channel: "good" });
  expect(heard.at(-1)).toContain("good policy-of-w:2:opened");
});

/** One channel, told of one thing; what it answers to messages and to questions can be changed. */
const moody = (name: string) => {
  const mood = {
    send: async (): Promise<Sent> => ({ ref: null, answer: "taken in" }),
    probe: async (): Promise<string> => "there",
  };
  const fails = (refused: boolean) => async (): Promise<never> => {
    throw new PlumblineError("alert-failed", "no", { detail: { refused } });
  };
  const world = worldWith({ name, send: () => mood.send(), probe: () => mood.probe() });
  return { mood, fails, world, tell: () => tellChannel(world)({ channel: name }).catch(() => null) };
};

test("what is skipped says nothing of how a channel fares", async () => {
  const { mood, fails, world, tell } = moody("quiet");
  mood.send = fails(true);
  await tell();
  expect(await healthOf("quiet")).toMatchObject({ failures: expect.any(Number), refused: true });
  const since = (await healthOf("quiet"))?.failingSince;
  expect(since).not.toBeNull();
  mood.send = async () => ({ ref: null, answer: "a mail rings, and this rings nobody", skipped: true });
  await tell();
  expect(await healthOf("quiet")).toMatchObject({ failingSince: since, error: "no" });
  const asking = { by: "olga", request: "req-1" };
  expect(await testChannel(world, asking, "quiet")).toMatchObject({ skipped: true });
  expect((await healthOf("quiet"))?.failingSince).toEqual(since);
  mood.send = async () => ({ ref: null, answer: "taken in" });
  expect(await testChannel(world, asking, "quiet")).toEqual({ answer: "taken in", skipped: false });
  expect((await healthOf("quiet"))?.failingSince).toBeNull();
});

test.each([
  ["did not answer is well once it is reached again", false, true],
  ["refused a message must take one", true, false],
])("a channel that has nothing left to tell: what %s", async (_name, refused, clears) => {
  const name = `left-${refused}`;
  const { mood, fails, tell } = moody(name);
  mood.send = fails(refused);
  mood.probe = fails(false);
  await tell();
  mood.send = async () => ({ ref: null, answer: "nothing for it", skipped: true });
  await tell();
  expect((await healthOf(name))?.failingSince).not.toBeNull();
  mood.probe = async () => "there";
  await tell();
  expect((await healthOf(name))?.failingSince === null).toBe(clears);
});

test("how channels fare that are gone is forgotten, and nothing of those that stay", async () => {
  await ledger.alerts.channelFailed("renamed", { error: "no", refused: false }, clock.now());
  await ledger.alerts.forget(new Date(0), ["good"]);
  expect((await ledger.alerts.channels()).map(({ name }) => name)).toEqual(["good"]);
  expect(await ledger.alerts.threads("bad", new Date(0))).not.toEqual([]);
});
