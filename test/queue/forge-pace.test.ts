import { afterAll, beforeAll, expect, test } from "vitest";
import { createLedger } from "../../src/adapters/ledger.ts";
import type { Job } from "../../src/model/job.ts";
import type { Forge } from "../../src/ports/forge.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { asUrgentAs, pacedForge } from "../../src/queue/forge-pace.ts";
import { createHandClock } from "../contract/hand-clock.ts";
import { quiet } from "../contract/jobs.ts";
import { openTestDatabase } from "../contract/test-database.ts";

let ledger: Ledger;
beforeAll(async () => {
  ledger = createLedger(await openTestDatabase());
});
afterAll(() => ledger?.close());

const pull = { repo: "acme/infra", number: 7 };
const publish: Job = { kind: "publish", pull };
const driftPull: Job = { kind: "drift-pull", workspace: "acme/infra//a#default" };
const poll: Job = { kind: "poll", repo: "acme/infra" };

/** Two replicas with one bucket: 60 points a minute, 40 saved up. A wait moves the clock on. */
const twoReplicas = (key: string) => {
  const told: string[] = [];
  const hand = createHandClock();
  let waited = 0;
  const clock = {
    now: () => hand.now(),
    wait: async (ms: number) => {
      waited += ms;
      hand.turn(ms);
    },
  };
  const forge = {
    kind: "github",
    setStatus: async () => void told.push("status"),
    pull: async () => void told.push("pull"),
    cloneAccess: async () => void told.push("access"),
  } as unknown as Forge;
  const parts = { budget: ledger.forgeBudget, clock, log: quiet, key, perMinute: 60, burst: 40 };
  const [one, two] = [pacedForge(forge, parts), pacedForge(forge, parts)];
  return { one, two, told, waited: () => waited };
};

const say = (forge: Forge): Promise<void> => forge.setStatus("acme/infra", "c", {} as never);

test("what one replica has asked the other cannot ask again; whoever is people waits for it", async () => {
  const { one, two, told, waited } = twoReplicas("waits");
  for (const forge of [one, two, one, two, one, two, one, two]) await asUrgentAs(publish, () => say(forge));
  expect([told.length, waited()]).toEqual([8, 0]);
  await asUrgentAs(publish, () => two.pull(pull));
  expect([told.length, waited()]).toEqual([9, 1_000]);
  await two.cloneAccess("acme/infra");
  expect(waited()).toBe(1_000);
});

test("the schedule leaves half to people, and whoever only looks comes again later", async () => {
  const { one, two, told, waited } = twoReplicas("last in line");
  for (let count = 0; count < 4; count += 1) await asUrgentAs(driftPull, () => say(one));
  expect(waited()).toBe(0);
  const refused = asUrgentAs(poll, () => two.pull(pull));
  await expect(refused).rejects.toMatchObject({
    code: "forge-rate-limited",
    detail: { retryAfterSeconds: 1 },
  });
  for (let count = 0; count < 4; count += 1) await asUrgentAs(publish, () => say(two));
  expect([told.length, waited()]).toEqual([8, 0]);
  await asUrgentAs(driftPull, () => say(one));
  expect(waited()).toBe(25_000);
});

test("nobody holds a worker for long: what waits for minutes is queued again", async () => {
  const { one } = twoReplicas("stopped");
  await ledger.forgeBudget.pause("stopped", 600_000, 60, createHandClock().now());
  await expect(asUrgentAs(publish, () => say(one))).rejects.toMatchObject({ code: "forge-rate-limited" });
});
