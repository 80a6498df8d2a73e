import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { consoleLogOf } from "../../demo/cloud/account.ts";
import { createToken } from "../../src/run/access-tokens.ts";
import type { SmallStage, TestRepo } from "./small-stage.ts";
import { KAFKA, openDriftStage } from "./topic-code.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openDriftStage(9, ({ engine }) => {
    const path = consoleLogOf(String(engine.planEnv["DEMOCLOUD_ACCOUNT_FILE"]));
    return { actors: { file: { path, ownPrincipals: [] } } };
  });
});
afterAll(() => stage.close());

const topic = (label: string, name: string, settings: Record<string, string>): string => `
resource "kafka_topic" "${label}" {
  name               = "${name}"
  partitions         = 3
  replication_factor = 3
  config = {
${Object.entries(settings)
  .map(([key, value]) => `    "${key}" = "${value}"`)
  .join("\n")}
  }
}
`;
const SEGMENT = { "segment.ms": "1000" };
const KEPT = { "segment.ms": "1000", "retention.ms": "5000" };

/** Two topics, each changed by hand: one at one place, the other at two. */
const twice = async (name: string): Promise<{ repo: TestRepo; number: number; branch: string }> => {
  const text = KAFKA + topic("a", `${name}-a`, SEGMENT) + topic("b", `${name}-b`, KEPT);
  const repo = await stage.repo(name, { "one/main.tf": text }, { applied: ["one"] });
  await repo.look("one");
  inConsole(`${name}-a`, { "segment.ms": "2000" });
  inConsole(`${name}-b`, { "segment.ms": "3000", "retention.ms": "4000" });
  await repo.look("one");
  const [pull] = driftPulls(repo);
  return { repo, number: pull?.number ?? 0, branch: pull?.pull.headRef ?? "" };
};

const inConsole = (name: string, config: Record<string, string>): void =>
  stage.cloud.set("kafka_topic", name, { config }, "noor");
const live = (name: string): unknown => stage.cloud.read().resources["kafka_topic"]?.[name]?.["config"];
const driftPulls = (repo: TestRepo) =>
  stage.forge.pulls(repo.name).filter((thread) => thread.author.login === "plumbline[bot]");
const openOn = async (repo: TestRepo) =>
  (await stage.service().world.ledger.findings.open(repo.key("one"))).map(
    ({ address, path }) => `${address}.${path}`,
  );
const code = async (repo: TestRepo, branch: string): Promise<string> =>
  (await stage.forge.read(repo.name, branch, "one/main.tf")) ?? "";

describe("formalize by address", { timeout: 240_000 }, () => {
  test("the branch holds the named edit alone; merged, the rest stays open and comes back", async () => {
    const { repo, number, branch } = await twice("part");
    expect(await code(repo, branch)).toContain('"segment.ms" = "3000"');
    await repo.comment(number, "plumbline formalize kafka_topic.b");
    expect(repo.saying(number, "to hold only")).toContain("`kafka_topic.b.config");
    const part = await code(repo, branch);
    expect(part).toContain('"segment.ms" = "1000"');
    expect(part).toContain('"retention.ms" = "4000"');
    const told = repo.saying(number, "Merging applies nothing");
    expect(told).toContain("Formalized here");
    expect(told).toContain("Drift that stays open");
    expect(told).not.toContain("--revert-drift");
    await repo.comment(number, "plumbline formalize");
    expect(driftPulls(repo)[0]?.state, repo.said(number).join("\n----\n")).toBe("closed");
    expect(repo.saying(number, "Merged;")).toContain("stays open as drift");
    expect(live("part-a")).toEqual({ "segment.ms": "2000" });
    expect(repo.status(number, "plumbline/apply: one")?.state, repo.said(number).join("\n----\n")).toBe(
      "success",
    );
    expect((await openOn(repo)).every((place) => place.startsWith("kafka_topic.a."))).toBe(true);
    const [first, next] = driftPulls(repo);
    expect(first?.pull.merged ?? next?.pull.merged).toBeTruthy();
    const open = driftPulls(repo).filter((thread) => thread.state === "open");
    expect(open).toHaveLength(1);
    expect(await code(repo, open[0]?.pull.headRef ?? "")).toContain('"segment.ms" = "2000"');
    await repo.comment(open[0]?.number ?? 0, "plumbline formalize");
    expect(await openOn(repo)).toEqual([]);
    expect(live("part-a")).toEqual({ "segment.ms": "2000" });
    await repo.look("one");
    expect(await openOn(repo)).toEqual([]);
    expect(driftPulls(repo).filter((thread) => thread.state === "open")).toEqual([]);
    const { read, clock } = stage.service().world;
    const span = { visible: [repo.key("one")], from: new Date(0), now: clock.now() };
    expect(await read.numbers(span)).toMatchObject({
      ...{ toPull: { count: 3 }, pullToEnd: { count: 3 }, followedThrough: { are: 3, share: 1 } },
    });
  });

  test("what it does not know, what is somebody else's, and what a resource takes along is answered", async () => {
    const { repo, number, branch } = await twice("asked");
    await repo.comment(number, "plumbline formalize kafka_topic.c");
    const answer = repo.saying(number, "`kafka_topic.c`");
    expect(answer).toContain("Open here:");
    expect(answer).toContain("`kafka_topic.a.config");
    await repo.comment(number, "plumbline revert kafka_topic.b.config.nothing");
    expect(repo.saying(number, "config.nothing`")).toContain("Open here:");
    await repo.comment(number, `plumbline revert 'kafka_topic.b.config["segment.ms"]'`);
    expect(repo.saying(number, "put back as a whole")).toContain("retention.ms");
    expect(live("asked-b")).toEqual({ "segment.ms": "3000", "retention.ms": "4000" });
    await repo.comment(number, "plumbline revert kafka_topic.b");
    expect(live("asked-b"), repo.said(number).join("\n----\n")).toEqual(KEPT);
    expect(live("asked-a")).toEqual({ "segment.ms": "2000" });
    const theirs = await repo.push(branch, { "one/note.tf": "# why\n" }, "noor");
    await repo.comment(number, "plumbline formalize kafka_topic.a");
    expect(repo.saying(number, "never overwrites")).toContain("noor");
    await repo.comment(number, 'plumbline ignore kafka_topic.a --for 2w --reason "later"');
    expect(repo.saying(number, "Write it into plumbline.yaml")).toContain('target: "kafka_topic.a"');
    expect(await stage.forge.branch(repo.name, branch)).toBe(theirs);
  });
});

describe("ignore", { timeout: 240_000 }, () => {
  test("every place that was named, for as long as it was said, with the file's comments kept", async () => {
    const { repo, number, branch } = await twice("ignored");
    await stage.forge.as("dana").pushFiles(repo.name, "main", {
      "plumbline.yaml": "# ours\nversion: 1\nworkspaces:\n  - dir: one # here\n",
    });
    await stage.settled();
    await repo.comment(number, "plumbline ignore kafka_topic.a --for 14d");
    await repo.comment(number, 'plumbline ignore kafka_topic.a --for 5s --reason "load test"');
    await repo.comment(number, 'plumbline ignore kafka_topic.a --for 500d --reason "load test"');
    await repo.comment(number, 'plumbline ignore kafka_topic.z --reason "load test"');
    expect(repo.said(number).filter((body) => body.includes("one hour"))).toHaveLength(2);
    expect(repo.saying(number, "`kafka_topic.z`")).toContain("Open here:");
    expect(await stage.forge.read(repo.name, branch, "plumbline.yaml")).toBeNull();
    await repo.comment(
      number,
      `plumbline ignore kafka_topic.a 'kafka_topic.b.config["retention.ms"]' --for 12h --reason "load test"`,
    );
    const yaml = (await stage.forge.read(repo.name, branch, "plumbline.yaml")) ?? "";
    expect(yaml).toContain("# ours\n");
    expect(yaml).toContain("- dir: one # here\n");
    const until = new Date(stage.clock.now().getTime() + 12 * 3_600_000).toISOString();
    expect(yaml.match(/until: .*/g)?.map((line) => line.slice(7, 20))).toEqual(
      [until, until].map((at) => at.slice(0, 13)),
    );
    expect(yaml).toContain("target: kafka_topic.a\n");
    expect(await code(repo, branch)).toContain('"segment.ms" = "3000"');
    expect(await code(repo, branch)).toContain('"retention.ms" = "5000"');
  });
});

describe("another pull request that changes the same lines", { timeout: 240_000 }, () => {
  test("gets the edit as a suggestion, once for each of its heads", async () => {
    const text = (ms: number): string => KAFKA + topic("a", "met-a", { "segment.ms": String(ms) });
    const repo = await stage.repo("met", { "one/main.tf": text(1000) }, { applied: ["one"] });
    await repo.look("one");
    const number = await repo.propose({ "one/main.tf": text(1500) }, { branch: "faster" });
    const beside = await repo.propose({ "one/other.tf": "# nothing\n" }, { branch: "beside" });
    inConsole("met-a", { "segment.ms": "2000" });
    await repo.look("one");
    await repo.look("one");
    const remarks = (of: number) =>
      stage.forge.pull(repo.name, of).pull.reviews.flatMap((review) => review.remarks);
    const [drift] = driftPulls(repo);
    expect(remarks(number)).toHaveLength(1);
    expect(remarks(number)[0]).toMatchObject({ path: "one/main.tf", from: 12, line: 12 });
    expect(remarks(number)[0]?.body).toContain('```suggestion\n    "segment.ms" = "2000"\n```');
    const [review] = stage.forge.pull(repo.name, number).pull.reviews;
    expect(review?.body).toContain(`#${drift?.number}`);
    expect(review?.body).toContain("kafka_topic.a.config");
    expect(remarks(beside)).toEqual([]);
    await repo.push("faster", { "one/main.tf": text(1600) });
    expect(remarks(number)).toHaveLength(2);
    await repo.look("one");
    expect(remarks(number)).toHaveLength(2);
    const late = await repo.propose({ "one/main.tf": text(1700) }, { branch: "late" });
    expect(remarks(late)).toHaveLength(1);
  });
});

/** One request to the running service, as whoever is on call. */
const onCall = async () => {
  const { world, url } = stage.service();
  const wish = { name: "oncall", role: "approver" as const, workspaces: ["*"], by: "ops", expiresAt: null };
  const { text } = await createToken(world, wish);
  return async (path: string, body?: object) => {
    const answer = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${text}`, "content-type": "application/json" },
      ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
    });
    await stage.settled();
    return { status: answer.status, text: await answer.text() };
  };
};

test("over HTTP: alert, page and pull request say who changed it, and each act passes the comment's gates", {
  timeout: 240_000,
}, async () => {
  // So long after the other stories' findings that these are no part of a storm.
  stage.clock.toNextHalfHour();
  stage.clock.toNextHalfHour();
  const { repo, number } = await twice("over-http");
  const alert = stage.alerts.find(({ text }) => text.includes(repo.name));
  expect(alert?.who).toMatch(/^noor at .* UTC \(change; a call on this resource, by the console's log\)$/);
  expect(driftPulls(repo)[0]?.body).toContain("By `noor at ");
  const ask = await onCall();
  const listed = await ask(`/api/v1/findings?workspace=${encodeURIComponent(repo.key("one"))}`);
  const { items } = JSON.parse(listed.text) as { items: { id: number; who: { who: string } | null }[] };
  expect(items.map(({ who }) => who?.who)).toEqual(["noor", "noor", "noor"]);
  expect((await ask(`/findings/${items[0]?.id}`)).text).toMatch(/<dt>Who<\/dt><dd>noor at /);

  const workspace = `/api/v1/workspaces/${encodeURIComponent(repo.key("one"))}`;
  expect((await ask(`/api/v1/findings/${items[0]?.id}/ack`, { note: "on it" })).status).toBe(202);
  expect((await ask(`${workspace}/freeze`, { reason: "we look into it" })).status).toBe(202);
  const frozen = JSON.parse((await ask("/api/v1/freeze")).text) as { items: { target: string }[] };
  expect(frozen.items.map(({ target }) => target)).toEqual([repo.key("one")]);
  // The service asks the gates, whoever asks the service.
  expect((await ask(`${workspace}/revert`, { targets: ["kafka_topic.a"] })).status).toBe(202);
  expect(live("over-http-a")).toEqual({ "segment.ms": "2000" });
  expect(repo.said(number).join("\n")).toContain("we look into it");
  expect((await ask(`${workspace}/unfreeze`, {})).status).toBe(202);
  expect((await ask(`${workspace}/revert`, { targets: ["kafka_topic.a"] })).status).toBe(202);
  expect(live("over-http-a"), repo.said(number).join("\n----\n")).toEqual({ "segment.ms": "1000" });
  expect(live("over-http-b")).toEqual({ "segment.ms": "3000", "retention.ms": "4000" });
  expect((await ask(`${workspace}/drift`, {})).status).toBe(202);
  expect((await ask(`${workspace}/formalize`, {})).status).toBe(202);
  expect(driftPulls(repo)[0]?.state, repo.said(number).join("\n----\n")).toBe("closed");
  expect(driftPulls(repo)[0]?.pull.merged?.by.login).toBe("plumbline[bot]");
  const { ledger } = stage.service().world;
  const noted = (await ledger.audit.list({ subject: repo.key("one") })).filter(
    ({ actor }) => actor === "token:oncall",
  );
  expect(noted.map(({ action }) => action)).toEqual([
    ...["finding-acknowledged", "freeze-on", "asked-revert", "freeze-off", "asked-revert"],
    ...["apply-started", "applied", "drift-asked", "asked-formalize"],
  ]);
});
