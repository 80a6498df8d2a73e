import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextSlot, scheduleProblem, slotOf, slotsBetween } from "../../src/config/cron.ts";

const at = (text: string): Date => new Date(`2026-${text}Z`);
const slot = (schedule: string, now: string): string | null =>
  slotOf("acme/infra//rds#default", schedule, at(now), 0);

describe("schedules that hold", () => {
  test.each([
    "*/30 * * * *",
    "0 6 * * 1-5",
    "15,45 */2 1,15 * *",
    "0 0 * jan,JUL sun",
    "5/20 * * * 7",
    "6h",
    "30m",
    " 0 0 1 1 * ",
  ])("%s", (schedule) => {
    expect(scheduleProblem(schedule)).toBeUndefined();
  });
});

describe("schedules that do not", () => {
  const rows: readonly [schedule: string, why: RegExp][] = [
    ["* * * *", /five fields/],
    ["* * * * * *", /five fields/],
    ["", /five fields/],
    ["60 * * * *", /`60` is no minute/],
    ["* 24 * * *", /no hour/],
    ["* * 0 * *", /no day of the month/],
    ["* * * 13 *", /no month/],
    ["* * * * 8", /no day of the week/],
    ["*/0 * * * *", /no minute/],
    ["10-5 * * * *", /no minute/],
    ["1,,2 * * * *", /no minute/],
    ["0 0 31 2 *", /never comes/],
    ["30s", /at least one minute/],
  ];
  test.each(rows)("%j", (schedule, why) => {
    expect(scheduleProblem(schedule)).toMatch(why);
  });
});

describe("the next slot", () => {
  const next = (schedule: string, now: string, jitter = 0) =>
    nextSlot("acme/infra//rds#default", schedule, at(now), jitter)?.toISOString().slice(0, 16) ?? null;

  test.each([
    ["*/30 * * * *", "03-01T10:30:59", "2026-03-01T11:00"],
    ["0 6 * * 1-5", "03-06T06:00", "2026-03-09T06:00"],
    ["0 0 13 * 1", "03-10T00:00", "2026-03-13T00:00"],
    ["0 0 29 2 *", "03-01T10:00", "2028-02-29T00:00"],
    ["6h", "03-01T12:00", "2026-03-01T18:00"],
    ["off", "03-01T12:00", null],
  ])("of %s after %s", (schedule, now, slotTime) => {
    expect(next(schedule, now)).toBe(slotTime);
  });

  test("is the first minute after now in which a slot begins, jitter and all", () => {
    const fields = fc.constantFrom(
      "*/7 * * * *",
      "3 */5 * * *",
      "59 23 1,15 * 3",
      "17m",
      "0 0 * jan,jul sun",
    );
    const minute = fc.integer({ min: 29_000_000, max: 30_000_000 });
    fc.assert(
      fc.property(fields, minute, fc.nat(3600), (schedule, from, jitter) => {
        const key = "acme/infra//rds#default";
        const found = nextSlot(key, schedule, new Date(from * 60_000), jitter);
        const after = (found?.getTime() ?? 0) / 60_000 - from;
        expect(after).toBeGreaterThan(0);
        expect(slotOf(key, schedule, found ?? new Date(0), jitter)).not.toBeNull();
        expect(slotsBetween(key, schedule, new Date(from * 60_000), found ?? new Date(0), jitter)).toBe(1);
      }),
      { numRuns: 30 },
    );
  });
});

describe("slots", () => {
  test("begin in their minute, whatever its seconds, in UTC", () => {
    expect(slot("*/30 * * * *", "03-01T10:30:00")).toBe("2026-03-01T10:30Z");
    expect(slot("*/30 * * * *", "03-01T10:30:59.9")).toBe("2026-03-01T10:30Z");
    expect(slot("*/30 * * * *", "03-01T10:31:00")).toBeNull();
  });

  test("of an interval stand at its multiples", () => {
    expect(slot("6h", "03-01T18:00:30")).toBe("2026-03-01T18:00Z");
    expect(slot("6h", "03-01T17:00:00")).toBeNull();
  });

  test("either kind of day is enough where both are named", () => {
    // 2026-03-02 is a Monday.
    expect(slot("0 0 13 * 1", "03-02T00:00")).not.toBeNull();
    expect(slot("0 0 13 * 1", "03-13T00:00")).not.toBeNull();
    expect(slot("0 0 13 * 1", "03-14T00:00")).toBeNull();
    expect(slot("0 0 * * 0", "03-01T00:00")).not.toBeNull();
    expect(slot("0 0 * * 7", "03-01T00:00")).not.toBeNull();
  });

  test("that a late tick has missed are found by looking back", () => {
    expect(slotOf("w", "0 * * * *", at("03-01T10:04"), 0, 5)).toBe("2026-03-01T10:00Z");
    expect(slotOf("w", "0 * * * *", at("03-01T10:06"), 0, 5)).toBeNull();
  });

  test("a schedule that cannot be read has none", () => {
    expect(slot("soon", "03-01T10:00")).toBeNull();
  });

  test("with jitter come once per turn, at the workspace's own minute, never later than the jitter", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.integer({ min: 0, max: 25 }),
        (workspace, jitterMinutes) => {
          const start = at("03-01T10:00").getTime();
          const found = Array.from({ length: 60 }, (_, minute) => ({
            minute,
            slot: slotOf(workspace, "*/30 * * * *", new Date(start + minute * 60_000), jitterMinutes * 60),
          })).filter((tick) => tick.slot !== null);
          expect(found).toHaveLength(2);
          const [first, second] = found;
          expect(first?.slot).toBe("2026-03-01T10:00Z");
          expect(first?.minute).toBeLessThanOrEqual(jitterMinutes);
          expect((second?.minute ?? 0) - (first?.minute ?? 0)).toBe(30);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("spread a fleet", () => {
    const minutes = Array.from({ length: 200 }, (_, index) =>
      Array.from({ length: 10 }, (_, minute) => minute).find(
        (minute) =>
          slotOf(`acme/infra//w${index}#default`, "0 * * * *", at(`03-01T10:0${minute}`), 540) !== null,
      ),
    );
    expect(new Set(minutes).size).toBe(10);
  });
});
