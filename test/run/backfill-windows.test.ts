import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { backfillComment } from "../../src/report/backfill-comment.ts";
import { approveBackfills } from "../../src/run/backfill-approve.ts";
import { setSwitch } from "../../src/run/freeze-switch.ts";
import { BACKFILL_KEY, BACKFILL_NAME } from "../child/backfill-world.ts";
import { type JobStage, openJobStage } from "./backfill-stage.ts";

const HOUR_MS = 3_600_000;
const minute = (ms: number): string => new Date(Date.now() + ms).toISOString().slice(0, 16);
const opens = minute(2 * HOUR_MS);
const closes = minute(3 * HOUR_MS);

let stage: JobStage;
beforeAll(async () => {
  stage = await open();
});
afterAll(() => stage.close());
beforeEach(async () => {
  stage.seen.wishes.splice(0);
  await stage.world.ledger.backfills.change(BACKFILL_KEY, BACKFILL_NAME, {
    from: ["waiting", "running", "paused"],
    set: { state: "waiting", token: 0, reason: null, throttle: null, wish: null, freezeOverride: null },
  });
});

/** A repository whose changes of class R2 have a window, which opens in two hours. */
const open = async (more = ""): Promise<JobStage> => {
  const opened = await openJobStage(more);
  const config = `version: 1
governance:
  classes:
    R2:
      windows: [{from: "${opens.slice(11)}", to: "${closes.slice(11)}", timezone: UTC}]
`;
  Object.assign(opened.world.git, {
    readFiles: async () => new Map([["plumbline.yaml", new TextEncoder().encode(config)]]),
  });
  const forge = { permission: async (_repo: string, who: string) => (who === "mona" ? "maintain" : "write") };
  Object.assign(opened.world, { forge });
  await opened.approve();
  return opened;
};
const row = async () => (await stage.row()) ?? expect.unreachable();
const override = (by: string, reason = "the auditor waits", verb = "resume") =>
  stage.say({ args: [verb], flags: { "override-freeze": reason } }, { by });
const answers = async (told: ReturnType<typeof override>) =>
  (await told).flatMap(({ job }) => (job.kind === "reply" ? [job.body] : [])).join();
const freeze = () => {
  const { world } = stage;
  const server = { ...world.server, databaseUrl: "postgres://ledger" };
  const since = world.clock.now();
  return setSwitch(
    { ...world, server },
    "*",
    { target: "*", by: "ann", reason: "a bad night", since },
    "ann",
  );
};

test("outside of the windows of its class it does not begin; comment and job say until when", async () => {
  const { followUps } = await stage.job();
  expect(stage.seen.wishes).toEqual([]);
  const until = `closed until ${opens.replace("T", " ")} UTC`;
  expect(await row()).toMatchObject({ state: "waiting", throttle: expect.stringContaining(until) });
  expect(backfillComment([await row()])).toContain(until);
  expect(followUps.map(({ job }) => job.kind)).toEqual(["publish", "backfill"]);
  // The same reason is not told again.
  expect((await stage.job()).followUps.map(({ job }) => job.kind)).toEqual(["backfill"]);
});

test("one under way is held as well, and a pause is no way through", async () => {
  await stage.world.ledger.backfills.change(BACKFILL_KEY, BACKFILL_NAME, {
    from: ["waiting"],
    set: { state: "running", token: 2 },
  });
  await stage.say({ args: ["pause"] });
  await stage.say({ args: ["resume"] });
  await stage.job();
  expect(stage.seen.wishes).toEqual([]);
});

test("its file may say otherwise", async () => {
  const other = await open("outside_windows: true\n");
  await other.job();
  expect(await other.row()).toMatchObject({ state: "done" });
  await other.close();
});

test("who may set a freeze aside lets it go on, through windows and what was frozen before; a pause ends that", async () => {
  stage.seen.during = async () => "running";
  await freeze();
  await stage.job();
  expect(await row()).toMatchObject({ throttle: expect.stringContaining("a bad night") });
  expect(await answers(override("dana"))).toContain("may not set a freeze aside");
  expect(await answers(override("mona", " "))).toContain("Say why");
  expect(await answers(override("mona", "x", "pause"))).toContain("goes with");
  expect((await row()).freezeOverride).toBe(null);
  expect(await answers(override("mona"))).toContain("Going on, whatever is frozen or closed now");
  await stage.job();
  expect(stage.seen.wishes).toEqual([null]);
  expect(await row()).toMatchObject({ state: "running", throttle: null, freezeOverride: { by: "mona" } });
  const [entry] = (await stage.world.ledger.audit.list({ subject: BACKFILL_KEY })).filter(
    ({ action }) => action === "backfill-freeze-overridden",
  );
  expect(entry).toMatchObject({ actor: "mona", details: { reason: "the auditor waits", was: "waiting" } });
  await stage.say({ args: ["pause"] });
  await stage.say({ args: ["resume"] });
  await stage.job();
  expect(stage.seen.wishes).toHaveLength(1);
  await override("mona");
  await freeze();
  await stage.job();
  expect(stage.seen.wishes).toHaveLength(1);
});

test("an apply that was let through a freeze lets its backfills through, by the same word for the same plan", async () => {
  const { ledger } = stage.world;
  const { pull, run: id } = await row();
  const run = (await ledger.runs.get(id)) ?? expect.unreachable();
  const word = { workspace: BACKFILL_KEY, kind: "override-freeze", by: "mona", paths: [] } as const;
  const at = new Date();
  if (pull) await ledger.approvals.add({ ...word, pull, head: "c1", digest: "pd1:mine", at });
  const approve = async (digest: string) => {
    const planned = {
      name: BACKFILL_NAME,
      file: "score.backfill.yaml",
      checksum: "c",
      table: "t",
      class: "R2",
    };
    await approveBackfills(
      stage.world,
      { run, workspace: { key: BACKFILL_KEY, dir: "db" } } as never,
      { tree: { commit: "c1" } } as never,
      { migration: { backfills: [planned] }, digest: { digest } } as never,
    );
    return (await row()).freezeOverride;
  };
  expect(await approve("pd1:other")).toBe(null);
  expect(await approve("pd1:mine")).toEqual({ by: "mona", at });
});

test("what cannot be read counts as frozen, whatever was said before", async () => {
  await override("mona");
  Object.assign(stage.world.files, { read: () => Promise.reject(new Error("no such disk")) });
  await stage.job();
  expect(stage.seen.wishes).toEqual([]);
});
