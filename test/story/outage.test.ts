import { createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openSmallStage, root, type SmallStage, type TestRepo } from "./small-stage.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openSmallStage();
});
afterAll(() => stage.close());

const runsOf = async ({ name }: TestRepo, number: number, kind: "plan" | "apply") =>
  stage.service().world.ledger.runs.list({ pull: { repo: name, number }, kind });
const poll = async (repo: TestRepo): Promise<void> => {
  const { ledger, clock, nudge } = stage.service().world;
  await ledger.outbox.add([{ job: { kind: "poll", repo: repo.name } }], clock.now());
  nudge();
  await stage.settled();
};
const restart = async (): Promise<void> => {
  await stage.stop();
  await stage.start();
  await stage.settled();
};
const done = ["plumbline/plan: one: success", "plumbline/plan: success"];

describe("a bad day of the forge", () => {
  test("statuses and comments that it refuses are said later, once", async () => {
    const repo = await stage.repo("refusing", { "one/main.tf": root("a") });
    stage.forge.switches.fail({ status: 502, match: /^POST .*\/statuses\//, times: 2 });
    stage.forge.switches.fail({ status: 500, match: /^POST .*\/comments/, times: 1 });
    const number = await repo.propose({ "one/main.tf": root("b") }, { settle: false });
    await stage.forge.waitFor(
      "everything said",
      () => repo.statuses(number).join() === done.join() && repo.said(number).length > 0,
    );
    await stage.settled();
    expect(repo.said(number)).toHaveLength(1);
    stage.forge.switches.reset();
  });

  test("a comment whose answer was lost is not written twice", async () => {
    const repo = await stage.repo("lost", { "one/main.tf": root("a") });
    stage.forge.switches.fail({ status: 502, match: /^POST .*\/comments/, times: 1, afterwards: true });
    const number = await repo.propose({ "one/main.tf": root("b") }, { settle: false });
    await stage.forge.waitFor("the plan", () => repo.statuses(number).join() === done.join());
    await stage.settled();
    expect(repo.said(number)).toHaveLength(1);
  });

  test("stopped while something is owed: the next start says it", async () => {
    const repo = await stage.repo("owed", { "one/main.tf": root("a") });
    stage.forge.switches.fail({ status: 503, match: /^POST .*\/statuses\//, times: 1000 });
    const number = await repo.propose({ "one/main.tf": root("b") }, { settle: false });
    await vi.waitFor(
      async () => expect((await runsOf(repo, number, "plan")).map((run) => run.state)).toEqual(["succeeded"]),
      { timeout: 60_000 },
    );
    await stage.stop();
    expect(repo.statuses(number)).toEqual([]);
    stage.forge.switches.reset();
    await stage.start();
    await stage.forge.waitFor("what was owed", () => repo.statuses(number).join() === done.join());
    await stage.settled();
    expect(repo.said(number)).toHaveLength(1);
  });
});

describe("webhooks that never came", () => {
  test("pull requests, pushes, commands, merges and closings are found by the poll; found again, nothing happens", async () => {
    const repo = await stage.repo("dropped", { "one/main.tf": root("a") }, { applied: ["one"] });
    await poll(repo);
    stage.forge.switches.webhooks = "drop";
    const number = await repo.propose({ "one/main.tf": root("b") }, { branch: "quiet" });
    expect(repo.statuses(number)).toEqual([]);
    await poll(repo);
    expect(repo.statuses(number)).toEqual(done);
    await repo.push("quiet", { "one/main.tf": root("c") });
    await repo.comment(number, "plumbline help");
    await poll(repo);
    await poll(repo);
    expect(repo.statuses(number)).toEqual(done);
    expect(repo.said(number).filter((body) => body.includes("| command | does |"))).toHaveLength(1);
    await repo.merge(number);
    await poll(repo);
    await poll(repo);
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "c" });
    expect(await runsOf(repo, number, "apply")).toHaveLength(1);
    const other = await repo.propose({ "one/main.tf": root("d") });
    await poll(repo);
    await stage.forge.as("dana").close(repo.ref(other));
    await poll(repo);
    expect(await stage.service().world.ledger.locks.of(repo.key("one"))).toEqual([]);
    stage.forge.switches.reset();
  });
});

describe("deliveries", () => {
  const send = (body: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${stage.service().url}/webhooks/github`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-github-event": "pull_request", ...headers },
      body,
    });

  test("a wrong signature is refused and nothing comes of it", async () => {
    const repo = await stage.repo("forged", { "one/main.tf": root("a") });
    const number = await repo.propose({ "one/main.tf": root("b") });
    const body = JSON.stringify({
      action: "closed",
      pull_request: { number, merged: true },
      repository: { full_name: repo.name },
    });
    const wrong = createHmac("sha256", "somebody else's").update(body).digest("hex");
    const answer = await send(body, {
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": `sha256=${wrong}`,
    });
    expect(answer.status).toBe(401);
    await stage.settled();
    expect((await stage.service().world.ledger.pulls.get(repo.ref(number)))?.state).toBe("open");
  });

  test("every delivery of a pull request sent again changes nothing", async () => {
    const repo = await stage.repo("again", { "one/main.tf": root("a") });
    const from = stage.forge.deliveries.length;
    const number = await repo.propose({ "one/main.tf": root("b") });
    const ids = stage.forge.deliveries.slice(from).map((delivery) => delivery.id);
    for (const id of ids) await stage.forge.redeliver(id);
    await stage.settled();
    expect(await runsOf(repo, number, "plan")).toHaveLength(1);
    expect(repo.said(number)).toHaveLength(1);
  });
});

describe("stopped in the middle", () => {
  test("of a plan: it is made again after the start, and no status stays pending", async () => {
    const repo = await stage.repo("midplan", { "one/main.tf": root("a") });
    const gate = await stage.gate();
    const number = await repo.propose({ "one/main.tf": root("b", gate.data) }, { settle: false });
    await gate.reached;
    const stopping = stage.stop();
    gate.open();
    await stopping;
    await stage.start();
    await stage.settled();
    expect(repo.statuses(number)).toEqual(done);
    expect((await runsOf(repo, number, "plan")).map((run) => run.state).toSorted()).toEqual([
      "interrupted",
      "succeeded",
    ]);
  });

  test("of an apply: it is waited for, and its result is told", async () => {
    const gate = await stage.gate();
    const slow = `resource "terraform_data" "slow" {\n  provisioner "local-exec" {\n    command = ${JSON.stringify(gate.command)}\n  }\n}\n`;
    const repo = await stage.repo("midapply", { "one/main.tf": root("a") }, { applied: ["one"] });
    const number = await repo.propose({ "one/main.tf": root("b", slow) });
    await stage.forge.as("dana").merge(repo.ref(number));
    await gate.reached;
    const stopping = stage.stop();
    gate.open();
    await stopping;
    expect(await repo.live("one")).toMatchObject({ "terraform_data.it": "b" });
    await stage.start();
    await stage.settled();
    expect((await runsOf(repo, number, "apply")).map((run) => run.state)).toEqual(["succeeded"]);
    expect(repo.statuses(number)).toEqual(["plumbline/apply: one: success", ...done]);
  });

  test("of nothing: a restart says nothing again, and locks are kept", async () => {
    const repo = await stage.repo("restarted", { "one/main.tf": root("a") });
    const number = await repo.propose({ "one/main.tf": root("b") });
    const writes = () =>
      stage.forge.requests.filter((entry) => entry.method !== "GET" && entry.path.includes(repo.name));
    const before = writes().length;
    await restart();
    expect(writes()).toHaveLength(before);
    expect(await stage.service().world.ledger.locks.of(repo.key("one"))).toHaveLength(1);
    await repo.merge(number);
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "b" });
  });
});
