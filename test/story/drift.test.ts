import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SmallStage, TestRepo } from "./small-stage.ts";
import { openDriftStage, topicCode } from "./topic-code.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openDriftStage(2);
});
afterAll(() => stage.close());

const retention = (name: string): unknown =>
  (stage.cloud.read().resources["kafka_topic"]?.[name]?.["config"] as Record<string, unknown> | undefined)?.[
    "segment.ms"
  ];
const inConsole = (name: string, to: number): void =>
  stage.cloud.set("kafka_topic", name, { config: { "segment.ms": String(to) } });
const updates = (name: string): number =>
  stage.cloud.requests().filter((line) => line.call === "update" && line.id === name).length;

const openOn = async (repo: TestRepo, dir = "one") =>
  stage.service().world.ledger.findings.open(repo.key(dir));
const endsOn = async (repo: TestRepo, dir = "one") =>
  (await stage.service().world.ledger.findings.history(repo.key(dir), 20)).map((finding) => finding.why);
const alertsOf = (repo: TestRepo) =>
  stage.alerts
    .filter((alert) => `${alert.title} ${alert.text}`.includes(repo.name))
    .map((alert) => alert.event);
const driftPulls = (repo: TestRepo) =>
  stage.forge.pulls(repo.name).filter((thread) => thread.author.login === "plumbline[bot]");

/** A repository with one applied topic, looked at once while all was well. */
const calmRepo = async (name: string, more = ""): Promise<TestRepo> => {
  const repo = await stage.repo(name, { "one/main.tf": topicCode(name, 1000, more) }, { applied: ["one"] });
  await repo.look("one");
  expect(await openOn(repo)).toEqual([]);
  return repo;
};
const driftedRepo = async (name: string, more = ""): Promise<TestRepo> => {
  const repo = await calmRepo(name, more);
  inConsole(name, 2000);
  await repo.look("one");
  return repo;
};

describe("somebody changes something in the console", () => {
  test("one pull request, one alert; reverted by comment, it closes and says why", async () => {
    const repo = await driftedRepo("reverted");
    const [pull, ...more] = driftPulls(repo);
    expect(more).toEqual([]);
    expect(pull?.body).toContain("segment.ms");
    expect(alertsOf(repo)).toEqual(["opened"]);
    await repo.look("one");
    expect(driftPulls(repo)).toHaveLength(1);
    expect(alertsOf(repo)).toEqual(["opened"]);
    const { number } = driftPulls(repo)[0] ?? { number: 0 };
    await repo.comment(number, "plumbline revert");
    expect(retention("reverted"), repo.said(number).join("\n")).toBe("1000");
    expect(await endsOn(repo)).toEqual(["reverted"]);
    expect(driftPulls(repo)[0]?.state).toBe("closed");
    expect(repo.said(number).join("\n")).toContain("revert");
    expect(alertsOf(repo)).toEqual(["opened", "ended"]);
    await repo.look("one");
    expect(alertsOf(repo)).toEqual(["opened", "ended"]);
    expect(await stage.forge.branch(repo.name, pull?.pull.headRef ?? "")).toBeNull();
  });

  test("put back by hand, the drift ends by itself", async () => {
    const repo = await driftedRepo("putback");
    inConsole("putback", 1000);
    await repo.look("one");
    expect(await openOn(repo)).toEqual([]);
    expect(driftPulls(repo)[0]?.state).toBe("closed");
    expect(alertsOf(repo)).toEqual(["opened", "ended"]);
  });

  test("formalized: merged, recorded, nothing in the cloud is touched", async () => {
    const repo = await driftedRepo("formalized");
    const { number, pull } = driftPulls(repo)[0] ?? { number: 0, pull: null };
    await repo.push(pull?.headRef ?? "", { "one/main.tf": topicCode("formalized", 2000) }, "noor");
    await repo.comment(number, "plumbline formalize", "noor");
    expect(driftPulls(repo)[0]?.pull.merged).toBeTruthy();
    expect(retention("formalized")).toBe("2000");
    expect(updates("formalized")).toBe(0);
    expect(await endsOn(repo)).toEqual(["formalized"]);
    await repo.look("one");
    expect(await openOn(repo)).toEqual([]);
    expect(stage.forge.pulls(repo.name)).toHaveLength(1);
  });

  test("the drift branch of somebody who works on it is never overwritten", async () => {
    const repo = await driftedRepo("worked");
    const branch = driftPulls(repo)[0]?.pull.headRef ?? "";
    const theirs = await repo.push(branch, { "one/note.tf": "# why\n" }, "noor");
    inConsole("worked", 3000);
    await repo.look("one");
    expect(await stage.forge.branch(repo.name, branch)).toBe(theirs);
    expect(driftPulls(repo)).toHaveLength(1);
    expect(driftPulls(repo)[0]?.body).toContain("3000");
    inConsole("worked", 1000);
    await repo.look("one");
    expect(driftPulls(repo)[0]?.state).toBe("closed");
    expect(await stage.forge.branch(repo.name, branch)).toBe(theirs);
  });

  test("a refresh that takes it into the state does not end it", async () => {
    const repo = await driftedRepo("absorbed");
    await repo.refreshOnly("one");
    await repo.look("one");
    expect(await openOn(repo)).toHaveLength(1);
    expect(driftPulls(repo)[0]?.state).toBe("open");
    // The one alert is brought up to date: the state holds the change now.
    expect(alertsOf(repo)).toEqual(["opened", "updated"]);
    await repo.comment(driftPulls(repo)[0]?.number ?? 0, "plumbline revert");
    expect(retention("absorbed")).toBe("1000");
    expect(await openOn(repo)).toEqual([]);
  });

  test("absorbed before anybody looked, it is found all the same", async () => {
    const repo = await calmRepo("unseen");
    inConsole("unseen", 2000);
    await repo.refreshOnly("one");
    await repo.look("one");
    expect((await openOn(repo)).map((finding) => finding.cause)).toEqual(["absorbed"]);
    expect(driftPulls(repo)).toHaveLength(1);
  });

  test("what was deleted outside is made again by revert", async () => {
    const repo = await calmRepo("vanished");
    stage.cloud.remove("kafka_topic", "vanished");
    await repo.look("one");
    expect((await openOn(repo)).map(({ cause, path }) => ({ cause, path }))).toEqual([
      { cause: "vanished", path: "" },
    ]);
    await repo.comment(driftPulls(repo)[0]?.number ?? 0, "plumbline revert");
    expect(retention("vanished")).toBe("1000");
    expect(await openOn(repo)).toEqual([]);
  });

  test("ignored until a day: written to plumbline.yaml on the branch, and over once that is merged", async () => {
    const repo = await driftedRepo("ignored");
    const { number, pull } = driftPulls(repo)[0] ?? { number: 0, pull: null };
    await repo.comment(number, 'plumbline ignore kafka_topic.it.config --for 7d --reason "load test"');
    const branch = pull?.headRef ?? "";
    expect(await stage.forge.read(repo.name, branch, "plumbline.yaml")).toContain("load test");
    await repo.look("one");
    expect(await stage.forge.read(repo.name, branch, "plumbline.yaml")).toContain("load test");
    await repo.merge(number);
    expect(retention("ignored")).toBe("2000");
    expect(updates("ignored")).toBe(0);
    await repo.look("one");
    expect(await openOn(repo)).toEqual([]);
    expect(await endsOn(repo)).toEqual(["ignored"]);
    expect(stage.forge.pulls(repo.name)).toHaveLength(1);
  });

  test("over the cap one issue lists the rest, and is closed when nothing waits any more", async () => {
    const dirs = ["one", "two", "three"];
    const files = Object.fromEntries(dirs.map((dir) => [`${dir}/main.tf`, topicCode(`capped-${dir}`, 1000)]));
    const repo = await stage.repo("capped", files, { applied: dirs });
    await repo.look(...dirs);
    for (const dir of dirs) inConsole(`capped-${dir}`, 2000);
    await repo.look(...dirs);
    expect(driftPulls(repo)).toHaveLength(2);
    const [issue, ...more] = stage.forge.issues(repo.name);
    expect(more).toEqual([]);
    expect(dirs.filter((dir) => issue?.body.includes(repo.key(dir)))).toHaveLength(1);
    for (const dir of dirs) inConsole(`capped-${dir}`, 1000);
    await repo.look(...dirs);
    expect(stage.forge.issues(repo.name)[0]?.state).toBe("closed");
    expect(driftPulls(repo).map((thread) => thread.state)).toEqual(["closed", "closed"]);
  });
});

describe("a pull request that meets drift", () => {
  test("would undo it: stopped after the merge, until somebody says --revert-drift for this very plan", async () => {
    const repo = await driftedRepo("guarded");
    const number = await repo.propose({ "one/main.tf": topicCode("guarded", 1500) }, { branch: "lower" });
    expect(repo.status(number, "plumbline/apply: one")?.state).toBe("failure");
    await repo.comment(number, "plumbline apply --revert-drift");
    await repo.push("lower", { "one/main.tf": topicCode("guarded", 1600) });
    await repo.merge(number);
    expect(retention("guarded")).toBe("2000");
    expect(updates("guarded")).toBe(0);
    expect(repo.saying(number, "Stopped")).toContain("--revert-drift");
    await repo.comment(number, "plumbline apply");
    expect(updates("guarded")).toBe(0);
    await repo.comment(number, "plumbline apply --revert-drift");
    expect(retention("guarded")).toBe("1600");
    expect(await openOn(repo)).toEqual([]);
    expect(driftPulls(repo)[0]?.state).toBe("closed");
  });

  test("said before the merge, --revert-drift lets the merge apply", async () => {
    const repo = await driftedRepo("willing");
    const number = await repo.propose({ "one/main.tf": topicCode("willing", 1500) });
    await repo.comment(number, "plumbline apply --revert-drift");
    await repo.merge(number);
    expect(retention("willing")).toBe("1500");
  });

  test("leaves it alone: applied, and the drift stays open although the apply took it into the state", async () => {
    const other = (speed: number): string =>
      `resource "kafka_topic" "other" {\n  name               = "beside-other"\n  partitions         = 3\n  replication_factor = 3\n  config = {\n    "segment.ms" = "${speed}"\n  }\n}\n`;
    const ignoring = topicCode("beside", 1000).replace(
      "  config = {",
      "  lifecycle {\n    ignore_changes = [config]\n  }\n  config = {",
    );
    const repo = await stage.repo("beside", { "one/main.tf": ignoring + other(3) }, { applied: ["one"] });
    await repo.look("one");
    inConsole("beside", 2000);
    await repo.look("one");
    expect(await openOn(repo)).toHaveLength(1);
    const number = await repo.propose({ "one/main.tf": ignoring + other(6) });
    await repo.merge(number);
    expect(repo.status(number, "plumbline/apply: one")?.state, repo.said(number).join("\n")).toBe("success");
    expect(retention("beside")).toBe("2000");
    await repo.look("one");
    expect(await openOn(repo)).toHaveLength(1);
    expect(driftPulls(repo)[0]?.state).toBe("open");
  });

  test("a look that is due while a run holds the workspace is skipped and said so", async () => {
    const repo = await stage.repo("busy", {
      "one/main.tf": topicCode("busy", 1000),
      "plumbline.yaml": 'version: 1\nworkspaces:\n  - dir: one\n    schedule: "*/30 * * * *"\n',
    });
    const gate = await stage.gate();
    await repo.propose({ "one/gate.tf": gate.data }, { settle: false });
    await gate.reached;
    stage.clock.toNextHalfHour();
    expect(await stage.service().tick()).toBe(0);
    expect(stage.logged.filter((line) => line.includes("drift was not looked for"))).toHaveLength(1);
    gate.open();
    await stage.settled();
    stage.clock.toNextHalfHour();
    expect(await stage.service().tick()).toBe(1);
    await stage.settled();
  });
});

describe("modes for those who start carefully", () => {
  test("observe: findings and alerts, but no pull request and no apply", async () => {
    await stage.stop();
    await stage.start((config) => ({ ...config, mode: "observe" }));
    const repo = await driftedRepo("watched");
    expect(await openOn(repo)).toHaveLength(1);
    expect(stage.forge.pulls(repo.name)).toEqual([]);
    expect(stage.forge.issues(repo.name)).toEqual([]);
    expect(alertsOf(repo)).toEqual(["opened"]);
    const number = await repo.propose({ "one/main.tf": topicCode("watched", 5000) });
    await repo.merge(number);
    expect(updates("watched")).toBe(0);
  });

  test("comment: drift is told, and a merge applies without the gates", async () => {
    await stage.stop();
    await stage.start((config) => ({ ...config, mode: "comment" }));
    const repo = await driftedRepo("told");
    expect(driftPulls(repo)).toHaveLength(1);
    const number = await repo.propose({ "one/main.tf": topicCode("told", 5000) });
    await repo.merge(number);
    expect(retention("told")).toBe("5000");
  });
});
