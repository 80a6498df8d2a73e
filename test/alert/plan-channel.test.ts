import { describe, expect, test } from "vitest";
import type { AlertRoute, LiveAlert } from "../../src/model/alert.ts";
import { alert, at, channelOf, said } from "./bench.ts";

const route = (more: Partial<AlertRoute>): AlertRoute => ({
  ...{ owners: null, workspaces: null, severity: "info", afterMs: null, channels: ["ops"] },
  ...more,
});

describe("one alert", () => {
  test("is told once, changed in place, and its end is told once", () => {
    const channel = channelOf();
    const one = alert("a");
    expect(said(channel.ask(at("12:00"), [one]))).toEqual(["opened"]);
    expect(channel.ask(at("12:01"), [one])).toEqual([]);
    const changed = { ...one, text: "other" };
    expect(said(channel.ask(at("12:02"), [changed]))).toEqual(["updated quietly"]);
    expect(channel.ask(at("12:03"), [changed])).toEqual([]);
    const ended = { ...changed, endedAt: at("12:04") };
    const [end, ...rest] = channel.ask(at("12:05"), [ended]);
    expect(rest).toEqual([]);
    expect(end).toMatchObject({ event: "ended", title: "Drift ended: a", isQuiet: false });
    expect(channel.ask(at("12:06"), [ended])).toEqual([]);
  });

  test("what grows worse rings", () => {
    const channel = channelOf();
    channel.ask(at("12:00"), [alert("a")]);
    expect(said(channel.ask(at("12:01"), [alert("a", { severity: "critical" })]))).toEqual(["updated"]);
  });

  test("each life has a key of its own, each try of it the same", () => {
    const channel = channelOf();
    const [first] = channel.ask(at("12:00"), [alert("a")]);
    const [second] = channel
      .ask(at("12:10"), [
        alert("a", { endedAt: at("12:05") }),
        alert("a", { id: "a:2", openedAt: at("12:09") }),
      ])
      .filter(({ event }) => event === "opened");
    expect(first?.key).toBe("a:1:opened");
    expect(second?.key).toBe("a:2:opened");
    expect(channelOf().ask(at("12:30"), [alert("a")])[0]?.key).toBe(first?.key);
  });

  test("nobody is told of the end of what they were never told of", () => {
    expect(channelOf().ask(at("12:30"), [alert("a", { endedAt: at("12:10") })])).toEqual([]);
  });

  test("somebody has it: said once, quietly, and not reminded any more", () => {
    const channel = channelOf({ remindMs: { warning: 3_600_000 } });
    channel.ask(at("12:00"), [alert("a")]);
    const acked = alert("a", { acked: { by: "dana", at: at("12:10") } });
    const [message] = channel.ask(at("12:10"), [acked]);
    expect(message).toMatchObject({ event: "acknowledged", isQuiet: true });
    expect(message?.text).toContain("dana has it in hand");
    expect(channel.ask(at("18:00"), [acked])).toEqual([]);
  });
});

describe("by age", () => {
  test("reminders come again and again, each with a key of its own", () => {
    const channel = channelOf({ remindMs: { warning: 3_600_000 } });
    const one = alert("a");
    channel.ask(at("12:00"), [one]);
    expect(channel.ask(at("12:59"), [one])).toEqual([]);
    const [first] = channel.ask(at("13:00"), [one]);
    expect(first).toMatchObject({ event: "reminded", title: "Still open: Drift: a", key: "a:1:reminded:1" });
    expect(channel.ask(at("13:59"), [one])).toEqual([]);
    expect(channel.ask(at("14:00"), [one])[0]?.key).toBe("a:1:reminded:2");
  });

  test("a channel for escalations is told after a time, of what nobody took", () => {
    const rules = {
      routes: [route({ channels: ["chat"] }), route({ afterMs: 4 * 3_600_000, severity: "error" })],
    };
    const old = alert("a", { severity: "error" });
    const taken = alert("b", { severity: "error", acked: { by: "sam", at: at("12:10") } });
    const small = alert("c");
    const channel = channelOf(rules);
    expect(channel.ask(at("15:59"), [old, taken, small])).toEqual([]);
    const [told, ...rest] = channel.ask(at("16:00"), [old, taken, small]);
    expect(rest).toEqual([]);
    expect(told).toMatchObject({ event: "escalated", title: "Nobody took it: Drift: a" });
    expect(said(channel.ask(at("17:00"), [{ ...old, endedAt: at("16:30") }]))).toEqual(["ended"]);
  });

  test("a snooze holds the first word and the reminders", () => {
    const channel = channelOf({ remindMs: { warning: 3_600_000 } });
    const snoozed = alert("a", { snoozedUntil: at("14:00") });
    expect(channel.ask(at("12:00"), [snoozed])).toEqual([]);
    expect(said(channel.ask(at("14:00"), [snoozed]))).toEqual(["opened"]);
    const again = alert("a", { snoozedUntil: at("18:00") });
    expect(channel.ask(at("16:00"), [again])).toEqual([]);
    expect(said(channel.ask(at("18:00"), [again]))).toEqual(["reminded"]);
  });
});

describe("routes", () => {
  const cases: readonly [string, Partial<LiveAlert>, readonly AlertRoute[], boolean][] = [
    ["no routes", {}, [], true],
    ["an owner that fits, without its @", {}, [route({ owners: ["acme/*"] })], true],
    ["an owner that does not fit, and no other route", {}, [route({ owners: ["@acme/db"] })], true],
    [
      "an owner that does not fit, and another channel's route",
      {},
      [route({ owners: ["@acme/db"] }), route({ channels: ["chat"] })],
      false,
    ],
    ["a workspace", {}, [route({ workspaces: ["acme/infra//prod*"] })], true],
    ["too small for it", {}, [route({ severity: "error" }), route({ channels: ["chat"] })], false],
    ["about the service, which nobody owns", { workspace: "", owners: [] }, [route({ owners: ["*"] })], true],
  ];
  test.each(cases)("%s", (_name, more, routes, expected) => {
    expect(channelOf({ routes }).ask(at("12:00"), [alert("a", more)])).toHaveLength(expected ? 1 : 0);
  });
});

describe("quiet hours", () => {
  const quiet = [
    {
      from: 22 * 60,
      to: 7 * 60,
      days: [1, 2, 3, 4, 5],
      timezone: "Europe/Berlin",
      below: "critical" as const,
    },
  ];

  test("what is not critical is held, and told in the morning", () => {
    const channel = channelOf({ quiet });
    const night = new Date("2026-01-06T02:00:00Z");
    const small = alert("a", { openedAt: night });
    const grave = alert("b", { severity: "critical", openedAt: night });
    expect(channel.ask(night, [small, grave]).map(({ alerts }) => alerts[0]?.fingerprint)).toEqual(["b"]);
    expect(channel.ask(new Date("2026-01-06T05:59:00Z"), [small, grave])).toEqual([]);
    expect(said(channel.ask(new Date("2026-01-06T06:00:00Z"), [small, grave]))).toEqual(["opened"]);
  });

  test("what grows worse at night rings in the morning, at once where it is grave, never where it is over", () => {
    const grown = [alert("a", { severity: "error" })];
    const channel = channelOf({ quiet });
    channel.ask(at("12:00"), [alert("a")]);
    expect(channel.ask(at("22:00"), grown)).toEqual([]);
    expect(said(channel.ask(new Date("2026-01-06T06:00:00Z"), grown))).toEqual(["updated"]);
    expect(channel.ask(new Date("2026-01-06T06:01:00Z"), grown)).toEqual([]);
    const other = channelOf({ quiet });
    other.ask(at("12:00"), [alert("a")]);
    expect(other.ask(at("22:00"), grown)).toEqual([]);
    expect(said(other.ask(at("22:01"), [alert("a", { severity: "critical" })]))).toEqual(["updated"]);
    const third = channelOf({ quiet });
    third.ask(at("12:00"), [alert("a")]);
    expect(third.ask(at("22:00"), grown)).toEqual([]);
    expect(third.ask(new Date("2026-01-06T06:00:00Z"), [alert("a")])).toEqual([]);
  });

  test("reminders wait too, ends do not", () => {
    const channel = channelOf({ quiet, remindMs: { warning: 3_600_000 } });
    const one = alert("a");
    channel.ask(at("20:30"), [one]);
    expect(channel.ask(at("22:00"), [one])).toEqual([]);
    expect(said(channel.ask(at("22:30"), [{ ...one, endedAt: at("22:20") }]))).toEqual(["ended"]);
  });

  test("the early hours belong to the evening before: Sunday's night is not among the days", () => {
    const channel = channelOf({ quiet });
    expect(channel.ask(new Date("2026-01-05T02:00:00Z"), [alert("a")])).toHaveLength(1);
  });
});

describe("storms", () => {
  const many = (count: number, more: Partial<LiveAlert> = {}): readonly LiveAlert[] =>
    Array.from({ length: count }, (_, index) =>
      alert(`n${String(index).padStart(3, "0")}`, {
        workspace: `acme/infra//w${index % 50}#default`,
        ...more,
      }),
    );

  test("500 at once are one message, and their end is one", () => {
    const channel = channelOf();
    const storm = many(500).map((one, index) =>
      index === 321 ? { ...one, severity: "critical" as const } : one,
    );
    const [message, ...rest] = channel.ask(at("12:00"), storm);
    expect(rest).toEqual([]);
    expect(message).toMatchObject({ kind: "storm", event: "opened", severity: "critical" });
    expect(message?.title).toBe("500 alerts in 50 workspaces");
    expect(message?.text.split("\n")).toHaveLength(22);
    expect(message?.alerts[0]?.fingerprint).toBe("n321");
    expect(channel.ask(at("12:01"), storm)).toEqual([]);
    const half = storm.map((one, index) => (index < 250 ? { ...one, endedAt: at("12:30") } : one));
    expect(said(channel.ask(at("12:31"), half))).toEqual(["updated storm quietly 500"]);
    const over = storm.map((one) => ({ ...one, endedAt: at("12:40") }));
    expect(said(channel.ask(at("12:41"), over))).toEqual(["ended storm 500"]);
  });

  test("what trickles in joins after the first ten, and rings again only when it is worse", () => {
    const channel = channelOf();
    const all = many(60);
    const heard: string[] = [];
    for (let count = 1; count <= 60; count += 1)
      heard.push(...said(channel.ask(at("12:00"), all.slice(0, count))));
    expect(heard.filter((one) => one === "opened")).toHaveLength(10);
    expect(heard.filter((one) => one.startsWith("opened storm"))).toHaveLength(1);
    expect(heard.filter((one) => !one.includes("quietly"))).toHaveLength(11);
    const worse = alert("worse", { severity: "critical" });
    expect(said(channel.ask(at("12:01"), [...all, worse]))).toEqual(["updated storm 51"]);
  });

  test("ten are told one by one", () => {
    expect(channelOf().ask(at("12:00"), many(10))).toHaveLength(10);
  });
});

describe("digest", () => {
  const digest = { at: 9 * 60, timezone: "UTC", below: "warning" as const };

  test("what is not urgent comes once a day, in one message", () => {
    const channel = channelOf({ digest });
    const small = [alert("a", { severity: "info" }), alert("b", { severity: "info" })];
    expect(said(channel.ask(at("12:00"), [...small, alert("c")]))).toEqual(["opened"]);
    const morning = new Date("2026-01-06T09:00:00Z");
    const [message, ...rest] = channel.ask(morning, [...small, alert("c")]);
    expect(rest).toEqual([]);
    expect(message).toMatchObject({ event: "digest", title: "Digest: 2 alerts in one workspace" });
    const later = new Date("2026-01-07T10:00:00Z");
    expect(channel.ask(later, [...small, alert("c")])).toEqual([]);
    const ended = small.map((one) => ({ ...one, endedAt: later }));
    expect(channel.ask(later, [...ended, alert("c")])).toEqual([]);
    expect([...channel.threads.values()].find(({ kind }) => kind === "digest")?.endedAt).toEqual(later);
  });

  test("what the digest told and is worse by now is told at once", () => {
    const channel = channelOf({ digest });
    channel.ask(new Date("2026-01-06T09:00:00Z"), [alert("a", { severity: "info" })]);
    expect(said(channel.ask(new Date("2026-01-06T10:00:00Z"), [alert("a", { severity: "error" })]))).toEqual([
      "opened",
    ]);
  });
});

test("what opens and ends all the time is told as flapping once, and its end when it is calm", () => {
  const channel = channelOf({ flap: { times: 3, withinMs: 24 * 3_600_000, calmMs: 3_600_000 } });
  const lives: LiveAlert[] = [];
  const heard: string[] = [];
  for (let life = 0; life < 6; life += 1) {
    const openedAt = new Date(at("12:00").getTime() + life * 600_000);
    const now = { ...alert("a", { id: `a:${life}`, openedAt }) };
    heard.push(...said(channel.ask(openedAt, [...lives, now])));
    const endedAt = new Date(openedAt.getTime() + 300_000);
    lives.push({ ...now, endedAt });
    heard.push(...said(channel.ask(endedAt, lives)));
  }
  expect(heard.filter((one) => !one.includes("quietly"))).toEqual([
    ...["opened", "ended", "opened", "ended", "opened flapping"],
  ]);
  expect(channel.ask(at("13:50"), lives)).toEqual([]);
  expect(said(channel.ask(at("13:55"), lives))).toEqual(["ended flapping 4"]);
});
