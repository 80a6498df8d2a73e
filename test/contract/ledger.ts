import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { along } from "../../src/adapters/trail.ts";
import { exactNumber } from "../../src/model/json.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { LeaseRoom } from "../../src/ports/ledger-leases.ts";
import type { NewRun } from "../../src/ports/ledger-runs.ts";
import type { DatabaseHome } from "./databases.ts";
import { replicas } from "./ledger-replicas.ts";

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const pull = { repo: "o/r", number: 7 };
const other = { repo: "o/r", number: 8 };

let count = 0;
/** Each test works on names of its own, so that one database serves the whole file. */
const fresh = (prefix: string): string => `${prefix}-${++count}`;

const newRun = (values: Partial<NewRun> = {}): NewRun => ({
  id: fresh("run"),
  workspace: fresh("ws"),
  kind: "plan",
  pull,
  head: "h1",
  base: "b1",
  trigger: "event",
  requestedBy: "ann",
  createdAt: at(0),
  ...values,
});

/** An apply that runs under a lease. */
const runningApply = async (ledger: Ledger) => {
  const run = newRun({ kind: "apply" });
  await ledger.runs.create(run);
  const lease = await ledger.leases.acquire(run.workspace, run.id, "host", at(0), 1000);
  if ("heldBy" in lease) throw new Error("held");
  const { token } = lease;
  await ledger.runs.transition(run.id, { from: ["queued"], to: "running", token, at: at(0) });
  return { run, lease, token };
};

export const ledgerContract = (home: DatabaseHome): void => {
  describe.skipIf(home.missing !== null)(
    `ledger on ${home.name}${home.missing ? ` (${home.missing})` : ""}`,
    () => {
      let database: Database;
      let ledger: Ledger;
      let stop: () => Promise<void>;
      beforeAll(async () => {
        const started = await home.start();
        stop = started.stop;
        database = await started.open();
        ledger = createLedger(database);
      });
      afterAll(async () => {
        await ledger?.close();
        await stop?.();
      });
      const get = (): { database: Database; ledger: Ledger } => ({ database, ledger });
      transactions(get);
      runs(get);
      leases(get);
      replicas(get);
      locks(get);
      plansAndApprovals(get);
      findings(get);
      outbox(get);
      audit(get);
      theRest(get);
      retention(get);
    },
  );
};

type Get = () => { readonly database: Database; readonly ledger: Ledger };

const transactions = (get: Get): void => {
  test("a transaction is stored wholly or not at all", async () => {
    const { ledger } = get();
    const key = fresh("meta");
    const failing = ledger.transaction(async (inner) => {
      await inner.meta.set(key, 1);
      expect(await inner.meta.get(key)).toBe(1);
      throw new Error("stop");
    });
    await expect(failing).rejects.toThrow("stop");
    expect(await ledger.meta.get(key)).toBeUndefined();
    await ledger.transaction((inner) => inner.transaction((innermost) => innermost.meta.set(key, 2)));
    expect(await ledger.meta.get(key)).toBe(2);
  });

  test("a fact is swapped only for what stands there", async () => {
    const { ledger } = get();
    const key = fresh("swap");
    expect(await ledger.meta.swap(key, "one", "two")).toBe(false);
    const first = await Promise.all(["one", "two"].map((value) => ledger.meta.swap(key, undefined, value)));
    expect(first.filter((done) => done)).toHaveLength(1);
    await ledger.meta.set(key, "one");
    expect(await ledger.meta.swap(key, "two", "three")).toBe(false);
    expect(await ledger.meta.swap(key, "one", "three")).toBe(true);
    expect(await ledger.meta.get(key)).toBe("three");
  });

  test("the outer ledger inside a transaction fails at once instead of waiting for itself", async () => {
    const { ledger } = get();
    const wrong = ledger.transaction(() => ledger.meta.set("a", 1));
    await expect(wrong).rejects.toMatchObject({ code: "bug" });
    await expect(ledger.transaction(() => ledger.transaction(async () => {}))).rejects.toMatchObject({
      code: "bug",
    });
  });

  test("transactions side by side wait for each other and lose nothing", async () => {
    const { ledger } = get();
    const key = fresh("counter");
    await ledger.meta.set(key, 0);
    const one = (index: number) =>
      ledger.transaction(async (inner) => {
        await inner.audit.append({ at: at(index), actor: "a", action: "count", subject: key, details: null });
        await inner.meta.set(key, ((await inner.meta.get(key)) as number) + 1);
      });
    await Promise.all(Array.from({ length: 12 }, (_, index) => one(index)));
    expect(await ledger.meta.get(key)).toBe(12);
    expect(await ledger.audit.list({ subject: key })).toHaveLength(12);
  });
};

const runs = (get: Get): void => {
  test("a run keeps what it was made of, exact numbers too", async () => {
    const { ledger } = get();
    const run = newRun({
      input: { account: exactNumber("12345678901234567890"), nul: "a\u0000b", z: 1, a: 2 },
    });
    await ledger.runs.create(run);
    const stored = await ledger.runs.get(run.id);
    expect(stored).toMatchObject({ state: "queued", token: 0, pull, requestedBy: "ann", createdAt: at(0) });
    expect(JSON.stringify(stored?.result)).toBe(
      '{"account":12345678901234567890,"nul":"a\\u0000b","z":1,"a":2}',
    );
    expect(await ledger.runs.get("absent")).toBeNull();
  });

  test("a transition is compared: state, token, and what may follow what", async () => {
    const { ledger } = get();
    const run = newRun();
    await ledger.runs.create(run);
    for (const _ of [1, 2, 3]) {
      const before = await ledger.leases.acquire(run.workspace, "before", "host", at(0), 1000);
      if ("token" in before) await ledger.leases.release(before);
    }
    expect(await ledger.leases.acquire(run.workspace, run.id, "host", at(0), 1000)).toMatchObject({
      token: 4,
    });
    const start = { from: ["queued"], to: "running", token: 4, at: at(1) } as const;
    const twice = await Promise.all([
      ledger.runs.transition(run.id, start),
      ledger.runs.transition(run.id, start),
    ]);
    expect(twice.sort()).toEqual([false, true]);
    const end = {
      from: ["running"],
      to: "succeeded",
      at: at(2),
      result: { ok: true },
      logArtifact: "l",
    } as const;
    expect(await ledger.runs.transition(run.id, { ...end, token: 3 })).toBe(false);
    expect(await ledger.runs.transition(run.id, { ...end, token: 4, commit: "c" })).toBe(true);
    expect(await ledger.runs.get(run.id)).toMatchObject({
      state: "succeeded",
      token: 4,
      commit: "c",
      result: { ok: true },
      logArtifact: "l",
      startedAt: at(1),
      endedAt: at(2),
    });
    const back = ledger.runs.transition(run.id, { from: ["succeeded"], to: "running", token: 4, at: at(3) });
    await expect(back).rejects.toMatchObject({ code: "bug" });
  });

  test("what came from outside goes along with what it leads to, jobs and runs", async () => {
    const { ledger } = get();
    const run = newRun();
    const followUp = { job: { kind: "poll", repo: fresh("o/r") } } as const;
    await along({ request: "github:1", job: "7" }, async () => {
      await ledger.runs.create(run);
      await ledger.outbox.add([followUp], at(0));
    });
    expect(await ledger.runs.get(run.id)).toMatchObject({ request: "github:1" });
    const rows = await ledger.outbox.take(50);
    expect(rows.map((row) => row.followUp)).toContainEqual({ ...followUp, request: "github:1" });
    await ledger.outbox.done(rows.map(({ id }) => id));
  });

  test("a log in parts: places count bytes, and it is read from anywhere", async () => {
    const { runLogs } = get().ledger;
    const run = fresh("run");
    for (const text of ["größer\n", "b\n", "c\n"]) await runLogs.append(run, text);
    await runLogs.append(fresh("run"), "another's\n");
    expect(await runLogs.size(run)).toBe(13);
    expect(await runLogs.read(run, 8, 2)).toEqual([
      { start: 0, bytes: 9, text: "größer\n" },
      { start: 9, bytes: 2, text: "b\n" },
    ]);
    expect(await runLogs.read(run, 9, 9)).toMatchObject([{ text: "b\n" }, { text: "c\n" }]);
    await runLogs.forget(run);
    expect([await runLogs.size(run), await runLogs.read(run, 0, 9)]).toEqual([0, []]);
  });

  test("states that cannot become the new one are left alone even when named", async () => {
    const { ledger } = get();
    const run = newRun({ kind: "apply" });
    await ledger.runs.create(run);
    await ledger.leases.acquire(run.workspace, run.id, "host", at(0), 1000);
    await ledger.runs.transition(run.id, { from: ["queued"], to: "running", token: 1, at: at(1) });
    await ledger.runs.transition(run.id, { from: ["running"], to: "apply-started", token: 1, at: at(1) });
    const cancel = { from: ["running", "apply-started"], to: "cancelled", token: 1, at: at(2) } as const;
    expect(await ledger.runs.transition(run.id, cancel)).toBe(false);
    expect((await ledger.runs.get(run.id))?.state).toBe("apply-started");
  });

  test("a new head supersedes waiting and running plans of the old one, and no apply", async () => {
    const { ledger } = get();
    const mine = { repo: "o/superseded", number: count };
    const made = [
      newRun({ pull: mine, head: "old" }),
      newRun({ pull: mine, head: "old" }),
      newRun({ pull: mine, head: "old", kind: "apply" }),
      newRun({ pull: mine, head: "new" }),
    ];
    for (const run of made) await ledger.runs.create(run);
    const [first, second] = made.map(({ id }) => id);
    await ledger.runs.transition(second!, { from: ["queued"], to: "running", token: 9, at: at(1) });
    expect(await ledger.runs.supersede(mine, "new", at(2))).toEqual([first, second].sort());
    const late = await ledger.runs.transition(second!, {
      from: ["running"],
      to: "succeeded",
      token: 9,
      at: at(3),
    });
    expect(late).toBe(false);
    const open = await ledger.runs.list({ pull: mine, states: ["queued"] });
    expect(open.map(({ head, kind }) => `${head} ${kind}`).sort()).toEqual(["new plan", "old apply"]);
    expect(await ledger.runs.list({ pull: mine, limit: 1, kind: "apply" })).toHaveLength(1);
    expect(await ledger.runs.list({ pull: mine, states: [] })).toEqual([]);
  });

  test("steps come back in order, each once, with their end", async () => {
    const { ledger } = get();
    const run = fresh("run");
    await ledger.runs.step({ run, name: "init", startedAt: at(1), endedAt: null, ok: null });
    await ledger.runs.step({ run, name: "init", startedAt: at(1), endedAt: at(2), ok: true });
    await ledger.runs.step({ run, name: "plan", startedAt: at(2), endedAt: null, ok: null });
    expect(await ledger.runs.steps(run)).toEqual([
      { run, name: "init", startedAt: at(1), endedAt: at(2), ok: true },
      { run, name: "plan", startedAt: at(2), endedAt: null, ok: null },
    ]);
  });
};

const leases = (get: Get): void => {
  test("one run holds a workspace; the token grows with each lease", async () => {
    const { ledger } = get();
    const ws = fresh("ws");
    const both = await Promise.all(
      ["r1", "r2"].map((run) => ledger.leases.acquire(ws, run, "host", at(0), 10_000)),
    );
    const won = both.find((answer) => "token" in answer);
    const lost = both.find((answer) => "heldBy" in answer);
    expect(won).toMatchObject({ token: 1, expiresAt: at(10) });
    expect(lost).toEqual({ heldBy: won });
    if (!won || !("token" in won)) throw new Error("nobody won");
    expect(await ledger.leases.heldBy("host")).toContainEqual(won);
    await ledger.leases.release(won);
    expect(await ledger.leases.get(ws)).toBeNull();
    expect(await ledger.leases.heartbeat(won, at(1), 10_000)).toBe(false);
    expect(await ledger.leases.acquire(ws, "r3", "host", at(1), 10_000)).toMatchObject({ token: 2 });
    await ledger.leases.release(won);
    expect(await ledger.leases.get(ws)).toMatchObject({ run: "r3" });
  });

  test("an account takes as many runs at once as it allows, plans and applies apart, over all replicas", async () => {
    const { ledger } = get();
    const account = fresh("account");
    const inside = ["a", "b", "c", "d", "e"].map((name) => `${account}//${name}#default`);
    const runs = inside.map((workspace, index) => newRun({ kind: index > 2 ? "apply" : "plan", workspace }));
    for (const run of runs) await ledger.runs.create(run);
    const room: LeaseRoom = {
      account,
      covers: (workspace) => workspace.startsWith(`${account}//`),
      most: (applies) => (applies ? 1 : 2),
    };
    const ask = (index: number, second: number) =>
      ledger.leases.acquire(
        inside[index] as string,
        runs[index]?.id ?? "",
        `host${index}`,
        at(second),
        10_000,
        [room],
      );
    const first = await Promise.all([0, 1, 2].map((index) => ask(index, 0)));
    expect(first.filter((answer) => "token" in answer)).toHaveLength(2);
    expect(first.find((answer) => "heldBy" in answer)).toMatchObject({ account });
    // The other kind has places of its own, and other workspaces need none.
    expect(await ask(3, 1)).toHaveProperty("token");
    expect(await ask(4, 1)).toMatchObject({ account, heldBy: { workspace: inside[3] } });
    expect(await ledger.leases.acquire(fresh("ws"), "r", "h", at(1), 1000, [room])).toHaveProperty("token");
    const [won] = first.filter((answer) => "token" in answer);
    if (!won || !("token" in won)) throw new Error("nobody won");
    await ledger.leases.release(won);
    const waiting = first.findIndex((answer) => "heldBy" in answer);
    expect(await ask(waiting, 2)).toHaveProperty("token");
    // Who fell silent has no place any more.
    expect(await ask(inside.indexOf(won.workspace), 60)).toHaveProperty("token");
  });

  test("a heartbeat prolongs; without one the lease is taken, and the old holder learns it", async () => {
    const { ledger } = get();
    const ws = fresh("ws");
    const first = await ledger.leases.acquire(ws, "r1", "host", at(0), 10_000);
    if ("heldBy" in first) throw new Error("held");
    expect(await ledger.leases.heartbeat(first, at(8), 10_000)).toBe(true);
    expect(await ledger.leases.acquire(ws, "r2", "host", at(15), 10_000)).toHaveProperty("heldBy");
    expect(await ledger.leases.acquire(ws, "r2", "host", at(18), 10_000)).toMatchObject({ token: 2 });
    expect(await ledger.leases.heartbeat(first, at(18), 10_000)).toBe(false);
  });

  test("who lost the workspace starts no apply", async () => {
    const { ledger } = get();
    const { run, lease, token } = await runningApply(ledger);
    const apply = { from: ["running"], to: "apply-started", token, at: at(9) } as const;
    const raced = await Promise.all([
      ledger.leases.acquire(run.workspace, "next", "h2", at(9), 1000),
      ledger.runs.transition(run.id, apply),
    ]);
    // Either the apply began first and keeps the workspace, or the next run has it and the apply did not begin.
    expect("token" in raced[0]).toBe(!raced[1]);
    await ledger.leases.release(lease);
    await ledger.leases.acquire(run.workspace, "third", "h2", at(99), 1000);
    expect(await ledger.runs.transition(run.id, apply)).toBe(false);
  });

  test("who lost the workspace says no end of a plan either, only that it was interrupted", async () => {
    const { ledger } = get();
    const run = newRun();
    await ledger.runs.create(run);
    const lease = await ledger.leases.acquire(run.workspace, run.id, "host", at(0), 1000);
    if ("heldBy" in lease) throw new Error("held");
    const { token } = lease;
    await ledger.runs.transition(run.id, { from: ["queued"], to: "running", token, at: at(0) });
    await ledger.leases.acquire(run.workspace, "next", "h2", at(9), 1000);
    for (const to of ["succeeded", "failed"] as const)
      expect(await ledger.runs.transition(run.id, { from: ["running"], to, token, at: at(10) })).toBe(false);
    const end = { from: ["running"], to: "interrupted", token, at: at(10) } as const;
    expect(await ledger.runs.transition(run.id, end)).toBe(true);
  });

  test.each(["apply-started", "verifying", "unknown"] as const)(
    "%s: time alone never frees it",
    async (state) => {
      const { ledger } = get();
      const { run, lease, token } = await runningApply(ledger);
      await ledger.runs.transition(run.id, { from: ["running"], to: "apply-started", token, at: at(0) });
      if (state !== "apply-started") {
        await ledger.runs.transition(run.id, { from: ["apply-started"], to: state, token, at: at(0) });
      }
      const year = new Date(Date.UTC(2027, 0, 1));
      expect(await ledger.leases.acquire(run.workspace, "next", "h2", year, 1000)).toEqual({ heldBy: lease });
      await ledger.runs.transition(run.id, {
        from: ["apply-started", "verifying", "unknown"],
        to: "failed",
        token,
        at: at(1),
      });
      expect(await ledger.leases.acquire(run.workspace, "next", "h2", year, 1000)).toMatchObject({
        token: 2,
      });
    },
  );
};

const locks = (get: Get): void => {
  test("first come first served, and the next is promoted", async () => {
    const { ledger } = get();
    const ws = fresh("ws");
    const first = await ledger.locks.request(ws, pull, "ann", at(1));
    expect(first.lock).toEqual({ workspace: ws, pull, by: "ann", since: at(1), position: 0 });
    const second = await ledger.locks.request(ws, other, "bob", at(2));
    expect(second.lock.position).toBe(1);
    expect(second.holder).toEqual(first.lock);
    expect((await ledger.locks.request(ws, pull, "eve", at(3))).lock).toEqual(first.lock);
    expect(await ledger.locks.of(ws)).toHaveLength(2);
    expect(await ledger.locks.heldBy(other)).toEqual([]);
    expect(await ledger.locks.release(ws, pull)).toEqual({ ...second.lock, position: 0 });
    expect(await ledger.locks.heldBy(other)).toMatchObject([{ workspace: ws }]);
    expect(await ledger.locks.release(ws, other)).toBeNull();
  });

  test("many at once: one holds, each has its own place", async () => {
    const { ledger } = get();
    const ws = fresh("ws");
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, number) =>
        ledger.locks.request(ws, { repo: "o/many", number }, "a", at(0)),
      ),
    );
    expect(answers.map(({ lock }) => lock.position).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(answers.filter(({ lock, holder }) => lock.pull.number === holder.pull.number)).toHaveLength(1);
    expect((await ledger.locks.list()).filter(({ workspace }) => workspace === ws)).toHaveLength(8);
  });

  test("a closed pull request gives up all that it holds and waits for", async () => {
    const { ledger } = get();
    const [a, b] = [fresh("ws"), fresh("ws")];
    const leaving = { repo: "o/leaving", number: 1 };
    await ledger.locks.request(a, leaving, "ann", at(1));
    await ledger.locks.request(a, other, "bob", at(2));
    await ledger.locks.request(b, other, "bob", at(2));
    await ledger.locks.request(b, leaving, "ann", at(3));
    const released = await ledger.locks.releaseAll(leaving);
    expect(released).toMatchObject([
      { workspace: a, next: { pull: other, position: 0 } },
      // It only waited there: nobody is promoted.
      { workspace: b, next: null },
    ]);
    expect(await ledger.locks.releaseAll(leaving)).toEqual([]);
  });
};

const plansAndApprovals = (get: Get): void => {
  test("the current plan is the newest that was not discarded", async () => {
    const { ledger } = get();
    const ws = fresh("ws");
    const plan = (run: string, second: number) => ({
      run,
      workspace: ws,
      pull,
      head: "h",
      base: "b",
      digest: run,
      digestParts: { a: "1" },
      summary: { total: 1 },
      planArtifact: { key: "k", sha256: "s", bytes: 3 },
      jsonArtifact: null,
      createdAt: at(second),
    });
    const [one, two] = [fresh("run"), fresh("run")];
    await ledger.plans.add(plan(one, 5));
    await ledger.plans.add(plan(two, 5));
    expect(await ledger.plans.current(ws, pull)).toEqual({ ...plan(two, 5), discardedAt: null });
    expect(await ledger.plans.current(ws, other)).toBeNull();
    await ledger.plans.discard(pull, at(6), "elsewhere");
    expect((await ledger.plans.current(ws, pull))?.run).toBe(two);
    await ledger.plans.discard(pull, at(6), ws);
    expect(await ledger.plans.current(ws, pull)).toBeNull();
    expect((await ledger.plans.ofRun(one))?.discardedAt).toEqual(at(6));
  });

  test("a push voids every approval of the old head, another digest those of its workspace", async () => {
    const { ledger } = get();
    const mine = { repo: "o/approved", number: 1 };
    const add = (workspace: string | null, head: string, digest: string | null) =>
      ledger.approvals.add({
        ...{ pull: mine, workspace, kind: "approve" as const, by: "bob", head, digest },
        paths: [{ address: "a.b", path: "tags" }],
        at: at(1),
      });
    await add("w1", "h1", "d1");
    await add("w1", "h2", "d1");
    await add("w1", "h2", "d2");
    await add("w2", "h2", "d1");
    await add(null, "h2", null);
    await ledger.approvals.void(mine, { head: "h2" }, at(2));
    await ledger.approvals.void(mine, { head: "h2", workspace: "w1", digest: "d2" }, at(3));
    const all = await ledger.approvals.list(mine);
    expect(all.map(({ voidedAt }) => voidedAt)).toEqual([at(2), at(3), null, null, null]);
    expect(all[0]?.paths).toEqual([{ address: "a.b", path: "tags" }]);
  });
};

const findings = (get: Get): void => {
  const finding = (fingerprint: string) => ({
    ...{ address: "aws_x.a", path: "size", cause: "console" as const, recorded: 1, desired: 1 },
    ...{ actual: exactNumber("9007199254740993"), sensitive: false, fingerprint },
  });

  test("a finding is opened once, touched while it lasts, ended with a reason, and may live again", async () => {
    const { ledger } = get();
    const ws = fresh("ws");
    const opened = await ledger.findings.record(ws, [finding("f1"), finding("f2"), finding("f2")], at(1));
    expect(opened.map(({ fingerprint }) => fingerprint).sort()).toEqual(["f1", "f2"]);
    expect(await ledger.findings.record(ws, [finding("f1"), finding("f3")], at(2))).toMatchObject([
      { fingerprint: "f3" },
    ]);
    const open = await ledger.findings.open(ws);
    expect(open.find(({ fingerprint }) => fingerprint === "f1")).toEqual({
      ...finding("f1"),
      workspace: ws,
      openedAt: at(1),
      lastSeenAt: at(2),
    });
    const ended = await ledger.findings.end(ws, ["f1", "absent"], "reverted", at(3));
    expect(ended).toMatchObject([{ fingerprint: "f1", why: "reverted", endedAt: at(3), openedAt: at(1) }]);
    expect(await ledger.findings.end(ws, ["f1"], "ignored", at(4))).toEqual([]);
    expect(await ledger.findings.record(ws, [finding("f1")], at(5))).toMatchObject([{ openedAt: at(5) }]);
    expect(await ledger.findings.history(ws, 10)).toHaveLength(1);
    expect(await ledger.findings.open(ws)).toHaveLength(3);
    expect(await ledger.findings.record(ws, [], at(6))).toEqual([]);
  });

  test("thousands at once", async () => {
    const { ledger } = get();
    const ws = fresh("ws");
    const many = Array.from({ length: 2500 }, (_, index) => finding(`f${index}`));
    expect(await ledger.findings.record(ws, many, at(1))).toHaveLength(2500);
    expect(await ledger.findings.record(ws, many, at(2))).toHaveLength(0);
    const all = many.map(({ fingerprint }) => fingerprint);
    expect(await ledger.findings.end(ws, all, "workspace-removed", at(3))).toHaveLength(2500);
  });
};

const outbox = (get: Get): void => {
  test("rows are taken once, in order, and gone when done", async () => {
    const { ledger } = get();
    const job = { kind: "sweep" } as const;
    await ledger.outbox.add([{ job, dedupeKey: "a", notBefore: at(9) }, { job }, { job }], at(0));
    const [first, second] = await Promise.all([ledger.outbox.take(2), ledger.outbox.take(2)]);
    const taken = [...first, ...second].sort((left, right) => left.id - right.id);
    expect(taken.map(({ followUp }) => followUp)).toEqual([
      { job, dedupeKey: "a", notBefore: at(9) },
      { job },
      { job },
    ]);
    expect(await ledger.outbox.take(10)).toEqual([]);
    await ledger.outbox.done(taken.map(({ id }) => id));
    await ledger.outbox.done([]);
    await ledger.outbox.add([], at(0));
    expect(await ledger.outbox.take(10)).toEqual([]);
  });

  test("a delivery is remembered until it is old", async () => {
    const { ledger } = get();
    const id = fresh("delivery");
    expect(await ledger.deliveries.remember(id, at(1))).toBe(true);
    expect(await ledger.deliveries.remember(id, at(2))).toBe(false);
    expect(await ledger.deliveries.forget(at(1))).toBe(0);
    expect(await ledger.deliveries.forget(at(2))).toBe(1);
    expect(await ledger.deliveries.remember(id, at(3))).toBe(true);
  });
};

const audit = (get: Get): void => {
  test("entries are chained and stay as they are", async () => {
    const { ledger, database } = get();
    const subject = fresh("subject");
    const details = { b: exactNumber("12345678901234567890"), a: [1.5, "ü"] };
    const entry = { at: at(1), actor: "ann", action: "applied", subject, details };
    const [first, second] = [await ledger.audit.append(entry), await ledger.audit.append(entry)];
    expect(second.sequence).toBe(first.sequence + 1);
    expect(second.hash).not.toBe(first.hash);
    expect(await ledger.audit.list({ subject })).toEqual([first, second]);
    expect(await ledger.audit.list({ after: first.sequence, limit: 1 })).toEqual([second]);
    expect(await ledger.audit.verify()).toBeNull();
    for (const statement of [
      sql`update audit set actor = 'eve'`,
      sql`delete from audit`,
      sql`truncate audit`,
    ]) {
      await expect(statement.execute(database.kysely)).rejects.toThrow("append-only");
    }
  });

  test("what somebody changed in spite of that is found", async () => {
    const { ledger, database } = get();
    const entry = { at: at(1), actor: "ann", action: "x", subject: "s", details: null };
    const { sequence } = await ledger.audit.append(entry);
    await ledger.audit.append(entry);
    const tamper = (actor: string) =>
      database.kysely.transaction().execute(async (inner) => {
        await sql`alter table audit disable trigger audit_is_append_only`.execute(inner);
        await sql`update audit set actor = ${actor} where sequence = ${sequence}`.execute(inner);
        await sql`alter table audit enable trigger audit_is_append_only`.execute(inner);
      });
    await tamper("eve");
    expect(await ledger.audit.verify()).toBe(sequence);
    await tamper("ann");
    expect(await ledger.audit.verify()).toBeNull();
  });
};

const theRest = (get: Get): void => {
  test("workspaces: read, freeze, drift, remove, come back", async () => {
    const { ledger } = get();
    const key = fresh("ws");
    const row = {
      key,
      repo: fresh("repo"),
      dir: "a",
      name: "default",
      project: null,
      kind: "terraform" as const,
      refs: {
        desired: { repo: "o/r", dir: "a", branch: "main" },
        recorded: { type: "terraform-state" as const, lineage: null, serial: 3 },
        actual: { type: "providers" as const, sources: [] },
      },
      config: { a: 1 },
    };
    await ledger.workspaces.upsert(row);
    const artifact = { key: "k", sha256: "s", bytes: 1 };
    await ledger.workspaces.freeze(key, "state-unsaved", at(1), artifact);
    await ledger.workspaces.driftChecked(key, at(2));
    await ledger.workspaces.own(key, ["@acme/infra"]);
    await ledger.workspaces.upsert({ ...row, config: { a: 2 } });
    expect(await ledger.workspaces.get(key)).toEqual({
      ...row,
      config: { a: 2 },
      // Its configuration says them until they are read again.
      owners: null,
      frozen: { why: "state-unsaved", since: at(1), artifact },
      removedAt: null,
      lastDriftAt: at(2),
    });
    await ledger.workspaces.unfreeze(key);
    await ledger.workspaces.markRemoved(key, at(3));
    expect(await ledger.workspaces.list({ repo: row.repo, removed: false })).toEqual([]);
    expect(await ledger.workspaces.list({ repo: row.repo, removed: true })).toMatchObject([{ frozen: null }]);
    await ledger.workspaces.upsert(row);
    expect((await ledger.workspaces.get(key))?.removedAt).toBeNull();
  });

  test("the accepted state of a workspace is replaced whole", async () => {
    const { ledger } = get();
    const workspace = fresh("ws");
    const state = {
      ...{ workspace, commit: "c", lockFileHash: null, inputTreeHash: "t", lineage: "l", serial: 5 },
      values: { "a.b": { "tags.x": "hash" } },
      acceptedAt: at(1),
    };
    expect(await ledger.workspaces.accepted(workspace)).toBeNull();
    await ledger.workspaces.accept({ ...state, commit: "old" });
    await ledger.workspaces.accept(state);
    expect(await ledger.workspaces.accepted(workspace)).toEqual(state);
  });

  test("a request is done once, answered again, and may be taken up where it was left", async () => {
    const { requests } = get().ledger;
    const id = fresh("request");
    expect(await requests.begin(id, "a", at(0), at(-60))).toEqual({ is: "new" });
    expect(await requests.begin(id, "a", at(1), at(-59))).toEqual({ is: "going" });
    expect(await requests.begin(id, "b", at(1), at(-59))).toEqual({ is: "other" });
    expect(await requests.begin(id, "a", at(90), at(30))).toEqual({ is: "new" });
    await requests.finish(id, 202, { answer: "yes" });
    const done = { is: "done", status: 202, answer: { answer: "yes" } };
    expect(await requests.begin(id, "a", at(200), at(140))).toEqual(done);
    await requests.drop(id);
    expect(await requests.begin(id, "b", at(200), at(140))).toEqual({ is: "new" });
    expect(await requests.forget(at(201))).toBe(1);
  });

  test("pull requests and small facts", async () => {
    const { ledger } = get();
    const row = {
      pull: { repo: fresh("repo"), number: 3 },
      head: "h",
      state: "open" as const,
      deployBranch: true,
      driftOf: fresh("ws"),
      commentIds: { plan: 5_000_000_000 },
      publishedHash: null,
      notes: ["a note"],
      updatedAt: at(1),
    };
    expect(await ledger.pulls.get(row.pull)).toBeNull();
    await ledger.pulls.put(row);
    await ledger.pulls.put({ ...row, state: "merged" });
    expect(await ledger.pulls.list({ driftOf: row.driftOf })).toEqual([{ ...row, state: "merged" }]);
    expect(await ledger.pulls.list({ repo: row.pull.repo, state: "open" })).toEqual([]);
    const key = fresh("cursor");
    await ledger.meta.set(key, null);
    expect(await ledger.meta.get(key)).toBeNull();
  });
};

const retention = (get: Get): void => {
  test("an old run goes with its steps and plans once nothing needs it; what is unknown is needed by nobody", async () => {
    const { ledger } = get();
    const workspace = fresh("ws");
    const own = { repo: "o/r", number: 900 };
    const [old, newer] = [
      newRun({ workspace, pull: own }),
      newRun({ workspace, pull: own, createdAt: at(1) }),
    ];
    for (const run of [old, newer]) {
      await ledger.runs.create(run);
      await ledger.runs.supersede(own, "another head", at(2));
    }
    await ledger.runs.step({ run: old.id, name: "init", startedAt: at(0), endedAt: at(1), ok: true });
    const ids = [old.id, newer.id, "no-such-run"];
    expect(await ledger.retention.unneeded(ids, at(2))).toEqual(["no-such-run"]);
    expect(await ledger.retention.unneeded(ids, at(3))).toEqual([old.id, "no-such-run"]);
    await ledger.meta.set(fresh("names"), { key: `runs/${old.id}/x` });
    expect(await ledger.retention.unneeded(ids, at(3))).toEqual(["no-such-run"]);
    expect(await ledger.retention.pruneRuns(["drift"], at(3), 9)).toBe(0);
    await ledger.retention.forgetLogs(ids);
    await ledger.retention.forgetPlans([]);
  });
};
