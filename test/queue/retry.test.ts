import { expect, test } from "vitest";
import type { ErrorCode } from "../../src/model/error-codes.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import { nextAttempt } from "../../src/queue/retry.ts";

const now = new Date(Date.UTC(2026, 0, 1));
const wait = (code: ErrorCode, attempt: number, detail = {}): number | null => {
  const next = nextAttempt(new PlumblineError(code, "x", { detail }), attempt, now, 1);
  return next && next.getTime() - now.getTime();
};

test("an error's own fate decides", () => {
  expect(wait("config-invalid", 1)).toBeNull();
  expect(wait("bug", 1)).toBeNull();
  expect([1, 2, 3, 4].map((attempt) => wait("state-moved", attempt))).toEqual([0, 0, 0, null]);
  expect([1, 2, 3, 7, 8].map((attempt) => wait("git-failed", attempt))).toEqual([
    1000,
    2000,
    4000,
    64_000,
    null,
  ]);
});

test("who waits for somebody else stays patient, with a bounded pause", () => {
  expect(wait("workspace-busy", 100)).toBe(60_000);
  expect(wait("forge-unavailable", 1000)).toBe(300_000);
});

test("the other side's wish is kept, within reason", () => {
  expect(wait("forge-rate-limited", 1, { retryAfterSeconds: "90" })).toBe(90_000);
  expect(wait("forge-rate-limited", 1, { retryAfterSeconds: 999_999 })).toBe(3_600_000);
  expect(wait("forge-rate-limited", 1, { retryAfterSeconds: "soon" })).toBe(1000);
});

test("chance spreads", () => {
  const error = new PlumblineError("git-failed", "x");
  expect(nextAttempt(error, 1, now, 0)?.getTime()).toBe(now.getTime() + 800);
});
