import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSmallStage, root, type SmallStage } from "./small-stage.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openSmallStage();
});
afterAll(() => stage.close());

describe("what a pull request gets", () => {
  test("no workspace touched: the required status is success, and nobody gets a comment", async () => {
    const repo = await stage.repo("untouched", { "one/main.tf": root("a"), "README.md": "Hello\n" });
    const number = await repo.propose({ "README.md": "Hello again\n" });
    expect(repo.statuses(number)).toEqual(["plumbline/plan: success"]);
    expect(repo.said(number)).toEqual([]);
  });

  test("a workspace touched: one comment and its statuses, edited in place by the next push", async () => {
    const repo = await stage.repo("touched", { "one/main.tf": root("a"), "two/main.tf": root("b") });
    const number = await repo.propose({ "one/main.tf": root("changed") }, { branch: "more" });
    expect(repo.statuses(number)).toEqual(["plumbline/plan: one: success", "plumbline/plan: success"]);
    expect(repo.said(number)).toHaveLength(1);
    expect(repo.said(number)[0]).toContain("terraform_data.it");
    await repo.push("more", { "two/main.tf": root("also") });
    expect(repo.statuses(number)).toEqual([
      "plumbline/plan: one: success",
      "plumbline/plan: success",
      "plumbline/plan: two: success",
    ]);
    expect(repo.said(number)).toHaveLength(1);
  });
});
