import { expect, test } from "vitest";
import { type ScheduleWorld, tick } from "../../src/entry/schedule.ts";
import type { Job } from "../../src/model/job.ts";
import { silent } from "../contract/engine-bench.ts";

/** What one tick at 09:30 queues for three workspaces: the server's schedule, off, frozen. */
const queued = async (more: Partial<ScheduleWorld>): Promise<readonly Job[]> => {
  const jobs: Job[] = [];
  const ledger = {
    workspaces: {
      list: async () => [
        { key: "a//plain#default", config: {}, frozen: null },
        { key: "a//off#default", config: { schedule: "off" }, frozen: null },
        { key: "a//frozen#default", config: {}, frozen: { why: "state-unsaved" } },
      ],
    },
    deliveries: { remember: async () => true },
    leases: { get: async () => null },
    outbox: { add: async (added: { job: Job }[]) => void jobs.push(...added.map(({ job }) => job)) },
    transaction: async (work: (inside: unknown) => Promise<unknown>) => work(ledger),
  };
  await tick({
    ledger: ledger as unknown as ScheduleWorld["ledger"],
    log: silent,
    now: () => new Date("2026-11-21T09:30:10Z"),
    defaultSchedule: "*/30 * * * *",
    jitterSeconds: 0,
    audits: true,
    nudge: () => {},
    ...more,
  });
  return jobs;
};
const short = (jobs: readonly Job[]) =>
  jobs.map((job) => (job.kind === "drift" ? `${job.workspace} ${job.only ?? "drift"}` : job.kind));

test("policies are asked on the schedule also where drift is off", async () => {
  expect(short(await queued({}))).toEqual([
    "a//plain#default drift",
    "a//off#default policies",
    "a//frozen#default drift",
  ]);
});

test("without policies a schedule that is off asks for nothing", async () => {
  expect(short(await queued({ audits: false }))).toEqual([
    "a//plain#default drift",
    "a//frozen#default drift",
  ]);
});

test("where the server looks for no drift either, policies are asked once a day", async () => {
  const at = (time: string) => queued({ defaultSchedule: "off", now: () => new Date(time) });
  expect(short(await at("2026-11-21T09:30:10Z"))).toEqual([]);
  expect(short(await at("2026-11-21T00:00:10Z"))).toContain("a//off#default policies");
});
