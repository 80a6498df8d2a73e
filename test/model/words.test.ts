import { describe, expect, test } from "vitest";
import { worstClass } from "../../src/model/change-class.ts";
import { canonicalJson, exactNumber, jsonEqual } from "../../src/model/json.ts";
import { permits } from "../../src/model/pull.ts";
import { canBecome } from "../../src/model/run.ts";
import { parseWorkspaceKey, workspaceKey } from "../../src/model/workspace.ts";

describe("workspace key", () => {
  test.each([
    [{ repo: "acme/infra", dir: "network", name: "default" }, "acme/infra//network#default"],
    [{ repo: "acme/infra", dir: ".", name: "prod" }, "acme/infra//.#prod"],
    [{ repo: "acme/infra", dir: "a/b", name: "default", project: "eu" }, "acme/infra//a/b#default:eu"],
  ])("%j is written and read back", (id, key) => {
    expect(workspaceKey(id)).toBe(key);
    expect(parseWorkspaceKey(key)).toEqual(id);
  });

  test("other text is no key", () => {
    for (const text of ["", "acme/infra", "acme/infra//network", "//#"])
      expect(parseWorkspaceKey(text)).toBeUndefined();
  });
});

describe("JSON values", () => {
  test("an exact number keeps its digits", () => {
    expect(JSON.stringify({ account: exactNumber("12345678901234567890") })).toBe(
      '{"account":12345678901234567890}',
    );
    expect(canonicalJson({ b: exactNumber("12345678901234567890"), a: [1] })).toBe(
      '{"a":[1],"b":12345678901234567890}',
    );
  });

  test("equality looks at content, not at the order of keys", () => {
    expect(jsonEqual({ a: 1, b: [null] }, { b: [null], a: 1 })).toBe(true);
    expect(jsonEqual(exactNumber("9007199254740993"), exactNumber("9007199254740993"))).toBe(true);
    expect(jsonEqual(exactNumber("9007199254740993"), exactNumber("9007199254740995"))).toBe(false);
    expect(jsonEqual({ a: 1 }, { a: 1, b: null })).toBe(false);
  });
});

test("the worst class wins, and nothing is R0", () => {
  expect(worstClass(["R1", "R4", "R2"])).toBe("R4");
  expect(worstClass([])).toBe("R0");
});

test("a permission holds the ones below it", () => {
  expect(permits("admin", "write")).toBe(true);
  expect(permits("triage", "write")).toBe(false);
});

test("a started apply is never superseded or cancelled, and an ended run stays ended", () => {
  expect(canBecome("apply-started", "superseded")).toBe(false);
  expect(canBecome("apply-started", "cancelled")).toBe(false);
  expect(canBecome("apply-started", "unknown")).toBe(true);
  expect(canBecome("succeeded", "running")).toBe(false);
});
