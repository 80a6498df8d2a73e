import { afterAll, beforeAll, expect, test } from "vitest";
import { createLedger } from "../../src/adapters/ledger.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { startBeating, watchReplicas } from "../../src/run/replica-watch.ts";
import { createHandClock } from "../contract/hand-clock.ts";
import { openTestDatabase } from "../contract/test-database.ts";

let ledger: Ledger;
beforeAll(async () => {
  ledger = createLedger(await openTestDatabase());
});
afterAll(() => ledger?.close());

const takeOutbox = async () => {
  const rows = await ledger.outbox.take(100);
  await ledger.outbox.done(rows.map(({ id }) => id));
  return rows.map(({ followUp }) => followUp.job);
};

test("of a replica that is gone people are told once, its plan is made again, its apply waits", async () => {
  const clock = createHandClock();
  const logged: unknown[] = [];
  const note = (level: string) => (text: string, fields?: object) =>
    void logged.push({ level, text, fields });
  const log = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };
  const world = {
    ledger,
    clock,
    log: { ...log, child: () => world.log },
    instance: "alive",
    nudge: () => {},
  };
  const gone = { ...world, instance: "gone", version: "1" };
  const beating = startBeating(gone, ["worker"]);
  await ledger.replicas.beat({ id: "gone", roles: ["worker"], version: "1" }, clock.now());
  const run = { pull: null, head: null, base: null, trigger: "schedule", requestedBy: "plumbline" };
  for (const [id, kind] of [
    ["run-looks", "drift"],
    ["run-applies", "apply"],
  ] as const) {
    const now = clock.now();
    await ledger.runs.create({ ...run, id, kind, workspace: `o/r//${kind}#default`, createdAt: now });
    const lease = await ledger.leases.acquire(`o/r//${kind}#default`, id, "gone", now, 30_000);
    if ("heldBy" in lease) throw new Error("busy");
    const { token } = lease;
    await ledger.runs.transition(id, { from: ["queued"], to: "running", token, at: now });
    if (kind === "apply")
      await ledger.runs.transition(id, { from: ["running"], to: "apply-started", token, at: now });
  }
  await watchReplicas(world);
  expect(await takeOutbox()).toEqual([]);

  // It is stopped, but what it began to apply keeps it known.
  await beating.stop();
  clock.turn(121_000);
  await watchReplicas(world);
  await watchReplicas(world);
  const alerts = (await takeOutbox()).filter(({ kind }) => kind === "alert");
  expect(alerts).toHaveLength(1);
  expect(alerts[0]).toMatchObject({
    alert: { event: "opened", text: expect.stringContaining("confirm-dead run-applies") },
  });
  expect(await ledger.runs.get("run-looks")).toMatchObject({ state: "interrupted" });
  expect(await ledger.leases.get("o/r//drift#default")).toBeNull();
  expect(await ledger.runs.get("run-applies")).toMatchObject({ state: "apply-started" });
  expect(await ledger.leases.get("o/r//apply#default")).toMatchObject({ holder: "gone" });
  expect(logged).toContainEqual(
    expect.objectContaining({
      level: "error",
      fields: expect.objectContaining({ inDoubt: ["run-applies"] }),
    }),
  );

  await ledger.replicas.beat({ id: "gone", roles: ["worker"], version: "1" }, clock.now());
  await watchReplicas(world);
  await watchReplicas(world);
  expect(await takeOutbox()).toMatchObject([{ kind: "alert", alert: { event: "ended" } }]);
});

test("a replica that stops with nothing in doubt is forgotten", async () => {
  const clock = createHandClock();
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
  const beating = startBeating({ ledger, clock, log, instance: "tidy", version: "1", nudge() {} }, ["web"]);
  await expect.poll(() => ledger.replicas.list()).toContainEqual(expect.objectContaining({ id: "tidy" }));
  await beating.stop();
  expect((await ledger.replicas.list()).map(({ id }) => id)).not.toContain("tidy");
});
