import { expect, test } from "vitest";
import type { Ledger } from "../../src/ports/ledger.ts";
import { unlockPull } from "../../src/run/unlock.ts";

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

/** What several replicas share. */
export const replicas = (get: () => { readonly ledger: Ledger }): void => {
  test("a replica is known from its first beat on; its silence is told once, and its return once", async () => {
    const { ledger } = get();
    const one = { id: "replica-of-the-contract", roles: ["web", "worker"], version: "1" };
    await ledger.replicas.beat(one, at(0));
    await ledger.replicas.beat({ ...one, version: "2", keyIds: ["new", "old"] }, at(9));
    expect(await ledger.replicas.list()).toEqual([
      { ...one, version: "2", startedAt: at(0), seenAt: at(9), toldAt: null, keyIds: ["new", "old"] },
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

  test("one that unlocks a pull request frees its place and its lock, and plans whoever is next, once", async () => {
    const { ledger } = get();
    const [held, waited] = ["o/two//a#default", "o/two//b#default"];
    const pull = (number: number) => ({ repo: "o/two", number });
    for (const [workspace, number] of [
      ...([
        [held, 1],
        [held, 2],
        [held, 3],
      ] as const),
      ...([
        [waited, 2],
        [waited, 1],
      ] as const),
    ])
      await ledger.locks.request(workspace, pull(number), "ann", at(number));
    // Two services are told at once; the second finds nothing left.
    const said = { pull: pull(1), by: "ops", at: at(9), reason: "left behind" };
    const both = await Promise.all(
      [1, 2].map(() => ledger.transaction((inside) => unlockPull(inside, said))),
    );
    expect(both.flatMap(({ workspaces }) => workspaces).sort()).toEqual([held, waited]);
    const jobs = both.flatMap(({ followUps }) => followUps.map(({ job }) => job));
    expect(jobs.filter(({ kind }) => kind === "assess")).toMatchObject([{ pull: pull(2), only: [held] }]);
    expect((await ledger.locks.of(held)).map((lock) => lock.pull.number)).toEqual([2, 3]);
    expect((await ledger.locks.of(waited)).map((lock) => lock.pull.number)).toEqual([2]);
    const recorded = (await ledger.audit.list({ subject: "o/two#1" })).filter(
      ({ action }) => action === "unlock",
    );
    expect(recorded.map(({ details }) => details)).toContainEqual({
      workspaces: [held, waited],
      reason: "left behind",
    });
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
