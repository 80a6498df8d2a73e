import { expect, test } from "vitest";
import type { JobOf } from "../../src/model/job.ts";
import { driftJob } from "../../src/run/drift-run.ts";
import type { World } from "../../src/run/world.ts";
import { quiet } from "../contract/jobs.ts";

const workspace = "acme/infra//db#default";
const now = new Date("2026-07-01T00:00:00Z");
const config = { kind: "postgres-migrations", drift: { ignore: [] } };

const PULL = { repo: "acme/infra", number: 7 };

/** The look's job, while a run holds the workspace; what it says to the audit besides. */
const lookWhileHeld = () => {
  const audited: unknown[] = [];
  const ledger = {
    workspaces: { get: async () => ({ key: workspace, removedAt: null, frozen: null, config }) },
    leases: { get: async () => ({ run: "run_1" }) },
    runs: { get: async (id: string) => (id === "run_7" ? { pull: PULL } : null) },
    pulls: { list: async () => [] },
    audit: { append: async (entry: unknown) => void audited.push(entry) },
  };
  const server = { triggerWords: ["plumbline"] };
  const world = { ledger, server, log: quiet, clock: { now: () => now } } as unknown as World;
  const never = () => Promise.reject(new Error("looked"));
  const job = driftJob(world, { terraform: never, "postgres-migrations": never });
  return {
    audited,
    after: async (wish: Partial<JobOf<"drift">>) =>
      (await job({ workspace, slot: "", ...wish }, AbortSignal.any([]))).followUps,
  };
};

test("while a run holds the workspace the schedule's look is left out, and one that was asked for waits", async () => {
  const { after } = lookWhileHeld();
  const words = ["command", "request", "ignore", "revert", "formalize", "desired", "after", "found-by"];
  for (const slot of words.map((word) => `${word}:7`))
    expect(await after({ slot })).toEqual([
      {
        job: { kind: "drift", workspace, slot, until: "2026-07-01T06:00:00.000Z" },
        dedupeKey: `look:${workspace}:${slot}`,
        notBefore: new Date("2026-07-01T00:00:30Z"),
      },
    ]);
  expect(await after({ slot: "2026-07-01T00" })).toEqual([]);
});

test("it waits no longer than six hours; then whoever asked is told, and the audit knows", async () => {
  const { after, audited } = lookWhileHeld();
  const [again] = await after({ slot: "command:5", pull: PULL, until: "2026-07-01T00:00:01.000Z" });
  expect(again?.job).toMatchObject({ kind: "drift", pull: PULL, until: "2026-07-01T00:00:01.000Z" });
  expect(audited).toEqual([]);
  const until = now.toISOString();
  for (const wish of [{ slot: "command:5", pull: PULL }, { slot: "after:run_7" }]) {
    const [told] = await after({ ...wish, until });
    expect(told?.job).toMatchObject({ kind: "reply", pull: PULL });
    expect(JSON.stringify(told?.job)).toContain("Nobody looked for drift in `acme/infra//db#default`");
  }
  expect(await after({ slot: "request:9", until })).toEqual([]);
  expect(audited).toHaveLength(3);
  expect(audited[2]).toMatchObject({ action: "drift-not-looked", details: { holder: "run_1" } });
});
