import { afterAll, beforeAll, expect, test } from "vitest";
import type { SmallStage, TestRepo } from "./small-stage.ts";
import { KAFKA, openDriftStage } from "./topic-code.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openDriftStage(9);
});
afterAll(() => stage.close());

const MODULE = `${KAFKA}
variable "name" {}

resource "kafka_topic" "it" {
  name               = var.name
  partitions         = 3
  replication_factor = 3
  config = {
    "segment.ms" = "1000"
  }
}
`;
const caller = (name: string): string =>
  `${KAFKA}\nmodule "topic" {\n  source = "../modules/topic"\n  name   = "${name}"\n}\n`;

const inConsole = (name: string, segment: string): void =>
  stage.cloud.set("kafka_topic", name, { config: { "segment.ms": segment } });
const live = (name: string): unknown => stage.cloud.read().resources["kafka_topic"]?.[name]?.["config"];
const openPulls = (repo: TestRepo) => stage.forge.pulls(repo.name).filter(({ state }) => state === "open");
const pullOf = (repo: TestRepo, dir: string) =>
  stage.forge.pulls(repo.name).find(({ pull }) => pull.headRef.includes(dir));
const findingsOn = async (repo: TestRepo, dir: string) =>
  stage.service().world.ledger.findings.open(repo.key(dir));

test("two workspaces that share a module and drift: alike, one merge settles both; apart, each gets its own value", {
  timeout: 400_000,
}, async () => {
  const repo = await stage.repo(
    "pair",
    { "modules/topic/main.tf": MODULE, "left/main.tf": caller("pair-l"), "right/main.tf": caller("pair-r") },
    { applied: ["left", "right"] },
  );
  await repo.look("left", "right");
  inConsole("pair-l", "2000");
  inConsole("pair-r", "2000");
  await repo.look("left");
  await repo.look("right");
  const [left, right] = [pullOf(repo, "left"), pullOf(repo, "right")];
  const settled = (dir: string): string =>
    `| \`${dir}#default\` | proven | its drift of \`module.topic.kafka_topic.it.config\` is settled too |`;
  expect(left?.body).toContain(settled("right"));
  expect(right?.body).toContain(settled("left"));
  await repo.comment(left?.number ?? 0, "plumbline formalize");
  expect(pullOf(repo, "left")?.pull.merged, repo.said(left?.number ?? 0).join("\n----\n")).toBeTruthy();
  await repo.look("right");
  expect(await findingsOn(repo, "left")).toEqual([]);
  expect(await findingsOn(repo, "right")).toEqual([]);
  expect(openPulls(repo).map(({ title }) => title)).toEqual([]);
  expect(stage.cloud.requests().filter(({ call }) => call === "update")).toEqual([]);

  inConsole("pair-l", "3000");
  inConsole("pair-r", "4000");
  await repo.look("left");
  await repo.look("right");
  const apart = openPulls(repo);
  expect(apart).toHaveLength(2);
  for (const { body } of apart) expect(body).toContain("| proven | plans the same |");
  for (const { number } of apart) {
    await repo.comment(number, "plumbline formalize");
    await repo.look("left");
    await repo.look("right");
  }
  const said = apart.map(({ number }) => repo.said(number).join("\n----\n")).join("\n====\n");
  expect(
    openPulls(repo).map(({ title }) => title),
    said,
  ).toEqual([]);
  expect([...(await findingsOn(repo, "left")), ...(await findingsOn(repo, "right"))]).toEqual([]);
  expect(live("pair-l")).toEqual({ "segment.ms": "3000" });
  expect(live("pair-r")).toEqual({ "segment.ms": "4000" });
  expect(stage.cloud.requests().filter(({ call }) => call === "update")).toEqual([]);
});
