import { afterAll, beforeAll, expect, test } from "vitest";
import { openSmallStage, root, type SmallStage, type TestRepo } from "./small-stage.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openSmallStage();
}, 120_000);
afterAll(() => stage.close());

/** What a merge queue does: a branch of its own with these pull requests on top of main, and the question about it. */
const queue = async (
  repo: TestRepo,
  number: number,
  files: Record<string, string>,
): Promise<() => string[]> => {
  const branch = `gh-readonly-queue/main/pr-${number}-0123abc`;
  const head = await stage.forge
    .as("dana")
    .pushFiles(repo.name, branch, files, "In the queue", { from: "main" });
  const { ledger, clock, nudge } = stage.service().world;
  const event = {
    ...{ type: "merge-group" as const, repo: repo.name, head, base: "main" },
    ref: `refs/heads/${branch}`,
  };
  await ledger.outbox.add([{ job: { kind: "event", delivery: `queue:${head}`, event } }], clock.now());
  nudge();
  await stage.settled();
  return () =>
    stage.forge
      .statuses(repo.name, head)
      .map(({ context, state, description }) => `${state} ${context}: ${description}`)
      .sort();
};

test("a merge queue's commit gets the verdict of its pull requests, once their plans are of its code", async () => {
  const repo = await stage.repo("queued", { "one/main.tf": root("a"), "two/main.tf": root("a") });
  const first = await repo.propose({ "one/main.tf": root("b") });
  const second = await repo.propose({ "one/outputs.tf": 'output "more" {\n  value = 1\n}\n' });
  const broken = await repo.propose({ "two/main.tf": "resource {" });

  const ofFirst = await queue(repo, first, { "one/main.tf": root("b") });
  expect(ofFirst()).toEqual([
    "success plumbline/plan: Planned: 1 to create",
    "success plumbline/plan: one: 1 to create",
  ]);
  const ofBroken = await queue(repo, broken, { "two/main.tf": "resource {" });
  expect(ofBroken()).toEqual([
    "failure plumbline/plan: Plan failed",
    "failure plumbline/plan: two: plan failed",
  ]);
  const ofNobody = await queue(repo, 99, { "two/main.tf": root("c") }).catch(() => null);
  expect(ofNobody?.() ?? []).not.toContainEqual(expect.stringContaining("success"));

  const both = { "one/main.tf": root("b"), "one/outputs.tf": 'output "more" {\n  value = 1\n}\n' };
  const ofBoth = await queue(repo, second, both);
  const behind = `#${second} was planned without what goes in before it: one#default.`;
  expect(ofBoth()).toEqual([`pending plumbline/plan: ${behind}`, `pending plumbline/plan: one: ${behind}`]);
  await repo.merge(first);
  await stage.settled();
  expect(ofBoth()).toEqual([
    expect.stringMatching(/^success plumbline\/plan: /),
    expect.stringMatching(/^success plumbline\/plan: one: /),
  ]);
}, 120_000);
