import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSmallStage, root, type SmallStage, type TestRepo } from "./small-stage.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openSmallStage();
});
afterAll(() => stage.close());

const onComment = (...more: readonly string[]) =>
  `version: 1\nworkspaces:\n  - dir: one\n    apply: on_comment\n${more.map((line) => `    ${line}\n`).join("")}`;

/** A topic of the demo cloud, so that somebody can change it in the console. */
const topic = (name: string, more = "") =>
  `terraform {\n  required_providers {\n    kafka = {\n      source = "Mongey/kafka"\n    }\n  }\n}\nresource "kafka_topic" "t" {\n  name               = "${name}"\n  partitions         = 3\n  replication_factor = 1\n${more}}\n`;

const KEPT = '  config = { "retention.ms" = "9" }\n';

const pushUnheard = async (repo: TestRepo, branch: string, files: Record<string, string>): Promise<void> => {
  stage.forge.switches.webhooks = "drop";
  await stage.forge.as("dana").pushFiles(repo.name, branch, files);
  await stage.settled();
  stage.forge.switches.webhooks = "on";
};

describe("only what was reviewed, only where it is deployed", () => {
  test("a pull request that was planned against the deploy branch and merged elsewhere is not applied", async () => {
    const repo = await stage.repo("retargeted", { "one/main.tf": root("a") }, { applied: ["one"] });
    const number = await repo.propose({ "one/main.tf": root("b") });
    await stage.forge.as("lee").pushFiles(repo.name, "side", { "x.md": "x" });
    await stage.settled();
    await stage.forge.as("dana").edit(repo.ref(number), { base: "side" });
    await stage.settled();
    await repo.merge(number);
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "a" });
    expect(await stage.service().world.ledger.locks.of(repo.key("one"))).toEqual([]);
  });

  test("a pull request that comes to the deploy branch later is planned and applied there", async () => {
    const repo = await stage.repo("arrived", { "one/main.tf": root("a") }, { applied: ["one"] });
    await stage.forge.as("lee").pushFiles(repo.name, "side", { "x.md": "x" });
    const number = await repo.propose({ "one/main.tf": root("b") }, { base: "side" });
    await stage.forge.as("dana").edit(repo.ref(number), { base: "main" });
    await stage.settled();
    await repo.merge(number);
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "b" });
  });

  test("`apply` says nothing about a head that nobody planned: a push that is not planned yet stops it", async () => {
    const repo = await stage.repo(
      "unheard",
      { "one/main.tf": root("a"), "plumbline.yaml": onComment() },
      { applied: ["one"] },
    );
    const number = await repo.propose({ "one/main.tf": root("b") }, { branch: "late" });
    await pushUnheard(repo, "late", { "one/main.tf": root("c") });
    await repo.comment(number, "plumbline apply");
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "a" });
  });

  test("the rules of one pull request's base do not gate another's apply", async () => {
    const repo = await stage.repo(
      "loosened",
      { "one/main.tf": root("a"), "plumbline.yaml": onComment("apply_requirements: [approved]") },
      { applied: ["one"] },
    );
    const number = await repo.propose({ "one/main.tf": root("b") });
    await stage.forge.as("dana").pushFiles(repo.name, "loose", { "plumbline.yaml": onComment() });
    await stage.settled();
    await repo.propose({ "one/main.tf": root("x") }, { base: "loose", branch: "decoy" });
    await repo.comment(number, "plumbline apply");
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "a" });
  });

  test("a revert applies no code that nobody reviewed", async () => {
    const repo = await stage.repo(
      "beyond",
      {
        "one/main.tf": `${topic("beyond", KEPT)}${root("a")}`,
      },
      { applied: ["one"] },
    );
    await repo.look("one");
    stage.cloud.set("kafka_topic", "beyond", { config: { "retention.ms": "5" } });
    await repo.push(
      "main",
      {
        "one/main.tf": `${topic("beyond", KEPT)}${root("sneaked in")}`,
      },
      "lee",
    );
    await repo.look("one");
    const drift = stage.forge.pulls(repo.name).at(-1)?.number ?? 0;
    await repo.comment(drift, "plumbline revert", "lee");
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "a" });
  });

  test("drift that no look could record yet is not undone silently either", async () => {
    const repo = await stage.repo("unseen", { "one/main.tf": topic("unseen") }, { applied: ["one"] });
    stage.cloud.set("kafka_topic", "unseen", { config: { "retention.ms": "9" } });
    await repo.push(
      "main",
      { "one/main.tf": `${topic("unseen")}output "o" {\n  value = local.nowhere\n}\n` },
      "lee",
    );
    const number = await repo.propose({
      "one/main.tf": topic("unseen", '  config = { "retention.ms" = "5" }\n'),
    });
    await repo.merge(number);
    expect(stage.cloud.read().resources["kafka_topic"]?.["unseen"]?.["config"]).toEqual({
      "retention.ms": "9",
    });
  });
});

describe("commands", () => {
  test("one that meets a forge in trouble is carried out later", async () => {
    const repo = await stage.repo("patient", { "one/main.tf": root("a") }, { applied: ["one"] });
    const number = await repo.propose({ "one/main.tf": root("b") });
    stage.forge.switches.fail({ status: 502, match: /permission/, times: 4 });
    await stage.forge.as("dana").comment(repo.ref(number), "plumbline version");
    await stage.forge.waitFor("the answer", () =>
      repo.said(number).some((text) => text.includes("default engine")),
    );
  });

  test("an edit of an old comment is none, even where the poll sees it", async () => {
    const repo = await stage.repo("edited", { "one/main.tf": root("a") }, { applied: ["one"] });
    const number = await repo.propose({ "one/main.tf": root("b") });
    const id = await repo.comment(number, "Looks good.");
    await fetch(`${stage.forge.apiUrl}/repos/${repo.name}/issues/comments/${id}`, {
      method: "PATCH",
      headers: {
        authorization: `Bearer ${stage.forge.as("dana").token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ body: "plumbline version" }),
    });
    const { ledger, clock, nudge } = stage.service().world;
    await ledger.outbox.add([{ job: { kind: "poll", repo: repo.name } }], clock.now());
    nudge();
    await stage.settled();
    expect(repo.said(number).filter((text) => text.includes("default engine"))).toEqual([]);
  });

  test("a plan of a folder that is no workspace gets an answer", async () => {
    const repo = await stage.repo("nowhere", { "one/main.tf": root("a") }, { applied: ["one"] });
    const number = await repo.propose({ "one/main.tf": root("b") });
    await repo.comment(number, "plumbline plan -d elsewhere");
    expect(repo.saying(number, "elsewhere")).toContain("workspace");
  });
});

describe("a forge in trouble", () => {
  test("statuses that it refused are set by the next sweep", async () => {
    const repo = await stage.repo("refused", { "one/main.tf": root("a") }, { applied: ["one"] });
    stage.forge.switches.fail({ status: 404, match: /POST .*statuses/, times: 1000 });
    const number = await repo.propose({ "one/main.tf": root("b") });
    stage.forge.switches.reset();
    expect(repo.statuses(number)).toEqual([]);
    const { ledger, clock, nudge } = stage.service().world;
    const row = await ledger.pulls.get(repo.ref(number));
    // An earlier word was heard.
    if (row) await ledger.pulls.put({ ...row, publishedHash: "queued" });
    await ledger.outbox.add([{ job: { kind: "sweep" } }], clock.now());
    nudge();
    await stage.settled();
    expect(repo.statuses(number)).toEqual(["plumbline/plan: one: success", "plumbline/plan: success"]);
  });
});

describe("what only a pull request knows", () => {
  test("its workspaces and its variable files are no matter of the schedule", async () => {
    const repo = await stage.repo("proposed", { "one/main.tf": root("a") }, { applied: ["one"] });
    await repo.propose({
      "plumbline.yaml":
        "version: 1\nworkspaces:\n  - dir: one\n    var_files: [evil.tfvars]\n    autoplan: { when_modified: ['**/*'] }\n  - dir: one\n    name: staging\n",
      "one/evil.tfvars": "",
      "one/main.tf": root("b"),
    });
    const rows = await stage.service().world.ledger.workspaces.list({ repo: repo.name, removed: false });
    const one = rows.find((row) => row.key === repo.key("one"));
    expect(one?.config).toMatchObject({ varFiles: [] });
    await repo.look("one");
    const { ledger } = stage.service().world;
    await ledger.outbox.add(
      [{ job: { kind: "drift", workspace: repo.key("one", "staging"), slot: "t" } }],
      stage.clock.now(),
    );
    stage.service().world.nudge();
    await stage.settled();
    const drifts = await ledger.runs.list({ workspace: repo.key("one", "staging"), kind: "drift" });
    expect(drifts).toEqual([]);
  });
});
