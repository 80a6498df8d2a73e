import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evidenceSchema } from "../../src/config/evidence-schema.ts";
import { policySettings } from "../../src/config/policy-schema.ts";
import type { ArtifactRef } from "../../src/ports/artifacts.ts";
import { lastAudits } from "../../src/run/policy-issue.ts";
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
    const folder = await mkdtemp(join(tmpdir(), "plumbline-policies-"));
    await writeFile(join(folder, "cost.rego"), 'package main\nwarn contains "watch the cost" if true\n');
    stage = await openSmallStage((config) => ({
      ...config,
      policies: policySettings({
        sets: [
          {
            name: "house",
            folder: "policies",
            owners: ["lee"],
            repos: ["acme/ruled"],
            repository_exceptions: true,
          },
          {
            name: "company",
            repo: "acme/rules",
            folder: "terraform",
            owners: ["@acme/security"],
            approvals: 2,
            repos: ["acme/guarded"],
          },
          { name: "machine", path: folder, repos: ["acme/guarded"] },
        ],
      }),
    }));
    stage.forge.setTeam("acme/security", ["lee", "noor"]);
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
      // Nor can it make an exception for itself.
      "plumbline.yaml": `version: 1\npolicy_exceptions:\n  - { set: house, policy: "*", owner: eve, reason: mine, until: 2099-01-01 }\n`,
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
    expect(evidence.policies?.sets).toEqual(["house"]);
    expect(evidence.approvals.map(({ by, kind }) => `${by} ${kind}`)).toContain("lee policy");
  }, 180_000);

  // One more: where sets come from, teams, and what exists can only be told together with a real forge and clone.
  test("sets of a policy repository and of the server, two of a team, and an audit of what exists", async () => {
    const rules = await stage.repo("rules", { "terraform/main.rego": RULES });
    const repo = await stage.repo("guarded", { "one/main.tf": root("green") }, { applied: ["one"] });
    const number = await repo.propose({ "one/main.tf": root("red") });
    expect(repo.said(number).join("\n")).toContain("watch the cost");
    expect(repo.status(number, "plumbline/policy: one")).toMatchObject({ state: "failure" });
    await repo.merge(number);
    await repo.comment(number, "plumbline approve_policies", "noor");
    expect(repo.saying(number, "still waits for the owners of")).toContain("it takes 2");
    await repo.comment(number, "plumbline apply");
    expect(Object.values(await repo.live("one"))).toEqual(["green"]);
    await repo.comment(number, "plumbline approve_policies", "lee");
    await repo.comment(number, "plumbline apply");
    expect(Object.values(await repo.live("one"))).toEqual(["red"]);

    await repo.look("one");
    await repo.look("one");
    const told = () =>
      stage.alerts.filter(({ title }) => title.includes("Policies")).map(({ event }) => event);
    expect(told()).toEqual(["opened"]);
    expect(stage.forge.issues(repo.name)).toMatchObject([
      { state: "open", body: expect.stringContaining("is red; make it green") },
    ]);
    const [audit] = await lastAudits(stage.service().world.ledger, repo.name);
    expect(audit?.verdict).toMatchObject({
      sets: ["company", "machine"],
      denied: [{ set: "company", policy: "main.deny_color" }],
      warned: [{ set: "machine" }],
    });
    await rules.push("main", { "terraform/main.rego": RULES.replace('"red"', '"blue"') });
    await repo.look("one");
    expect(told()).toEqual(["opened", "ended"]);
    expect(stage.forge.issues(repo.name)).toMatchObject([{ state: "closed" }]);

    // Nobody looks for drift in a frozen workspace; policies are asked about its recorded state all the same.
    const { ledger } = stage.service().world;
    await ledger.workspaces.freeze(repo.key("one"), "state-unsaved", stage.clock.now(), null);
    await rules.push("main", { "terraform/main.rego": RULES });
    await repo.look("one");
    expect(told()).toEqual(["opened", "ended", "opened"]);
    expect(await lastAudits(ledger, repo.name)).toMatchObject([
      { recordedOnly: true, verdict: { denied: [{ policy: "main.deny_color" }] } },
    ]);
    expect(await ledger.runs.list({ workspace: repo.key("one"), kind: "audit" })).toMatchObject([
      { state: "succeeded" },
    ]);
  }, 180_000);
});
