import { expect, test } from "vitest";
import { nextOpening } from "../../src/gate/windows.ts";

const office = { days: ["fri"], from: "09:00", to: "16:00", timezone: "Europe/Berlin" } as const;
const night = { days: ["mon", "tue"], from: "22:00", to: "04:00", timezone: "UTC" } as const;
const opens = (windows: Parameters<typeof nextOpening>[0], at: string) =>
  nextOpening(windows, new Date(at))?.toISOString().slice(0, 16) ?? null;

test("the next opening is the first of all windows, a week ahead at most", () => {
  expect(opens([office], "2026-07-03T06:59:30Z")).toBe("2026-07-03T07:00");
  expect(opens([office], "2026-07-03T14:00:00Z")).toBe("2026-07-10T07:00");
  expect(opens([office, night], "2026-07-03T14:00:00Z")).toBe("2026-07-06T22:00");
  expect(opens([night], "2026-07-07T04:00:00Z")).toBe("2026-07-07T22:00");
  expect(opens([], "2026-07-07T04:00:00Z")).toBe(null);
  expect(opens([{ ...office, days: [] }], "2026-07-07T04:00:00Z")).toBe(null);
});

test("an hour that a night gives or takes moves it", () => {
  // Berlin leaves summer time on Sunday 2026-10-25 and takes it on Sunday 2026-03-29.
  expect(opens([office], "2026-10-23T14:00:00Z")).toBe("2026-10-30T08:00");
  expect(opens([office], "2026-03-27T15:00:00Z")).toBe("2026-04-03T07:00");
});
