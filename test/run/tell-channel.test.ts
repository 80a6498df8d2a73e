import { afterAll, beforeAll, expect, test } from "vitest";
import { createLedger } from "../../src/adapters/ledger.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import { ALERT_RULES } from "../../src/model/alert.ts";
import type { Alert } from "../../src/model/job.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { Notifier } from "../../src/ports/notify.ts";
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

test("a failing channel is kept as such and catches up; the others are told once, whatever it does", async () => {
  const clock = createHandClock();
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
  const redactor = createRedactor();
  redactor.learn("hunter22hunter22");
  const world = {
    ...{ ledger, clock, redactor, log: silent },
    notifiers: [channel("good", () => false), channel("bad", () => broken)],
    server: { alertRules: { ...ALERT_RULES, gatherMs: 5000 }, publicUrl: null },
  } as unknown as World;

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
