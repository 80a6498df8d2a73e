import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { createReadModel } from "../../src/adapters/read-model.ts";
import { jitterOf } from "../../src/config/cron.ts";
import type { Cause } from "../../src/model/finding.ts";
import type { RunKind, RunState } from "../../src/model/run.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { ReadModel } from "../../src/ports/read-model.ts";
import type { DatabaseHome } from "./databases.ts";

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));
const pull = { repo: "acme/infra", number: 7 };
const all = { visible: ["*"], limit: 50 };
const key = (name: string): string => `acme/infra//${name}#default`;

/** What operators see, on one small company: seven workspaces that stand in seven ways. */
export const readModelContract = (home: DatabaseHome): void => {
  describe.skipIf(home.missing !== null)(
    `read model on ${home.name}${home.missing ? ` (${home.missing})` : ""}`,
    () => {
      let database: Database;
      let ledger: Ledger;
      let read: ReadModel;
      let stop: () => Promise<void>;
      beforeAll(async () => {
        const started = await home.start();
        stop = started.stop;
        database = await started.open();
        ledger = createLedger(database);
        read = createReadModel(database, {
          looks: { schedule: "*/30 * * * *", jitterSeconds: 0 },
          ...{ channels: ["chat"], now: () => at(40) },
        });
        await furnish(ledger);
      });
      afterAll(async () => {
        await ledger?.close();
        await stop?.();
      });
      const get: Get = () => ({ database, ledger, read });
      overview(get);
      one(get);
      lists(get);
    },
  );
};

type Get = () => {
  readonly database: Database;
  readonly ledger: Ledger;
  readonly read: ReadModel;
};

const furnish = async (ledger: Ledger): Promise<void> => {
  for (const name of ["calm", "drifted", "failed", "frozen", "later", "new", "100%"])
    await place(ledger, name);
  await ledger.workspaces.upsert({ ...workspace("gone"), config: config([]) });
  await ledger.workspaces.markRemoved(key("gone"), at(0));
  for (const name of ["calm", "drifted", "failed", "later", "100%"])
    await ledger.workspaces.driftChecked(key(name), at(5));
  await ledger.workspaces.freeze(key("frozen"), "state-unsaved", at(3), null);
  await ledger.findings.record(key("drifted"), [finding("a", "console"), finding("b", "vanished")], at(10));
  await ledger.findings.record(key("drifted"), [finding("c", "console")], at(12));
  await ledger.findings.record(key("drifted"), [finding("old", "console")], at(13));
  await ledger.findings.end(key("drifted"), ["old"], "reverted", at(14));
  await ledger.findings.record(key("later"), [finding("d", "unapplied")], at(11));
  await run(ledger, { id: "run_1", name: "failed", kind: "drift", minute: 1, to: "failed" });
  // A plan that fails says nothing of the branch.
  await run(ledger, { id: "run_2", name: "calm", kind: "plan", minute: 2, to: "failed" });
  await run(ledger, { id: "run_3", name: "drifted", kind: "plan", minute: 3, to: "succeeded" });
  await ledger.plans.add({
    ...{
      run: "run_3",
      workspace: key("drifted"),
      pull,
      head: "h",
      base: "b",
      digest: "d",
      digestParts: null,
    },
    ...{ planArtifact: null, jsonArtifact: null, createdAt: at(3) },
    summary: { inspection: { class: "R4" } },
  });
  await ledger.runs.step({ run: "run_3", name: "plan", startedAt: at(3), endedAt: at(4), ok: true });
  await ledger.locks.request(key("drifted"), pull, "ann", at(3));
  await ledger.locks.request(key("drifted"), { ...pull, number: 8 }, "bob", at(4));
  await ledger.pulls.put({
    ...{
      pull: { ...pull, number: 9 },
      head: "h",
      state: "open",
      deployBranch: true,
      driftOf: key("drifted"),
    },
    ...{ commentIds: {}, publishedHash: null, notes: [], updatedAt: at(12) },
  });
  await ledger.audit.append({
    at: at(1),
    actor: "ann",
    action: "unlock",
    subject: "acme/infra#7",
    details: null,
  });
  const evidence = { key: "evidence/run_9.json", sha256: "5ha", bytes: 2 };
  const details = { run: "run_9", digest: "d", commit: "c", verified: true, evidence };
  await ledger.audit.append({ at: at(2), actor: "ann", action: "applied", subject: key("calm"), details });
};

const workspace = (name: string) => ({
  key: key(name),
  ...{ repo: "acme/infra", dir: name, name: "default", project: null, kind: "terraform" as const },
  refs: {
    desired: { repo: "acme/infra", dir: name, branch: "main" },
    recorded: { type: "terraform-state" as const, lineage: null, serial: null },
    actual: { type: "providers" as const, sources: [] },
  },
});
const config = (owners: readonly string[]) => ({ owners: [...owners], schedule: null });
const place = (ledger: Ledger, name: string): Promise<void> =>
  ledger.workspaces.upsert({
    ...workspace(name),
    config: config(name === "calm" ? ["@acme/db", "ann"] : []),
  });

const finding = (fingerprint: string, cause: Cause) => ({
  ...{ fingerprint, cause, address: `cloud_box.${fingerprint}`, path: "size", sensitive: false },
  ...{ recorded: 1, actual: 2, desired: 1 },
});

const run = async (
  ledger: Ledger,
  wish: {
    id: string;
    name: string;
    kind: RunKind;
    minute: number;
    to: RunState;
    trigger?: string;
    seconds?: number;
  },
): Promise<void> => {
  const { trigger = "event", seconds = 0 } = wish;
  const from = new Date(at(wish.minute).getTime() + seconds * 1000);
  await ledger.runs.create({
    ...{ id: wish.id, workspace: key(wish.name), kind: wish.kind, head: "h", base: "b", trigger },
    ...{ pull: wish.kind === "plan" ? pull : null, requestedBy: "ann", createdAt: from },
    input: { config: "long" },
  });
  const lease = await ledger.leases.acquire(key(wish.name), wish.id, "host", from, 1000);
  if ("heldBy" in lease) throw new Error("held");
  const { token } = lease;
  const change = { token, at: from };
  await ledger.runs.transition(wish.id, { from: ["queued"], to: "running", ...change });
  const ended = {
    result: { opened: 1 },
    logArtifact: "runs/x/log.txt#s#1",
    at: at(wish.minute + 1),
    token,
  };
  await ledger.runs.transition(wish.id, { from: ["running"], to: wish.to, ...ended });
  await ledger.leases.release(lease);
};

const overview = (get: Get): void => {
  test("the overview begins with what is worst, and counts all", async () => {
    const { items, next, totals } = await get().read.workspaces(all);
    expect(next).toBeNull();
    expect(items.map((one) => [one.dir, one.sync])).toEqual([
      ["frozen", "doubt"],
      ["failed", "failed"],
      ["drifted", "drifted"],
      ["later", "unapplied"],
      ["new", "unknown"],
      ["100%", "synced"],
      ["calm", "synced"],
    ]);
    expect(totals).toEqual({ doubt: 1, failed: 1, drifted: 1, unapplied: 1, unknown: 1, synced: 2 });
  });

  test("a line says how much drift since when, who holds the lock, how dangerous the plan is, and the last run", async () => {
    const { items } = await get().read.workspaces({ ...all, sync: ["drifted"] });
    expect(items).toEqual([
      {
        ...{ key: key("drifted"), repo: "acme/infra", dir: "drifted", name: "default", project: null },
        ...{ kind: "terraform", owners: [], sync: "drifted", drift: { open: 3, since: at(10) }, pending: 0 },
        lock: { pull, since: at(3), waiting: 1 },
        class: "R4",
        lastRun: { id: "run_3", kind: "plan", state: "succeeded", createdAt: at(3), endedAt: at(4) },
        frozen: null,
        lastLook: at(5),
        unfinishedBackfills: 0,
        driftPull: { ...pull, number: 9 },
      },
    ]);
  });

  test("pages follow one another; a search takes signs as they are; patterns hide what is not theirs", async () => {
    const { read } = get();
    const names: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await read.workspaces({ ...all, limit: 3, ...(cursor === null ? {} : { cursor }) });
      names.push(...page.items.map((one) => one.dir));
      cursor = page.next;
    } while (cursor !== null);
    expect(names).toEqual(["frozen", "failed", "drifted", "later", "new", "100%", "calm"]);
    const found = async (wish: object): Promise<readonly string[]> =>
      (await read.workspaces({ ...all, ...wish })).items.map((one) => one.dir);
    expect(await found({ search: "0%#" })).toEqual(["100%"]);
    expect(await found({ search: "DRIFT" })).toEqual(["drifted"]);
    expect(await found({ owner: "@ACME/db" })).toEqual(["calm"]);
    expect(await found({ locked: true })).toEqual(["drifted"]);
    expect(await found({ classes: ["R4", "R0"] })).toEqual(["drifted"]);
    expect(await found({ classes: ["R0"] })).toEqual([]);
    expect(await found({ visible: ["acme/infra//c*", "acme/infra//100%#default"] })).toEqual([
      "100%",
      "calm",
    ]);
    expect(await found({ visible: ["acme/infra//_alm#default"] })).toEqual([]);
    expect(await found({ visible: [] })).toEqual([]);
    for (const bad of ["x", "W10", Buffer.from('["a","b"]').toString("base64url")])
      await expect(read.workspaces({ ...all, cursor: bad })).rejects.toMatchObject({ code: "bad-cursor" });
  });
};

const one = (get: Get): void => {
  test("a workspace, with what is open, its runs, its queue", async () => {
    const { read } = get();
    expect(await read.workspace("acme/infra//no#default", at(20))).toBeNull();
    const found = await read.workspace(key("drifted"), at(20));
    expect(found).toMatchObject({ sync: "drifted", branch: "main", accepted: null, config: { owners: [] } });
    expect(found?.schedule).toEqual({ text: "*/30 * * * *", own: false, next: at(30) });
    expect(found?.findings.map((one) => [one.address, one.driftPull?.number])).toEqual([
      ["cloud_box.c", 9],
      ["cloud_box.b", 9],
      ["cloud_box.a", 9],
    ]);
    expect(found?.runs.map((one) => one.id)).toEqual(["run_3"]);
    expect(found?.queue.map((lock) => [lock.pull.number, lock.position])).toEqual([
      [7, 0],
      [8, 1],
    ]);
  });

  test("a run, with steps and plan", async () => {
    const { read } = get();
    expect(await read.run("run_none")).toBeNull();
    expect(await read.run("run_3")).toMatchObject({
      ...{ id: "run_3", state: "succeeded", class: "R4", hasLog: true, result: { opened: 1 } },
      steps: [{ name: "plan", startedAt: at(3), endedAt: at(4), ok: true }],
      plan: { digest: "d", summary: { inspection: { class: "R4" } }, discardedAt: null },
    });
  });
};

const lists = (get: Get): void => {
  test("runs, newest first, by what they are", async () => {
    const { read } = get();
    const ids = async (wish: object): Promise<readonly string[]> =>
      (await read.runs({ ...all, ...wish })).items.map((run) => run.id);
    expect(await ids({})).toEqual(["run_3", "run_2", "run_1"]);
    const first = await read.runs({ ...all, limit: 2 });
    expect(await ids({ cursor: first.next })).toEqual(["run_1"]);
    expect(await ids({ kind: "drift" })).toEqual(["run_1"]);
    expect(await ids({ states: ["succeeded"], pull })).toEqual(["run_3"]);
    expect(await ids({ workspace: key("calm") })).toEqual(["run_2"]);
    expect(await ids({ visible: ["acme/infra//f*"] })).toEqual(["run_1"]);
  });

  test("findings, open ones or those of the past", async () => {
    const { read } = get();
    const found = async (wish: object): Promise<readonly string[]> =>
      (await read.findings({ ...all, ...wish })).items.map((finding) => finding.address.slice(10));
    expect(await found({})).toEqual(["c", "d", "b", "a"]);
    expect(await found({ state: "ended" })).toEqual(["old"]);
    expect(await found({ state: "all", causes: ["console"], search: "box.O" })).toEqual(["old"]);
    const first = await read.findings({ ...all, limit: 3 });
    expect(await found({ cursor: first.next })).toEqual(["a"]);
    const [{ id } = { id: 0 }] = first.items;
    expect(await read.finding(id)).toEqual(first.items[0]);
    expect(await read.finding(0)).toBeNull();
  });

  test("a mark stays with one life of a finding", async () => {
    const { ledger, read } = get();
    const open = await read.findings({ ...all, search: "box.d" });
    const id = open.items[0]?.id ?? 0;
    const acked = { by: "ann", at: at(20), note: "on it" };
    expect(await ledger.findings.acknowledge(id, acked)).toBe(true);
    const snoozed = { by: "bob", until: at(50), reason: "after the release" };
    expect(await ledger.findings.snooze(id, snoozed)).toBe(true);
    expect(await read.finding(id)).toMatchObject({ acked, snoozed });
    // Over is over: who is told again must not look as if nobody were.
    const later = createReadModel(get().database, { now: () => at(50) });
    expect(await later.finding(id)).toMatchObject({ acked, snoozed: null });
    expect((await later.findings({ ...all, search: "box.d" })).items[0]).toMatchObject({ snoozed: null });
    await ledger.findings.end(key("later"), ["d"], "resolved-itself", at(21));
    expect(await ledger.findings.acknowledge(id, acked)).toBe(false);
    await ledger.findings.record(key("later"), [finding("d", "unapplied")], at(11));
    const [again] = (await read.findings({ ...all, search: "box.d" })).items;
    expect(again).toMatchObject({ acked: null, snoozed: null });
    expect(again?.id).not.toBe(id);
  });

  test("numbers of a span", async () => {
    const { read } = get();
    const numbers = await read.numbers({ visible: ["*"], from: at(0), now: at(40) });
    const minute = { count: 1, median: 60, slow: 60 };
    expect(numbers).toMatchObject({
      ...{ from: at(0), to: at(40), oldestDriftSeconds: 1800, lateness: null, workspaces: { doubt: 1 } },
      followedThrough: { are: 1, of: 4, share: 0.25 },
      ...{ toEnd: minute, toPull: null, pullToEnd: null, caughtInCycle: { are: 0, of: 0, share: null } },
      owners: [{ owner: null, found: 4, whole: 0, before: null }],
    });
    expect(numbers.channels).toEqual([]);
    expect(numbers.open).toContainEqual({ cause: "console", count: 2 });
    expect(numbers.runs.find(({ kind }) => kind === "drift")).toEqual({
      ...{ kind: "drift", state: "failed", count: 1, took: minute },
    });
    expect(numbers.failures).toEqual([
      { kind: "drift", are: 1, of: 1, share: 1 },
      { kind: "plan", are: 1, of: 2, share: 0.5 },
    ]);
    expect(numbers.weeks).toEqual([
      {
        ...{ week: "2025-12-29", isWhole: false, isRecorded: true, found: 4, ended: 1, toEndSeconds: 60 },
        byOwner: [{ owner: null, found: 4 }],
        plan: { ended: 2, failed: 1, seconds: 60 },
        apply: { ended: 0, failed: 0, seconds: null },
      },
    ]);
    const later = await read.numbers({ visible: ["*"], from: at(30), now: at(40) });
    expect(later).toMatchObject({ toEnd: null, runs: [], failures: [], followedThrough: { of: 0 } });
    expect(later.owners).toEqual([]);
    const none = await read.numbers({ visible: ["acme/infra//calm*"], from: at(0), now: at(40) });
    expect(none).toMatchObject({ open: [], owners: [], oldestDriftSeconds: null, failures: [{ of: 1 }] });
  });

  test("numbers of drift: until a pull request held it, by owner, and whether the next look found it", async () => {
    const { ledger, read } = get();
    const day = (of: number, minutes = 0): Date => new Date(at(minutes).getTime() + of * 86_400_000);
    await place(ledger, "calm");
    const look = (id: string, minute: number, seconds: number): Promise<void> => {
      const trigger = `${day(14, minute).toISOString().slice(0, 16)}Z`;
      const when = { minute: 14 * 24 * 60 + minute, seconds, trigger };
      return run(ledger, { ...when, id, name: "calm", kind: "drift", to: "succeeded" });
    };
    // The slot of 01:00 passed without a look.
    await look("look_1", 0, 5);
    await look("look_2", 30, 10);
    await ledger.findings.record(key("calm"), [finding("quick", "console")], day(14, 31));
    await look("look_3", 90, 15);
    await ledger.findings.record(key("calm"), [finding("late", "console")], day(14, 91));
    await ledger.findings.proposed(key("calm"), ["quick", "late"], day(14, 93));
    await ledger.findings.proposed(key("calm"), ["quick"], day(14, 99));
    await ledger.findings.end(key("calm"), ["quick"], "formalized", day(14, 153));
    const numbers = await read.numbers({ visible: ["*"], from: day(10), now: day(20) });
    expect(numbers).toMatchObject({
      followedThrough: { are: 1, of: 2 },
      toPull: { count: 2, median: 1920 },
      pullToEnd: { count: 1, median: 3600 },
      caughtInCycle: { are: 1, of: 2, share: 0.5 },
      lateness: { count: 3, median: 10 },
      owners: [
        { owner: "@acme/db", found: 2, whole: 2, before: 0 },
        { owner: "ann", found: 2, whole: 2, before: 0 },
      ],
    });
    expect(numbers.weeks.map(({ week, found, isWhole }) => [week, found, isWhole])).toEqual([
      ["2026-01-05", 0, false],
      ["2026-01-12", 2, true],
      ["2026-01-19", 0, false],
    ]);
    // Two whole weeks and the two before them: nothing was recorded then.
    const early = await read.numbers({ visible: ["*"], from: day(4), now: day(20) });
    expect(early.owners).toContainEqual({ owner: "ann", found: 2, whole: 2, before: null });
    const old = await read.numbers({ visible: ["*"], from: day(-8), now: day(20) });
    expect(old.weeks.map(({ isRecorded }) => isRecorded)).toEqual([false, true, true, true, true]);
    // What jitter adds to the slot is meant, and no lateness.
    const looks = { schedule: "*/30 * * * *", jitterSeconds: 1200 };
    const seconds = jitterOf(key("calm"), looks.schedule, looks.jitterSeconds);
    expect(seconds).toBeGreaterThanOrEqual(60);
    const trigger = `${day(30).toISOString().slice(0, 16)}Z`;
    const meant = { minute: 30 * 24 * 60, seconds: seconds + 20, trigger };
    await run(ledger, { ...meant, id: "look_4", name: "calm", kind: "drift", to: "succeeded" });
    const jittered = createReadModel(get().database, { looks });
    expect(await jittered.numbers({ visible: ["*"], from: day(29), now: day(31) })).toMatchObject({
      lateness: { count: 1, median: 20 },
    });
    const blind = createReadModel(get().database);
    expect((await blind.numbers({ visible: ["*"], from: day(10), now: day(20) })).caughtInCycle).toBeNull();
  });

  test("locks, queue, audit and evidence", async () => {
    const { read } = get();
    expect(await read.locks({ ...all, visible: ["acme/infra//calm*"] })).toEqual({ items: [], next: null });
    const first = await read.locks({ ...all, limit: 1 });
    expect(first).toMatchObject({ items: [{ by: "ann", position: 0 }], next: expect.any(String) });
    // Its place in the queue is the same in a later part.
    expect(await read.locks({ ...all, limit: 1, cursor: first.next ?? "" })).toMatchObject({
      ...{ items: [{ by: "bob", position: 1 }], next: null },
    });
    expect((await read.locks(all)).items.map((lock) => [lock.by, lock.position])).toEqual([
      ["ann", 0],
      ["bob", 1],
    ]);
    expect(await read.queue(all)).toEqual({ jobs: [], runs: [] });
    const entries = await read.audit({ ...all, limit: 1 });
    expect(entries.items.map((entry) => entry.action)).toEqual(["applied"]);
    const rest = await read.audit({ ...all, cursor: entries.next ?? "" });
    expect(rest.items.map((entry) => entry.action)).toEqual(["unlock"]);
    // Of a pull request: for whoever may see everything.
    expect((await read.audit({ ...all, visible: ["acme/infra//*"] })).items).toHaveLength(1);
    expect((await read.evidence(all)).items).toMatchObject([
      { run: "run_9", workspace: key("calm"), verified: true, sha256: "5ha", commit: "c" },
    ]);
    expect((await read.evidence({ ...all, workspace: key("new") })).items).toEqual([]);
  });

  test("a failed run of the branch counts until a newer one of it, also one that only waits", async () => {
    const { read, ledger } = get();
    const late = 60 * 24 * 60;
    const stand = async () => (await read.workspaces({ ...all, search: "calm" })).items[0]?.sync;
    const before = await stand();
    await run(ledger, { id: "late_1", name: "calm", kind: "plan", minute: late, to: "failed" });
    expect(await stand()).toBe(before);
    await run(ledger, { id: "late_2", name: "calm", kind: "drift", minute: late + 1, to: "failed" });
    await run(ledger, { id: "late_3", name: "calm", kind: "plan", minute: late + 2, to: "succeeded" });
    expect(await stand()).toBe("failed");
    await ledger.runs.create({
      ...{ id: "late_4", workspace: key("calm"), kind: "apply", pull: null, head: "h", base: "b" },
      ...{ trigger: "event", requestedBy: "ann", createdAt: at(late + 3) },
    });
    expect(await stand()).toBe(before);
  });
};
