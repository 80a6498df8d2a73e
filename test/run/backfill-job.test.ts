import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PlumblineError } from "../../src/model/errors.ts";
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
