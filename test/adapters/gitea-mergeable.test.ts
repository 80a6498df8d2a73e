import { describe, expect, test } from "vitest";
import { against, pull, ref } from "./scripted-gitea.ts";

describe("the branch's rules", () => {
  interface World {
    readonly pull?: object;
    readonly branch?: object;
    readonly protection?: object | null;
    readonly statuses?: readonly (readonly [context: string, status: string])[];
    readonly reviews?: readonly object[];
  }
  const mergeable = async (world: World): Promise<boolean | null> => {
    const branch = {
      ...{ protected: true, required_approvals: 0, enable_status_check: false },
      ...{ status_check_contexts: [], effective_branch_protection_name: "main", ...world.branch },
    };
    const protection = { block_on_rejected_reviews: false, ...world.protection };
    const statuses = (world.statuses ?? []).map(([context, status]) => ({
      ...{ context, status, description: "", target_url: "" },
    }));
    const { forge } = await against((_method, path) => {
      const page = Number(new URL(path, "http://x").searchParams.get("page") ?? 1);
      if (path.includes("/branches/")) return [200, branch];
      if (path.includes("/branch_protections/"))
        return world.protection === null ? [403, {}] : [200, protection];
      if (path.includes("/reviews")) return [200, page > 1 ? [] : (world.reviews ?? [])];
      if (path.includes("/status")) return [200, { statuses: page > 1 ? null : statuses }];
      return [200, pull(world.pull)];
    });
    return forge.mergeable(ref, ["plumbline/"]);
  };
  const contexts = (...names: readonly string[]) => ({
    ...{ enable_status_check: true, status_check_contexts: names },
  });
  const review = (state: string, change: object = {}) => ({
    ...{ id: 1, state, user: { id: 2, login: "bob" }, commit_id: "head", official: true, ...change },
  });

  test.each<[string, World, boolean]>([
    ["no protection", { branch: { protected: false } }, true],
    ["a conflict", { pull: { mergeable: false } }, false],
    ["a draft", { pull: { draft: true } }, false],
    ["a closed one", { pull: { state: "closed" } }, false],
    ["our own context missing", { branch: contexts("plumbline/apply") }, true],
    ["a foreign context missing", { branch: contexts("ci/lint") }, false],
    ["a foreign one pending", { branch: contexts("ci/*"), statuses: [["ci/lint", "pending"]] }, false],
    ["a foreign one warning", { branch: contexts("ci/*"), statuses: [["ci/lint", "warning"]] }, false],
    ["a foreign one done", { branch: contexts("ci/*"), statuses: [["ci/lint", "success"]] }, true],
    [
      "a pattern over ours and others",
      { branch: contexts("*"), statuses: [["plumbline/plan", "pending"]] },
      true,
    ],
    ["a pattern over all of ours, none of them there", { branch: contexts("plumbline/*") }, true],
    [
      "a pattern that one of ours fits, of a single workspace",
      { branch: contexts("*/apply: *"), statuses: [["plumbline/apply: net", "pending"]] },
      true,
    ],
    ["one that only begins like ours", { branch: contexts(), statuses: [["plumbliner", "pending"]] }, false],
    ["every status, ours failing", { branch: contexts(), statuses: [["plumbline/apply", "failure"]] }, true],
    ["every status, another's failing", { branch: contexts(), statuses: [["ci", "failure"]] }, false],
    ["an approval missing", { branch: { required_approvals: 1 } }, false],
    ["an approval", { branch: { required_approvals: 1 }, reviews: [review("APPROVED")] }, true],
    [
      "one by somebody whose word does not count",
      { branch: { required_approvals: 1 }, reviews: [review("APPROVED", { official: false })] },
      false,
    ],
    [
      "a dismissed one",
      { branch: { required_approvals: 1 }, reviews: [review("APPROVED", { dismissed: true })] },
      false,
    ],
    [
      "changes asked for",
      { protection: { block_on_rejected_reviews: true }, reviews: [review("REQUEST_CHANGES")] },
      false,
    ],
    [
      "changes asked for, where we may not read the rule",
      { protection: null, reviews: [review("REQUEST_CHANGES")] },
      false,
    ],
    [
      "behind the base",
      { protection: { block_on_outdated_branch: true }, pull: { merge_base: "older" } },
      false,
    ],
  ])("%s", async (_name, world, expected) => {
    expect(await mergeable(world)).toBe(expected);
  });
});
