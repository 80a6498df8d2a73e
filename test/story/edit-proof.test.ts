import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SmallStage, TestRepo } from "./small-stage.ts";
import { openDriftStage, topicCode } from "./topic-code.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openDriftStage(9);
});
afterAll(() => stage.close());

const waiting = (input: string): string => `resource "terraform_data" "next" {\n  input = "${input}"\n}\n`;

/** Drift beside code that waits to be applied: the plan that proves the edit is not empty. */
const drifted = async (name: string): Promise<{ repo: TestRepo; number: number; branch: string }> => {
  const repo = await stage.repo(name, { "one/main.tf": topicCode(name, 1000) }, { applied: ["one"] });
  await repo.look("one");
  await repo.push("main", { "one/next.tf": waiting("first") });
  stage.cloud.set("kafka_topic", name, { config: { "segment.ms": "2000" } });
  await repo.look("one");
  const [pull] = stage.forge.pulls(repo.name);
  return { repo, number: pull?.number ?? 0, branch: pull?.pull.headRef ?? "" };
};
const applied = (repo: TestRepo, number: number) => repo.status(number, "plumbline/apply: one")?.state;
const all = (repo: TestRepo, number: number): string => repo.said(number).join("\n----\n");
const live = (name: string): unknown => stage.cloud.read().resources["kafka_topic"]?.[name]?.["config"];

describe("a drift pull request whose plan is not empty is applied only as it was proven", {
  timeout: 240_000,
}, () => {
  test("the very plan of the proof is applied", async () => {
    const { repo, number } = await drifted("asproven");
    await repo.merge(number);
    expect(applied(repo, number), all(repo, number)).toBe("success");
    expect(await repo.live("one")).toEqual({ "terraform_data.next": "first" });
    expect(live("asproven")).toEqual({ "segment.ms": "2000" });
  });

  test("somebody pushed to its branch: stopped, named, applied once it is approved", async () => {
    const { repo, number, branch } = await drifted("pushed");
    await repo.push(branch, {
      "one/more.tf": `resource "terraform_data" "more" {\n  input = "theirs"\n}\n`,
    });
    await repo.merge(number);
    expect(applied(repo, number), all(repo, number)).toBe("failure");
    expect(await repo.live("one")).toEqual({});
    const told = all(repo, number);
    expect(told).toContain("not the one that was proven");
    expect(told).toContain("one/more.tf");
    expect(told).toContain("terraform_data.more");
    const digest = /plumbline approve ([0-9a-f]{12})/.exec(told)?.[1] ?? "";
    await repo.comment(number, `plumbline approve ${digest}`, "lee");
    await repo.comment(number, "plumbline apply", "lee");
    expect(applied(repo, number), all(repo, number)).toBe("success");
    expect(await repo.live("one")).toMatchObject({ "terraform_data.more": "theirs" });
  });

  test("the deploy branch moved under it, and was planned and seen again: stopped with the place that differs", async () => {
    const { repo, number } = await drifted("moved");
    await repo.push("main", { "one/next.tf": waiting("second") });
    await repo.comment(number, "plumbline plan");
    await repo.merge(number);
    expect(applied(repo, number), all(repo, number)).toBe("failure");
    expect(all(repo, number)).toMatch(/no longer holds[^→]*terraform_data\.next\.input/s);
    expect(await repo.live("one")).toEqual({});
  });

  test("live moved after the proof, or no proof is kept: stopped", async () => {
    const { repo, number } = await drifted("lost");
    await stage.service().world.ledger.meta.set(`edit-proof:${repo.name}#${number}`, null);
    await repo.merge(number);
    expect(applied(repo, number), all(repo, number)).toBe("failure");
    expect(all(repo, number)).toMatch(/Nothing was proven.*plumbline approve [0-9a-f]{12}/);
    const other = await drifted("again");
    stage.cloud.set("kafka_topic", "again", { config: { "segment.ms": "3000" } });
    await other.repo.merge(other.number);
    expect(applied(other.repo, other.number), all(other.repo, other.number)).toBe("failure");
    expect(live("again")).toEqual({ "segment.ms": "3000" });
    expect(await other.repo.live("one")).toEqual({});
  });
});
