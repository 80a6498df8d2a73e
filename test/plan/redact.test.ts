import { describe, expect, test } from "vitest";
import { readPlan } from "../../src/plan/read.ts";
import { redactPlan } from "../../src/plan/redact.ts";
import { processorTime } from "../timing.ts";
import { changeEntry, planOf, planText } from "./plan-document.ts";

const SECRET = "correct-horse-battery";

describe("masks", () => {
  test.each([
    ["at a leaf", { password: SECRET }, { password: true }],
    ["over a map", { env: { A: SECRET } }, { env: true }],
    ["in a block", { block: [{ a: 1, secret: SECRET }] }, { block: [{ secret: true }] }],
    ["over the whole", { any: SECRET }, true],
    ["deep in a list", { list: [["x", SECRET]] }, { list: [[false, true]] }],
  ])("%s hide the value and teach it", (_name, after, mask) => {
    const plan = planOf(changeEntry("a.b", ["create"], { after, after_sensitive: mask }));
    const { plan: redacted, secrets } = redactPlan(plan);
    expect(JSON.stringify(redacted)).not.toContain(SECRET);
    expect(secrets).toContain(SECRET);
  });

  test.each([
    ["in a document inside a text", { json: JSON.stringify({ a: [{ db_password: SECRET }] }) }],
    ["in a list of names and values", { json: JSON.stringify([{ name: "API_TOKEN", value: SECRET }]) }],
    ["in the environment", { environment: { variables: { DB_PASSWORD: SECRET } } }],
  ])("a secret that nobody marked is known by its name %s", (_name, after) => {
    const { plan, secrets } = redactPlan(planOf(changeEntry("a.b", ["create"], { after })));
    expect(JSON.stringify(plan)).not.toContain(SECRET);
    expect(secrets).toContain(SECRET);
  });

  test("names that only look like it, and plain words, hide nothing", () => {
    const after = {
      token_type: "bearer-kind",
      environment: { MODE: "production" },
      json: '{"note":"password"}',
    };
    const { plan, secrets } = redactPlan(planOf(changeEntry("a.b", ["create"], { after })));
    expect(secrets).toEqual([]);
    expect(plan.changes[0]?.after).toEqual(after);
  });

  test("a mask over nothing, or none at all, hides nothing", () => {
    const plan = planOf(
      changeEntry("a.b", ["create"], { after: { x: "open" }, after_sensitive: { tags: {}, list: [] } }),
      changeEntry("a.c", ["create"], { after: { x: null }, after_sensitive: { x: true } }),
    );
    const { plan: redacted, secrets } = redactPlan(plan);
    expect(secrets).toEqual([]);
    expect(redacted.changes.map((change) => change.after)).toEqual([{ x: "open" }, { x: null }]);
  });

  test("a value that loses its mark is still hidden", () => {
    const plan = planOf(
      changeEntry("a.b", ["update"], {
        before: { key: "abc" },
        after: { key: "abd" },
        before_sensitive: { key: true },
        after_sensitive: {},
      }),
    );
    const [change] = redactPlan(plan).plan.changes;
    expect(JSON.stringify([change!.before, change!.after])).not.toMatch(/ab[cd]/);
  });

  test("that a hidden value changes still shows", () => {
    const masks = { before_sensitive: { a: true, b: true }, after_sensitive: { a: true, b: true } };
    const plan = planOf(
      changeEntry("a.b", ["update"], { before: { a: "one", b: "x" }, after: { a: "two", b: "x" }, ...masks }),
    );
    const { before, after } = redactPlan(plan).plan.changes[0]! as { before: unknown; after: unknown };
    expect(after).toMatchObject({ b: (before as { b: string }).b });
    expect(after).not.toMatchObject({ a: (before as { a: string }).a });
  });
});

describe("the same secret elsewhere", () => {
  test("unmarked in another resource, inside a longer text, as a number, in the configuration", () => {
    const plan = readPlan(
      planText({
        variables: { password: { value: SECRET }, pin: { value: 73_519_284 } },
        resource_changes: [
          changeEntry("a.b", ["create"], { after: { url: `postgres://u:${SECRET}@db`, code: 73_519_284 } }),
        ],
        resource_drift: [changeEntry("a.d", ["update"], { before: { x: SECRET }, after: { x: "y" } })],
        output_changes: { o: { actions: ["create"], before: null, after: [SECRET] } },
        prior_state: {
          values: {
            outputs: { s: { sensitive: true, value: "output-of-state" } },
            root_module: { resources: [{ values: { k: "masked-in-state" }, sensitive_values: { k: true } }] },
          },
        },
        configuration: {
          root_module: {
            variables: { password: { sensitive: true, default: SECRET }, pin: { sensitive: true } },
            resources: [{ expressions: { x: { constant_value: SECRET } } }],
          },
        },
      }),
    );
    const { plan: redacted, secrets } = redactPlan(plan);
    const text = JSON.stringify(redacted);
    expect(text).not.toContain("output-of-state");
    for (const secret of [SECRET, "73519284", "masked-in-state"]) {
      expect(text).not.toContain(secret);
      expect(secrets).toContain(secret);
    }
    expect(text).toContain("postgres://u:(sensitive)@db");
  });

  test("what stands in a sensitive output beside the secret is not hunted elsewhere", () => {
    const plan = readPlan(
      planText({
        resource_changes: [changeEntry("a.b", ["create"], { after: { host: "db.example.com" } })],
        output_changes: {
          o: { actions: ["create"], before: null, after: { host: "db.example.com" }, after_sensitive: true },
        },
      }),
    );
    const { plan: redacted } = redactPlan(plan);
    expect(redacted.changes[0]!.after).toEqual({ host: "db.example.com" });
    expect(redacted.outputs[0]!.after).toBe("(sensitive)");
  });

  test("each line of a secret text, since engines print it line by line", () => {
    const pem = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----";
    const plan = planOf(changeEntry("a.b", ["create"], { after: { pem }, after_sensitive: { pem: true } }));
    expect(redactPlan(plan).secrets).toEqual(
      expect.arrayContaining([pem, "MIIEvQIBADANBg", "kqhkiG9w0BAQEF"]),
    );
  });

  test("short values are hidden in their place and not hunted elsewhere", () => {
    const plan = planOf(
      changeEntry("a.b", ["create"], { after: { on: true, n: 5, p: "on" }, after_sensitive: true }),
      changeEntry("a.c", ["create"], { after: { on: true, n: 5, p: "on" } }),
    );
    const { plan: redacted, secrets } = redactPlan(plan);
    expect(secrets).toEqual([]);
    expect(redacted.changes[0]!.after).toBe("(sensitive)");
    expect(redacted.changes[1]!.after).toEqual({ on: true, n: 5, p: "on" });
  });

  test("the longer of two secrets that begin alike is hidden whole", () => {
    const after = { a: "hunter2", b: "hunter2-longer" };
    const plan = planOf(
      changeEntry("a.b", ["create"], { after, after_sensitive: { a: true, b: true } }),
      changeEntry("a.c", ["create"], { after: { text: "x hunter2-longer hunter2 y" } }),
    );
    expect(redactPlan(plan).plan.changes[1]!.after).toEqual({
      text: "x (sensitive) (sensitive) y",
    });
  });

  test("thousands of secrets in a large plan take no long time", () => {
    const entries = Array.from({ length: 3000 }, (_, index) =>
      changeEntry(`a.b${index}`, ["create"], {
        after: { password: `secret-number-${index}`, text: "lorem ipsum ".repeat(20) },
        after_sensitive: { password: true },
      }),
    );
    const plan = planOf(...entries);
    const used = processorTime();
    expect(redactPlan(plan).secrets).toHaveLength(3000);
    expect(used()).toBeLessThan(2000);
  });
});
