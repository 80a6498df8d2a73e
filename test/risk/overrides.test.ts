import { beforeAll, describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import type { Catalogue } from "../../src/model/catalogue.ts";
import type { StatefulOverride } from "../../src/model/config.ts";
import { withOverrides } from "../../src/risk/overrides.ts";
import { changeOf } from "../plan/plan-document.ts";

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadCatalogue();
});

const over = (override: Partial<StatefulOverride> & { type: string }) =>
  withOverrides(catalogue, [{ stateful: null, destroy: null, reason: "ours", ...override }]);

const lossOf = (override: Partial<StatefulOverride> & { type: string }) => {
  const parsed = over(override);
  if (!parsed.ok) throw new Error(parsed.problems[0]!.message);
  const { class: loss, stateful } = parsed.value.classify(
    changeOf(`${override.type}.a`, ["delete"], { before: { id: "1" } }),
  );
  return { loss, stateful };
};

test("a type of your own becomes stateful", () => {
  expect(lossOf({ type: "acme_ledger", stateful: true })).toEqual({ loss: "R4", stateful: true });
  expect(lossOf({ type: "acme_ledger", destroy: "R5" })).toEqual({ loss: "R5", stateful: true });
});

test("a known type becomes stateless, or gets another class", () => {
  expect(lossOf({ type: "aws_sns_topic", stateful: false })).toEqual({ loss: "R3", stateful: false });
  expect(lossOf({ type: "aws_sns_topic", destroy: "R2" })).toEqual({ loss: "R2", stateful: true });
  expect(lossOf({ type: "aws_lb_listener", stateful: true })).toEqual({ loss: "R4", stateful: true });
});

test("the rules of a known type stay", () => {
  const parsed = over({ type: "aws_db_instance", destroy: "R5" });
  if (!parsed.ok) throw new Error("refused");
  const change = changeOf("aws_db_instance.a", ["update"], {
    before: { deletion_protection: true },
    after: { deletion_protection: false },
  });
  expect(parsed.value.classify(change).reasons.map((reason) => reason.rule)).toContain(
    "deletion-protection-off",
  );
  expect(catalogue.types.get("aws_db_instance")!.destroy).toBe("R4");
});

test("a misspelt type is a problem with its place", () => {
  expect(over({ type: "aws_db_instanse", stateful: false })).toMatchObject({
    ok: false,
    problems: [
      { path: "stateful[0].type", message: expect.stringContaining('Did you mean "aws_db_instance"?') },
    ],
  });
});

test("a type like no other is a problem without a guess", () => {
  const parsed = over({ type: "acme_ledger", rules: { "retention-lowered": "off" } });
  expect(parsed).toMatchObject({ ok: false });
  if (!parsed.ok) expect(JSON.stringify(parsed.problems)).not.toContain("Did you mean");
});

describe("single rules of a type", () => {
  const lowered = changeOf("aws_db_instance.a", ["update"], {
    before: { backup_retention_period: 7 },
    after: { backup_retention_period: 1 },
  });
  const judged = (rules: StatefulOverride["rules"]) => {
    const result = over({ type: "aws_db_instance", rules: rules ?? {} });
    return result.ok ? result.value.classify(lowered) : result.problems;
  };
  test("get another class, or fall silent", () => {
    expect(judged({})).toMatchObject({ class: "R4" });
    expect(judged({ "backup-retention-lowered": "R5" })).toMatchObject({ class: "R5" });
    expect(judged({ "backup-retention-lowered": "off" })).toMatchObject({ class: "R2" });
  });
  test("that the type has not are a problem that names those that it has", () => {
    expect(judged({ "retention-lowred": "off" })).toMatchObject([
      {
        path: "stateful[0].rules.retention-lowred",
        message: expect.stringContaining("backup-retention-lowered"),
      },
    ]);
    expect(judged({ "storage-shrnk": "off" })).toMatchObject([
      {
        path: "stateful[0].rules.storage-shrnk",
        message: expect.stringContaining('Did you mean "storage-shrunk"?'),
      },
    ]);
  });
});
