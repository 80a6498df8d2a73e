import { beforeAll, expect, test } from "vitest";
import { createLedger } from "../../src/adapters/ledger.ts";
import type { PullRef } from "../../src/model/pull.ts";
import type { RunState } from "../../src/model/run.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { askRevert, revertAskedBy } from "../../src/run/drift-selection.ts";
import { applyMerged } from "../../src/run/merge.ts";
import type { World } from "../../src/run/world.ts";
import { quiet } from "../contract/jobs.ts";
import { openTestDatabase } from "../contract/test-database.ts";

let ledger: Ledger;
beforeAll(async () => {
  ledger = createLedger(await openTestDatabase());
  return () => ledger.close();
});

const REPO = "acme/infra";
const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 12, 0, second));

/** Looks what is due, at this time; the forge says when it was merged. Returns the applies that wait to be run. */
const merged = async (ref: PullRef, now: Date, mergedAt: Date | null): Promise<readonly string[]> => {
  const pull = { ...ref, state: "merged", mergedAt, author: "ann", fork: false };
  const sides = { head: { ref: "x", sha: "h" }, base: { ref: "main", sha: "b" } };
  const world = {
    ...{ ledger, log: quiet, clock: { now: () => now }, newId: () => `run_again_${ref.number}` },
    forge: {
      pull: async () => ({ ...pull, ...sides }),
      identity: async () => "plumbline",
      defaultBranch: async () => "main",
    },
    git: { fetch: async () => {}, resolve: async () => "tip", mergeBase: async () => null },
  } as unknown as World;
  await applyMerged(world)({ pull: ref, by: "ann" });
  const waiting = await ledger.runs.list({ pull: ref, kind: "apply", states: ["queued"] });
  return waiting.map(({ id }) => id);
};

interface Told {
  readonly kind: "plan" | "apply";
  readonly stored: Date;
  readonly ended: Date;
  readonly to: RunState;
  readonly denied?: readonly string[];
}

/** A run that ended and left a plan. */
const ran = async (pull: PullRef, { kind, stored, ended, to, denied = [] }: Told): Promise<void> => {
  const [id, workspace] = [`run_${kind}_${pull.number}`, `${REPO}//a#${pull.number}`];
  const refs = { desired: { repo: REPO, dir: "a", branch: "main" }, recorded: {}, actual: {} };
  await ledger.workspaces.upsert({
    ...{ key: workspace, repo: REPO, dir: "a", name: `${pull.number}`, project: null, kind: "terraform" },
    ...{ refs: refs as never, config: {} },
  });
  const config = { apply: "on_merge", drift: { ignore: [] } };
  await ledger.runs.create({
    ...{ id, workspace, kind, pull, head: "h", base: "b", trigger: "event", requestedBy: "ann" },
    ...{ createdAt: stored, input: { provisionalOn: [], config } },
  });
  const lease = await ledger.leases.acquire(workspace, id, "a", ended, 1_000);
  if (!("token" in lease)) throw new Error(`Somebody holds ${workspace}.`);
  const { token } = lease;
  await ledger.runs.transition(id, { from: ["queued"], to: "running", token, at: stored });
  const result = { provisionalOn: [], config, denied: denied.map((gate) => ({ gate, message: gate })) };
  await ledger.runs.transition(id, { from: ["running"], to, token, at: ended, result });
  await ledger.leases.release(lease);
  const artifacts = { planArtifact: null, jsonArtifact: null };
  const digest = { digest: "d", digestParts: {}, summary: {} };
  await ledger.plans.add({
    run: id,
    workspace,
    pull,
    head: "h",
    base: "b",
    ...digest,
    ...artifacts,
    createdAt: stored,
  });
};

const opened = async (pull: PullRef): Promise<void> => {
  const row = { pull, state: "open", head: "h", deployBranch: true, driftOf: null } as const;
  await ledger.pulls.put({ ...row, commentIds: {}, notes: [], publishedHash: null, updatedAt: at(0) });
};

test("what only another's lock stopped is applied once that is free, though the denied apply left a newer plan", async () => {
  const [pull, other] = [1, 2].map((number) => ({ repo: REPO, number })) as [PullRef, PullRef];
  const workspace = `${REPO}//a#1`;
  await opened(pull);
  await ran(pull, { kind: "plan", stored: at(1), ended: at(2), to: "succeeded" });
  await ledger.locks.request(workspace, other, "sam", at(3));
  await ledger.meta.set(`merged:${REPO}#1`, at(5).toISOString());
  await ran(pull, { kind: "apply", stored: at(6), ended: at(7), to: "failed", denied: ["locked"] });
  expect(await merged(pull, at(8), at(5))).toEqual([]);
  await ledger.locks.release(workspace, other);
  await ledger.locks.request(workspace, pull, "ann", at(9));
  expect(await merged(pull, at(10), at(5))).toEqual(["run_again_1"]);
});

test.each([
  [11, "ended before the merge is applied", { ended: at(4), heard: at(9), mergedAt: at(5) }],
  [
    12,
    "ended within the second that the forge names is applied",
    { ended: at(5), heard: at(9), mergedAt: at(5) },
  ],
  [13, "ended after a merge that we heard of late waits", { ended: at(7), heard: at(9), mergedAt: at(5) }],
  [
    14,
    "was stored before the merge and ended after it waits",
    { ended: at(9), heard: at(5), mergedAt: null },
  ],
  [
    15,
    "ended before we heard is applied where the forge says no time",
    { ended: at(4), heard: at(5), mergedAt: null },
  ],
])("%i: a plan that %s", async (number, name, { ended, heard, mergedAt }) => {
  const pull = { repo: REPO, number };
  await opened(pull);
  await ran(pull, { kind: "plan", stored: at(3), ended, to: "succeeded" });
  expect(await merged(pull, heard, mergedAt)).toEqual(name.includes("waits") ? [] : [`run_again_${number}`]);
});

test("word of a drift pull request's merge that comes again forgets nothing that was asked of the next one", async () => {
  const driftOf = `${REPO}//a#1`;
  const keep = (number: number, state: "open" | "merged") =>
    ledger.pulls.put({
      ...{ pull: { repo: REPO, number }, state, head: "h", deployBranch: true, driftOf },
      ...{ commentIds: {}, notes: [], publishedHash: null, updatedAt: at(0) },
    });
  await keep(20, "open");
  await askRevert({ ledger }, driftOf, "lee");
  await merged({ repo: REPO, number: 20 }, at(8), at(5));
  expect(await revertAskedBy({ ledger }, driftOf)).toBeNull();
  await keep(21, "open");
  await askRevert({ ledger }, driftOf, "lee");
  await merged({ repo: REPO, number: 20 }, at(9), at(5));
  expect(await revertAskedBy({ ledger }, driftOf)).toBe("lee");
});
