import { expect, test } from "vitest";
import { PlumblineError } from "../../src/model/errors.ts";
import { patiently } from "../../src/run/patiently.ts";
import type { World } from "../../src/run/world.ts";
import { silent } from "../contract/engine-bench.ts";

/** A store and a database that are away for a minute of a clock that nobody waits for. */
const awayForAMinute = (code: "database-unavailable" | "store-unavailable" | "not-writable") => {
  let now = 0;
  const stop = new AbortController();
  const answer = async <T>(value: T): Promise<T> => {
    if (now < 60_000) throw new PlumblineError(code, "away");
    return value;
  };
  const world = {
    ledger: {
      runs: { get: (id: string) => answer(id) },
      transaction: (work: (ledger: object) => Promise<unknown>) => answer(null).then(() => work({})),
    },
    artifacts: { put: (key: string) => answer(key) },
    clock: {
      now: () => new Date(now),
      wait: async (ms: number) => {
        now += ms;
      },
    },
    log: silent,
    interruptApplies: stop.signal,
  } as unknown as World;
  return { world, stop, waited: () => now };
};

test.each(["database-unavailable", "store-unavailable", "not-writable"] as const)(
  "%s for a minute: what an apply did is stored once it is back",
  async (code) => {
    const { world, waited } = awayForAMinute(code);
    const patient = patiently(world);
    expect(await patient.ledger.runs.get("run_1")).toBe("run_1");
    expect(await patient.ledger.transaction(async () => "stored")).toBe("stored");
    expect(await patient.artifacts.put("key", new Uint8Array())).toBe("key");
    expect(waited()).toBe(60_000);
  },
);

test("a service that stops waits no longer, and other failures are no matter of patience", async () => {
  const { world, stop } = awayForAMinute("database-unavailable");
  stop.abort();
  await expect(patiently(world).ledger.runs.get("run_1")).rejects.toMatchObject({
    code: "database-unavailable",
  });
  const broken = {
    ...world,
    artifacts: { put: () => Promise.reject(new PlumblineError("artifact-corrupt", "x")) },
  };
  await expect(
    patiently(broken as unknown as World).artifacts.put("k", new Uint8Array()),
  ).rejects.toMatchObject({
    code: "artifact-corrupt",
  });
});
