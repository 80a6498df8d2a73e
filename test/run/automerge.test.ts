import { beforeAll, describe, expect, test } from "vitest";
import { createLedger } from "../../src/adapters/ledger.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { PullRef } from "../../src/model/pull.ts";
import type { Run } from "../../src/model/run.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { applyMerged } from "../../src/run/merge.ts";
import { settle } from "../../src/run/settle-run.ts";
import type { World } from "../../src/run/world.ts";
import { quiet } from "../contract/jobs.ts";
import { openTestDatabase } from "../contract/test-database.ts";

let ledger: Ledger;
beforeAll(async () => {
  ledger = createLedger(await openTestDatabase());
  return () => ledger.close();
});

const REPO = "acme/network";
const NOON = Date.UTC(2026, 3, 1, 12);
const after = (seconds: number): Date => new Date(NOON + seconds * 1000);
const input = { provisionalOn: [], config: { apply: "on_comment", drift: { ignore: [] } } };
const rules = { automerge: true, deleteSourceBranchOnMerge: true, silencePrComments: [] };

/** A pull request of one workspace that is planned and applied by comment, and a forge that writes down what it is told. */
const scene = async (number: number, deleteBranch = async (): Promise<void> => {}) => {
  const ref: PullRef = { repo: REPO, number };
  const key = `${REPO}//net#${number}`;
  const row = { pull: ref, state: "open", head: "h", deployBranch: true, driftOf: null } as const;
  await ledger.pulls.put({ ...row, commentIds: {}, notes: [], publishedHash: null, updatedAt: after(0) });
  const refs = { desired: { repo: REPO, dir: "net", branch: "main" }, recorded: {}, actual: {} } as never;
  const place = { key, repo: REPO, dir: "net", name: `${number}`, project: null } as const;
  await ledger.workspaces.upsert({ ...place, kind: "terraform", refs, config: {} });
  await ran({ ref, key, kind: "plan", start: 1 });
  await ran({ ref, key, kind: "apply", start: 3 });
  await ledger.locks.request(key, ref, "ann", after(5));
  const [told, tried]: [string[], string[]] = [[], []];
  let [state, mergedBy] = ["open", ""];
  const world = {
    ...{ ledger, log: quiet, clock: { now: () => after(9) }, nudge: () => {}, newId: () => "run_more" },
    server: { mode: "enforce", triggerWords: ["plumbline"], publicUrl: null },
    redactor: { redact: (text: string) => text },
    forge: {
      pull: async () => ({
        ...{ ...ref, state, mergedBy, draft: false, mergedAt: null, author: "ann", fork: false },
        ...{ head: { ref: "wish", sha: "h" }, base: { ref: "main", sha: "b" } },
      }),
      defaultBranch: async () => "main",
      identity: async () => "plumbline",
      openPulls: async () => [],
      setStatus: async (_repo: string, _head: string, one: { context: string; state: string }) =>
        void told.push(`${one.context} ${one.state}`),
      mergeable: async () => {
        told.push("asked");
        return true;
      },
      merge: async () => {
        told.push("merged");
        [state, mergedBy] = ["merged", "plumbline"];
      },
    },
    git: {
      fetch: async () => {},
      resolve: async (_repo: string, name: string) => (name === "wish" ? "h" : "tip"),
      deleteBranch: async (...wish: readonly string[]) => {
        tried.push(wish.slice(1).join(" at "));
        await deleteBranch();
      },
    },
  } as unknown as World;
  const byHand = (): void => {
    [state, mergedBy] = ["merged", "dana"];
  };
  return { ref, key, told, tried, world, byHand, look: () => applyMerged(world)({ pull: ref, by: "ann" }) };
};

interface Wish {
  readonly ref: PullRef;
  readonly key: string;
  readonly kind: "plan" | "apply";
  readonly start: number;
  readonly head?: string;
}

const started = async ({ ref, key, kind, start, head = "h" }: Wish) => {
  const id = `run_${kind}_${start}_${key}`;
  const result = { ...input, rules, intent: kind === "plan" ? kind : "comment" } as unknown as JsonObject;
  const asked = { trigger: "comment", requestedBy: "ann", createdAt: after(start), input: result };
  await ledger.runs.create({ id, workspace: key, kind, pull: ref, head, base: "b", ...asked });
  const lease = await ledger.leases.acquire(key, id, "one", after(start), 1_000);
  if (!("token" in lease)) throw new Error("The workspace is not free.");
  const { token } = lease;
  await ledger.runs.transition(id, { from: ["queued"], to: "running", token, at: after(start) });
  return { run: (await ledger.runs.get(id)) as Run, lease, result };
};

const ran = async (wish: Wish): Promise<void> => {
  const { run, lease, result } = await started(wish);
  const ended = { token: lease.token, at: after(wish.start + 1), result: { ...result, verified: true } };
  await ledger.runs.transition(run.id, { from: ["running"], to: "succeeded", ...ended });
  await ledger.leases.release(lease);
};

const automerged = async ({ repo, number }: PullRef) =>
  (await ledger.audit.list({ subject: `${repo}#${number}` })).filter(({ action }) => action === "automerged");

describe("a merge of ours", () => {
  test("says its own statuses before it asks the forge, which may demand them", async () => {
    const { look, told } = await scene(1);
    await look();
    expect(told.slice(-2)).toEqual(["asked", "merged"]);
    expect(told.slice(0, -2)).toContainEqual(expect.stringMatching(/^plumbline\/apply: net.* success$/));
  });

  test("is audited once and frees the locks, though the forge keeps the branch", async () => {
    const refuses = async (): Promise<void> => {
      throw new Error("A rule protects this branch.");
    };
    const { look, key, ref, tried } = await scene(2, refuses);
    await look();
    await look();
    await look();
    expect(tried).toEqual(["wish at h"]);
    expect((await ledger.pulls.get(ref))?.state).toBe("merged");
    expect(await ledger.locks.of(key)).toEqual([]);
    expect(await automerged(ref)).toMatchObject([{ details: { head: "h", by: "ann" } }]);
  });

  test("is audited though the answer to it was lost", async () => {
    const { look, world, ref } = await scene(3);
    const { merge } = world.forge;
    world.forge.merge = async (...wish) => {
      await merge(...wish);
      throw new Error("The connection was lost.");
    };
    await expect(look()).rejects.toThrow("lost");
    await look();
    expect(await automerged(ref)).toHaveLength(1);
  });

  test("is nobody else's: who merges that head by hand after our tries failed is not taken for us", async () => {
    const { look, world, byHand, ref, tried } = await scene(5);
    world.forge.merge = async () => {
      throw new PlumblineError("forge-unavailable", "The forge answered 502.");
    };
    await expect(look()).rejects.toThrow("502");
    byHand();
    await look();
    expect([await automerged(ref), tried]).toEqual([[], []]);
  });

  test("does not come while tests of changed policies fail, and one by hand later is nobody else's", async () => {
    const { look, told, byHand, ref, tried } = await scene(4);
    const report = { folder: "policies", passed: 1, failed: ["denies_open"], error: null };
    await ledger.meta.set(`policy-tests:${REPO}#4`, { head: "h", reports: [report] });
    await ledger.meta.set(`automerge:${REPO}#4`, { head: "h", deleteBranch: true, by: "ann" });
    const { followUps } = await look();
    expect(told).not.toContain("merged");
    const body = expect.stringContaining("plumbline/policy: tests of policies");
    expect(followUps).toMatchObject([{ job: { kind: "reply", body } }]);
    byHand();
    await look();
    expect([await automerged(ref), tried]).toEqual([[], []]);
  });
});

test.each([
  ["h", "looks whether all is applied", 1],
  ["newer", "of a head that nothing was applied of does not", 0],
])("a plan that ends last, of %s, %s", async (head, _name, count) => {
  const number = 6 + count;
  const { world, ref, key } = await scene(number);
  const { run, lease, result } = await started({ ref, key: `${key}-more`, kind: "plan", start: 6, head });
  await settle(world, run, lease, { to: "succeeded", result, followUps: [] }, null);
  const jobs = (await ledger.outbox.take(100)).map(({ followUp }) => followUp.job);
  const looks = jobs.filter((job) => job.kind === "merge" && job.pull.number === number);
  expect(looks).toHaveLength(count);
});
