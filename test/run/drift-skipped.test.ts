import { expect, test } from "vitest";
import { driftJob } from "../../src/run/drift-run.ts";
import type { World } from "../../src/run/world.ts";
import { quiet } from "../contract/jobs.ts";

const workspace = "acme/infra//db#default";
const now = new Date("2026-07-01T00:00:00Z");
const config = { kind: "postgres-migrations", drift: { ignore: [] } };

test("while a run holds the workspace the schedule's look is left out, and one that somebody was promised waits", async () => {
  const ledger = {
    workspaces: { get: async () => ({ key: workspace, removedAt: null, frozen: null, config }) },
    leases: { get: async () => ({ run: "run_1" }) },
  };
  const world = { ledger, log: quiet, clock: { now: () => now } } as unknown as World;
  const never = () => Promise.reject(new Error("looked"));
  const job = driftJob(world, { terraform: never, "postgres-migrations": never });
  const after = async (slot: string) =>
    (await job({ workspace, slot }, AbortSignal.any([]))).followUps.map(({ job: { kind }, notBefore }) => ({
      ...{ kind, notBefore },
    }));
  for (const slot of ["revert:7", "formalize:7", "desired:abc"])
    expect(await after(slot)).toEqual([{ kind: "drift", notBefore: new Date("2026-07-01T00:00:30Z") }]);
  expect(await after("2026-07-01T00")).toEqual([]);
});
