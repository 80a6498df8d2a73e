import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evidenceSchema } from "../../src/config/evidence-schema.ts";
import { policySettings } from "../../src/config/policy-schema.ts";
import type { ArtifactRef } from "../../src/ports/artifacts.ts";
import { OPA } from "../policy/opa-here.ts";
import { openSmallStage, root, type SmallStage } from "./small-stage.ts";

const RULES = `package main
deny_color[msg] {
	r := input.resource_changes[_]
	r.change.after.input == "red"
	msg := sprintf("%s is red; make it green", [r.address])
}
`;
const TESTS = `package main
test_red { count(deny_color) == 1 with input as {"resource_changes": [{"address": "a", "change": {"after": {"input": "red"}}}]} }
`;

describe.skipIf(!OPA)("policies of the service", () => {
  let stage: SmallStage;
  beforeAll(async () => {
    stage = await openSmallStage((config) => ({
      ...config,
      policies: policySettings({ sets: [{ name: "house", folder: "policies", owners: ["lee"] }] }),
    }));
  });
  afterAll(() => stage.close());

  // One real run through plan, comment, gate, approval, apply and evidence holds the parts together.
  test("deny until their owner approves exactly that plan; a pull request cannot loosen them", async () => {
    const repo = await stage.repo("ruled", {
      "one/main.tf": root("green"),
      "policies/main.rego": RULES,
      "policies/main_test.rego": TESTS,
    });
    const number = await repo.propose({
      "one/main.tf": root("red"),
      "policies/main.rego": RULES.replace('"red"', '"blue"'),
    });
    const told = repo.said(number).join("\n");
    expect(told).toContain("**Policies deny this plan**");
    expect(told).toContain("is red; make it green");
    expect(told).toContain("plumbline approve_policies");
    expect(repo.status(number, "plumbline/policy: one")).toMatchObject({
      state: "failure",
      description: "denied by main.deny_color",
    });
    expect(repo.status(number, "plumbline/policy: tests of policies")).toMatchObject({ state: "failure" });
    expect(told).toContain("main.test_red");

    await repo.merge(number);
    expect(Object.values(await repo.live("one"))).toEqual([]);
    await repo.comment(number, "plumbline approve_policies", "noor");
    expect(repo.saying(number, "owns none of the policy sets")).toContain("lee");
    await repo.comment(number, "plumbline approve_policies", "lee");
    await repo.comment(number, "plumbline apply");
    expect(Object.values(await repo.live("one"))).toEqual(["red"]);

    const { ledger, artifacts } = stage.service().world;
    const [entry] = (await ledger.audit.list({ subject: repo.key("one") })).filter(
      ({ action }) => action === "applied",
    );
    const ref = (entry?.details as { evidence: ArtifactRef } | undefined)?.evidence;
    const bytes = ref && (await artifacts.get(ref));
    const evidence = evidenceSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    expect(evidence.policies?.denied).toMatchObject([{ set: "house", policy: "main.deny_color" }]);
    expect(evidence.approvals.map(({ by, kind }) => `${by} ${kind}`)).toContain("lee policy");
  });
});
