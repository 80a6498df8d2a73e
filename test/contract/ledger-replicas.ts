import { expect, test } from "vitest";
import type { Ledger } from "../../src/ports/ledger.ts";

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

/** What several replicas share. */
export const replicas = (get: () => { readonly ledger: Ledger }): void => {
  test("a replica is known from its first beat on; its silence is told once, and its return once", async () => {
    const { ledger } = get();
    const one = { id: "replica-of-the-contract", roles: ["web", "worker"], version: "1" };
    await ledger.replicas.beat(one, at(0));
    await ledger.replicas.beat({ ...one, version: "2" }, at(9));
    expect(await ledger.replicas.list()).toEqual([
      { ...one, version: "2", startedAt: at(0), seenAt: at(9), toldAt: null },
    ]);
    const told = await Promise.all([1, 2, 3].map(() => ledger.replicas.told(one.id, at(20))));
    expect(told.filter(Boolean)).toHaveLength(1);
    const back = await Promise.all([1, 2].map(() => ledger.replicas.told(one.id, null)));
    expect(back.filter(Boolean)).toHaveLength(1);
    await ledger.replicas.forget(one.id);
    expect(await ledger.replicas.list()).toEqual([]);
  });

  test("all take from one bucket: never more than it holds, and again when it has filled", async () => {
    const { ledger } = get();
    const wish = { points: 5, perMinute: 60, burst: 50, keep: 0 };
    const take = (more: Partial<typeof wish> = {}, now = at(0)): Promise<number> =>
      ledger.forgeBudget.take("forge-a", { ...wish, ...more }, now);
    const waits = await Promise.all(Array.from({ length: 20 }, () => take()));
    expect(waits.filter((ms) => ms === 0)).toHaveLength(10);
    expect(Math.max(...waits)).toBe(5_000);
    expect(await take({}, at(4))).toBe(1_000);
    expect(await take({}, at(5))).toBe(0);
    // A clock that is behind gives nothing back and takes nothing away.
    expect(await take({}, at(2))).toBe(5_000);
    expect(await take({ keep: 25 }, at(20))).toBe(15_000);
    expect(await take({}, at(20))).toBe(0);
    expect(await ledger.forgeBudget.take("forge-b", wish, at(0))).toBe(0);
  });

  test("what the forge tells one of them stops all of them", async () => {
    const { ledger } = get();
    const wish = { points: 1, perMinute: 600, burst: 300, keep: 0 };
    await ledger.forgeBudget.pause("forge-c", 30_000, 600, at(0));
    expect(await ledger.forgeBudget.take("forge-c", wish, at(0))).toBe(30_100);
    await ledger.forgeBudget.pause("forge-c", 10_000, 600, at(0));
    expect(await ledger.forgeBudget.take("forge-c", wish, at(10))).toBe(20_100);
    expect(await ledger.forgeBudget.take("forge-c", wish, at(31))).toBe(0);
  });

  test("a merge queue's commit is kept with its pull requests, once", async () => {
    const { ledger } = get();
    const group = { repo: "o/queue", head: "h1", base: "main", pulls: [7, 8] };
    await ledger.mergeGroups.add(group, at(0));
    await ledger.mergeGroups.add({ ...group, pulls: [9] }, at(1));
    await ledger.mergeGroups.said("o/queue", "h1", "hash");
    expect(await ledger.mergeGroups.of("o/queue")).toEqual([{ ...group, said: "hash" }]);
    await ledger.mergeGroups.forget(at(1));
    expect(await ledger.mergeGroups.of("o/queue")).toEqual([]);
  });
};
