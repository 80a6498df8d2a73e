import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createReadModel } from "../../src/adapters/read-model.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import type { FollowUp } from "../../src/model/job.ts";
import { backfillComment } from "../../src/report/backfill-comment.ts";
import { BACKFILL_KEY, BACKFILL_NAME } from "../child/backfill-world.ts";
import { type JobStage, openJobStage } from "./backfill-stage.ts";

describe("a slice of a backfill", () => {
  let stage: JobStage;
  beforeEach(async () => {
    stage = await openJobStage();
  });
  afterEach(() => stage.close());

  const job = () => stage.job();
  const say = (verb: string, number = 1) => stage.say({ args: [verb] }, { number });

  test("a resume that comes after a pause, while a batch is under way, is not lost; however often", async () => {
    await stage.approve();
    stage.seen.during = async () => {
      await say("pause");
      await say("resume");
      return "paused";
    };
    for (const _time of [1, 2]) {
      await job();
      expect(await stage.row()).toMatchObject({ state: "running", wish: "resume" });
    }
    stage.seen.during = async () => "done";
    await job();
    expect(stage.seen.wishes).toEqual([null, "resume", "resume"]);
    expect(await stage.row()).toMatchObject({ state: "done", done: 100, wish: null });
  });

  test("a pause from a terminal is taken over, and one of a person is not written over", async () => {
    await stage.approve();
    stage.seen.during = async () => "paused";
    await job();
    expect(await stage.row()).toMatchObject({ state: "paused" });
    await say("resume");
    stage.seen.during = async () => {
      await say("pause");
      return "running";
    };
    await job();
    expect(await stage.row()).toMatchObject({ state: "paused", reason: "paused by dana", done: 100 });
  });

  test("that of a workspace which left the code stops; its pull request can still cancel it", async () => {
    await stage.approve();
    await stage.world.ledger.workspaces.markRemoved(BACKFILL_KEY, new Date());
    await job();
    expect(stage.seen.wishes).toEqual([]);
    expect(await stage.row()).toMatchObject({
      state: "stopped",
      reason: expect.stringContaining("not in the code"),
    });
    await say("cancel");
    expect(await stage.row()).toMatchObject({ state: "cancelled" });
  });

  test("after an apply that left something to do it stops, and goes on at a person's word", async () => {
    await stage.approve(false);
    await job();
    expect(await stage.row()).toMatchObject({
      state: "stopped",
      reason: expect.stringContaining("something was still left to do"),
    });
    expect(stage.seen.wishes).toEqual([]);
    await say("resume");
    await job();
    expect(stage.seen.wishes).toEqual(["resume"]);
    expect(await stage.row()).toMatchObject({ state: "done" });
  });

  test("an answer that stays the same stops it, one that passes is waited for", async () => {
    await stage.approve();
    stage.seen.during = () => Promise.reject(new PlumblineError("database-unavailable", "a deadlock"));
    await job();
    expect(await stage.row()).toMatchObject({
      state: "running",
      throttle: expect.stringContaining("a deadlock"),
    });
    stage.seen.during = () => Promise.reject(new PlumblineError("sql-failed", "undefined table"));
    await job();
    expect(await stage.row()).toMatchObject({
      state: "stopped",
      reason: expect.stringContaining("undefined table"),
    });
  });

  test("a stop is told to every channel until somebody decides; what was counted at its end is kept and told", async () => {
    await stage.approve();
    const at = new Date();
    stage.seen.during = async () => "stopped";
    stage.seen.more = { reason: "2 rows are left", verification: { left: 2, problem: null, at } };
    const { followUps } = await job();
    expect(alertsIn(followUps)).toMatchObject([
      {
        ...{ event: "opened", workspace: BACKFILL_KEY, url: null },
        text: expect.stringMatching(/stopped by itself: 2 rows are left\. .*acme\/shop#1/),
      },
    ]);
    const [stop] = alertsIn(followUps);
    expect(await numbers()).toMatchObject({ done: 100, expected: 300, dead: 0, worstShare: 0 });
    const { ledger } = stage.world;
    const asked: (readonly FollowUp[])[] = [];
    const outbox = { ...ledger.outbox, add: async (jobs: readonly FollowUp[]) => void asked.push(jobs) };
    const transaction: typeof ledger.transaction = (work) =>
      ledger.transaction((inside) => work({ ...inside, outbox }));
    Object.assign(stage.world, { ledger: { ...ledger, transaction } });
    await say("resume");
    expect(alertsIn(asked.flat())).toMatchObject([{ event: "ended", fingerprint: stop?.fingerprint }]);
    stage.seen.during = async () => "done";
    stage.seen.more = { verification: { left: 0, problem: null, at } };
    expect(alertsIn((await job()).followUps)).toEqual([]);
    const row = (await stage.row()) ?? expect.unreachable();
    expect(row).toMatchObject({ state: "done", verification: { left: 0, problem: null, at } });
    expect(backfillComment([row])).toContain("verified, no row is left.");
    const trail = await ledger.audit.list({ subject: BACKFILL_KEY });
    expect(trail.every(({ details }) => (details as { run?: string }).run === "run_1")).toBe(true);
    const ends = trail.map(({ action, details }) => [action, (details as { left?: number }).left]);
    expect(ends).toEqual([
      ["backfill-stopped", 2],
      ["backfill-resumed", undefined],
      ["backfill-done", 0],
    ]);
  });

  const alertsIn = (jobs: readonly FollowUp[]) =>
    jobs.flatMap(({ job: one }) => (one.kind === "alert" ? [one.alert] : []));
  const numbers = async () => {
    const now = new Date();
    return (await createReadModel(stage.database).numbers({ visible: ["*"], from: new Date(0), now }))
      .backfills;
  };

  test("a word without a name on another pull request is about none of it", async () => {
    await stage.approve();
    await say("cancel", 2);
    expect(await stage.row()).toMatchObject({ state: "waiting" });
  });

  test("the ledger's row: approved anew while it waits only, changed by who holds it, listed by state", async () => {
    await stage.approve();
    const { backfills } = stage.world.ledger;
    const row = (await stage.row()) ?? expect.unreachable();
    const change = (token: number) =>
      backfills.change(BACKFILL_KEY, BACKFILL_NAME, {
        ...{ from: ["waiting", "running"], token },
        set: { state: "running", token: 7 },
      });
    expect(await backfills.approve({ ...row, run: "run_2" })).toBe(true);
    expect(await change(0)).toBe(true);
    expect(await change(0)).toBe(false);
    expect(await backfills.approve({ ...row, run: "run_3" })).toBe(false);
    expect(await backfills.list({ states: ["running"], pull: { repo: "acme/shop", number: 1 } })).toEqual([
      { ...row, run: "run_2", state: "running", token: 7 },
    ]);
    expect(await backfills.list({ states: ["waiting"] })).toEqual([]);
  });
});
