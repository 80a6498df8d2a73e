import { afterAll, beforeAll, expect, test } from "vitest";
import type { SmallStage, TestRepo } from "./small-stage.ts";
import { openDriftStage, topicCode } from "./topic-code.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openDriftStage(2);
});
afterAll(() => stage.close());

const byHand = (name: string): void =>
  stage.cloud.set("kafka_topic", name, { name, partitions: 6, replication_factor: 3 });
const block = (name: string): string => `
import {
  to = kafka_topic.hand
  id = "${name}"
}

resource "kafka_topic" "hand" {
  name               = "${name}"
  partitions         = 6
  replication_factor = 3
}
`;

const textOn = async (repo: TestRepo, branch: string): Promise<string> => {
  const { git } = stage.service().world;
  await git.fetch(repo.name);
  const commit = (await git.resolve(repo.name, branch)) ?? "";
  return new TextDecoder().decode((await git.readFile(repo.name, commit, "one/main.tf")) ?? undefined);
};
/** What the last verified apply left in the state. */
const accepted = async (repo: TestRepo): Promise<readonly string[]> =>
  Object.keys(
    (await stage.service().world.ledger.workspaces.accepted(repo.key("one")))?.values ?? {},
  ).toSorted();

test("what was made by hand, from any pull request: one of its own, merged, imported, and nothing live is touched", {
  timeout: 240_000,
}, async () => {
  const repo = await stage.repo("hand", { "one/main.tf": topicCode("hand-1", 1000) }, { applied: ["one"] });
  byHand("hand-2");
  const asked = await repo.propose({ "notes.md": "hello\n" });
  await repo.comment(asked, "plumbline formalize kafka_topic.it --id hand-2");
  expect(repo.said(asked).join("\n")).toContain("one/main.tf has this resource already");
  await repo.comment(asked, "plumbline formalize kafka_topic.hand --id nothing-there -d one");
  expect(repo.said(asked).join("\n")).toContain('There is no kafka_topic "nothing-there"');
  expect(stage.forge.pulls(repo.name)).toHaveLength(1);

  await repo.comment(asked, "plumbline formalize kafka_topic.hand --id hand-2 -d one");
  const own = stage.forge.pulls(repo.name).find(({ number }) => number !== asked);
  expect(repo.said(asked).join("\n")).toContain(`#${own?.number} holds`);
  expect(own?.title).toBe("Take over kafka_topic.hand in one");
  expect(own?.body).toContain("imports 1 resource");
  const number = own?.number ?? 0;
  expect(await textOn(repo, own?.pull.headRef ?? "")).toBe(`${topicCode("hand-1", 1000)}${block("hand-2")}`);
  await repo.merge(number);
  expect(repo.said(number).join("\n")).toMatch(/import/i);
  expect(stage.cloud.requests().filter(({ call, id }) => id === "hand-2" && call !== "import")).toEqual([]);
  expect(await accepted(repo)).toEqual(["kafka_topic.hand", "kafka_topic.it"]);
});

test("on a drift pull request: one more commit on its branch, written again when the drift changes", {
  timeout: 240_000,
}, async () => {
  const repo = await stage.repo("both", { "one/main.tf": topicCode("both-1", 1000) }, { applied: ["one"] });
  await repo.look("one");
  stage.cloud.set("kafka_topic", "both-1", { config: { "segment.ms": "2000" } });
  byHand("both-2");
  await repo.look("one");
  const [drift] = stage.forge.pulls(repo.name);
  const { number, pull } = drift ?? { number: 0, pull: { headRef: "" } };
  await repo.comment(number, "plumbline formalize kafka_topic.hand --id both-2");
  expect(repo.said(number).join("\n")).toContain("This branch got one more commit:");
  expect(await textOn(repo, pull.headRef)).toBe(`${topicCode("both-1", 2000)}${block("both-2")}`);
  stage.cloud.set("kafka_topic", "both-1", { config: { "segment.ms": "3000" } });
  await repo.look("one");
  expect(await textOn(repo, pull.headRef)).toBe(`${topicCode("both-1", 3000)}${block("both-2")}`);
  expect(stage.forge.pulls(repo.name)).toHaveLength(1);
  await repo.comment(number, "plumbline formalize");
  expect(repo.saying(number, "Merged.")).toContain("imports what was made by hand");
  expect(await accepted(repo), repo.said(number).join("\n")).toEqual(["kafka_topic.hand", "kafka_topic.it"]);
  await repo.look("one");
  expect(await stage.service().world.ledger.findings.open(repo.key("one"))).toEqual([]);
});
