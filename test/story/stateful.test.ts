import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evidenceSchema } from "../../src/config/evidence-schema.ts";
import type { ArtifactRef } from "../../src/ports/artifacts.ts";
import { openSmallStage, root, type SmallStage, type TestRepo } from "./small-stage.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openSmallStage();
});
afterAll(() => stage.close());

const buckets = (...names: readonly string[]): string =>
  `terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\nresource "aws_s3_bucket" "it" {\n  for_each = toset(${JSON.stringify(names)})\n  bucket   = each.key\n}\n`;
const there = () => Object.keys(stage.cloud.read().resources["aws_s3_bucket"] ?? {});

const GOVERNANCE = `version: 1
governance:
  roles: { data-owner: [lee] }
`;
const today = () => new Date().toISOString().slice(0, 10);
const proven = (level = "R4") => `stateful_change:
  class: ${level}
  durable_systems: [s3.exports]
  phase: contract
  compatibility: { old_app_reads_new_schema: false, new_app_reads_old_schema: true }
  rollback_boundary: when it is applied
  backup:
    id: copy-1
    taken_at: ${today()}
    restore_test: { id: t-1, at: ${today()}, result: passed }
    rto: 30m
    rpo: 0
    owner: lee
    restore_realistic: true
    decision: ADR-9
`;

const described = async (repo: TestRepo, number: number, block: string): Promise<void> => {
  await stage.forge.as("dana").edit(repo.ref(number), { body: `Drop it.\n\n\`\`\`yaml\n${block}\`\`\`\n` });
  await stage.settled();
};
const missing = (repo: TestRepo, number: number): readonly string[] =>
  [...(repo.said(number)[0] ?? "").matchAll(/\*\*Missing \(([\w-]+)\)/g)].map(([, gate]) => gate ?? "");

describe("what destroys durable state", () => {
  test("waits for the author's word, its proof and the data owner; then it is applied, and the evidence tells", async () => {
    const repo = await stage.repo(
      "guarded",
      { "one/main.tf": buckets("kept", "gone"), "plumbline.yaml": GOVERNANCE },
      { applied: ["one"] },
    );
    const number = await repo.propose({ "one/main.tf": buckets("kept") });
    expect(missing(repo, number)).toEqual(["stateful-change-missing", "approvals-missing"]);
    expect(repo.status(number, "plumbline/policy: durable state")).toMatchObject({ state: "failure" });

    await described(repo, number, proven("R2"));
    expect(missing(repo, number)).toEqual(["stateful-change-too-low", "approvals-missing"]);
    const digest = /Plan `([0-9a-f]{8,})`/.exec(repo.said(number)[0] ?? "")?.[1] ?? "";
    await repo.comment(number, `plumbline approve ${digest}`, "lee");
    // Whoever approved has not seen this word yet.
    await described(repo, number, proven());
    expect(missing(repo, number)).toEqual(["approvals-missing"]);

    await repo.comment(number, `plumbline approve ${digest}`, "noor");
    expect(missing(repo, number)).toEqual(["approvals-missing"]);
    await repo.merge(number);
    expect(there()).toContain("gone");
    await repo.comment(number, `plumbline approve ${digest}`, "lee");
    await repo.comment(number, "plumbline apply");
    expect(there()).toEqual(["kept"]);
    const { ledger, artifacts } = stage.service().world;
    const [entry] = (await ledger.audit.list({ subject: repo.key("one") })).filter(
      ({ action }) => action === "applied",
    );
    const ref = (entry?.details as { evidence: ArtifactRef } | undefined)?.evidence;
    const text = new TextDecoder().decode(await artifacts.get(ref as ArtifactRef));
    const evidence = evidenceSchema.parse(JSON.parse(text));
    expect(evidence).toMatchObject({
      outcome: "applied",
      class: { found: "R4", claimed: "R4", counted: "R4" },
      backup: { id: "copy-1", restoreTest: { passed: true } },
      recovery: { crossed: true, path: "Restore of the backup copy-1." },
      executor: { identity: "plumbline[bot]" },
      verification: { clean: true },
    });
    expect(evidence.stateAfter?.serial).toBeGreaterThan(evidence.stateBefore?.serial ?? 0);
    expect(evidence.approvals.map(({ by, counted }) => [by, counted])).toEqual([
      ["noor", true],
      ["lee", true],
      ["lee", false],
    ]);
    expect(evidence.changes.map(({ action, address }) => [action, address])).toEqual([
      ["delete", 'aws_s3_bucket.it["gone"]'],
    ]);
    expect(await ledger.audit.verify()).toBeNull();
  }, 180_000);

  test("a review by the data owner counts, and a later objection takes it back", async () => {
    const repo = await stage.repo(
      "doubted",
      { "one/main.tf": buckets("stay", "leave"), "plumbline.yaml": GOVERNANCE.replace("lee", '"@acme/dba"') },
      { applied: ["one"] },
    );
    stage.forge.setTeam("acme/dba", ["lee"]);
    const number = await repo.propose({ "one/main.tf": buckets("stay") });
    await described(repo, number, proven());
    await stage.forge.as("noor").review(repo.ref(number), "approve");
    await stage.settled();
    expect(missing(repo, number)).toEqual(["approvals-missing"]);
    await stage.forge.as("lee").review(repo.ref(number), "approve");
    await stage.settled();
    expect(missing(repo, number)).toEqual([]);
    await stage.forge.as("sam").review(repo.ref(number), "request-changes", "Wait");
    await stage.settled();
    expect(missing(repo, number)).toEqual(["approvals-missing"]);
  }, 180_000);
});

test("a pull request of manifests and migrations alone is classed too, and a freeze stops every apply", async () => {
  const repo = await stage.repo(
    "files",
    {
      "one/main.tf": root("a"),
      "k8s/orders.yaml":
        "kind: PersistentVolumeClaim\nmetadata: { name: orders }\nspec: { storageClassName: gp3 }\n",
      "plumbline.yaml":
        "version: 1\ngovernance:\n  freeze: [{ from: 2020-01-01, until: 2099-01-01, reason: audit }]\n",
    },
    { applied: ["one"] },
  );
  const number = await repo.propose({
    "k8s/orders.yaml": null,
    "db/migration/V2__drop.sql": "ALTER TABLE customer DROP COLUMN full_name;\n",
  });
  const comment = repo.said(number)[0] ?? "";
  expect(comment).toContain("Durable state: class R4");
  expect(comment).toContain("PersistentVolumeClaim orders");
  expect(comment).toContain("db/migration/V2\\_\\_drop.sql:1".replaceAll("\\", ""));
  expect(repo.status(number, "plumbline/policy: durable state")).toMatchObject({ state: "failure" });

  const other = await repo.propose({ "one/main.tf": root("b") }, { branch: "other" });
  await repo.merge(other);
  expect(repo.saying(other, "Stopped (freeze)")).toContain("audit");
  await repo.comment(other, 'plumbline apply --override-freeze "the auditor said so"', "sam");
  expect(await repo.live("one")).toEqual({ "terraform_data.it": "a" });
  await repo.comment(other, 'plumbline apply --override-freeze "the auditor said so"', "lee");
  expect(await repo.live("one")).toEqual({ "terraform_data.it": "b" });
  const audit = await stage.service().world.ledger.audit.list({ subject: repo.key("one") });
  expect(audit.find((entry) => entry.action === "override-freeze")).toMatchObject({
    actor: "lee",
    details: { reason: "the auditor said so" },
  });
  const applied = audit.filter(({ action }) => action === "applied").at(-1);
  const ref = (applied?.details as { evidence: ArtifactRef } | undefined)?.evidence;
  const bytes = await stage.service().world.artifacts.get(ref as ArtifactRef);
  const evidence = evidenceSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  expect(evidence.approvals).toContainEqual(
    expect.objectContaining({ by: "lee", kind: "override-freeze", reason: "the auditor said so" }),
  );
  expect(evidence).toMatchObject({ stateBefore: { format: 4 }, stateAfter: { format: 4 } });
}, 180_000);

test("a revert that loses data passes the same gates: roles other than whoever asks, and proof of a backup", async () => {
  const topic = `terraform {\n  required_providers {\n    kafka = { source = "mongey/kafka" }\n  }\n}\nresource "kafka_topic" "it" {\n  name               = "shortened"\n  partitions         = 3\n  replication_factor = 3\n  config             = { "retention.ms" = "1000" }\n}\n`;
  const kept = () =>
    (
      stage.cloud.read().resources["kafka_topic"]?.["shortened"]?.["config"] as
        | Record<string, string>
        | undefined
    )?.["retention.ms"];
  const repo = await stage.repo(
    "undone",
    { "one/main.tf": topic, "plumbline.yaml": GOVERNANCE, CODEOWNERS: "/one/ @noor\n" },
    { applied: ["one"] },
  );
  stage.cloud.set("kafka_topic", "shortened", { config: { "retention.ms": "2000" } });
  await repo.look("one");
  const number = stage.forge.pulls(repo.name).at(-1)?.number ?? 0;
  await repo.comment(number, "plumbline revert");
  expect(kept()).toBe("2000");
  const stopped = repo.said(number).join("\n");
  for (const gate of ["destructive", "stateful-change-missing", "approvals-missing"])
    expect(stopped).toContain(`Stopped (${gate})`);

  // Whose the workspace is, CODEOWNERS tells here as it does in alerts and pages.
  expect(stopped).toContain("service-owner: noor");
  expect(stopped).not.toContain("service-owner: anybody");

  const { body } = await stage.service().world.forge.pull(repo.ref(number));
  await stage.forge.as("dana").edit(repo.ref(number), { body: `${body}\n\n\`\`\`yaml\n${proven()}\`\`\`\n` });
  await stage.settled();
  const digest = /approve ([0-9a-f]{12})/.exec(stopped)?.[1] ?? "";
  await repo.comment(number, `plumbline approve ${digest}`, "noor");
  await repo.comment(number, `plumbline approve ${digest}`, "lee");
  // The data owner's own wish is no approval of it.
  await repo.comment(number, "plumbline revert", "lee");
  expect(kept()).toBe("2000");
  await repo.comment(number, "plumbline revert");
  expect(kept(), repo.said(number).join("\n")).toBe("1000");
}, 180_000);
