import { describe, expect, test } from "vitest";
import { codeSays } from "../../src/drift/code-says.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { planOf } from "./plans.ts";

const resource = (expressions: JsonObject): JsonObject => ({
  resources: [{ address: "aws_db_instance.db", expressions }],
});
const nested = (call: JsonObject, inner: JsonObject): JsonObject => ({
  root_module: {
    module_calls: {
      outer: {
        expressions: call,
        module: {
          variables: { size: {}, plain: { default: "small" } },
          module_calls: { inner: { expressions: { class: { references: ["var.size"] } }, module: inner } },
        },
      },
    },
  },
});
const DB = 'module.outer["a.b"].module.inner[0].aws_db_instance.db';

describe("what the code says through modules", () => {
  const inner = resource({ instance_class: { references: ["var.class"] } });
  test.each([
    ["a constant of the call", { size: { constant_value: "large" } }, "large", "live"],
    ["another constant", { size: { constant_value: "small" } }, "large", "unclear"],
    ["a variable of the root", { size: { references: ["var.wanted"] } }, "large", "live"],
    ["a local", { size: { references: ["local.x"] } }, "large", "unclear"],
  ] as const)("%s", (_what, call, live, says) => {
    const plan = planOf({
      configuration: nested(call as unknown as JsonObject, inner),
      variables: { wanted: "large" },
    });
    expect(codeSays(plan, DB, ["instance_class"], live)).toBe(says);
  });

  test("a default, where the call gives nothing", () => {
    const configuration: JsonObject = {
      root_module: {
        module_calls: {
          m: {
            module: {
              ...resource({ instance_class: { references: ["var.class"] } }),
              variables: { class: { default: "large" } },
            },
          },
        },
      },
    };
    const plan = planOf({ configuration, variables: { class: "of the root" } });
    expect(codeSays(plan, "module.m.aws_db_instance.db", ["instance_class"], "large")).toBe("live");
    expect(codeSays(plan, "module.m.aws_db_instance.db", ["instance_class"], "of the root")).toBe("unclear");
  });
});

describe("a part of a variable", () => {
  const configuration = {
    root_module: resource({ instance_class: { references: ["var.db.class", "var.db"] } }),
  };
  const plan = planOf({ configuration, variables: { db: { class: "large", size: 1 } } });
  test.each([
    ["large", "live"],
    ["small", "other"],
  ])("%s is %s", (live, says) => {
    expect(codeSays(plan, "aws_db_instance.db", ["instance_class"], live)).toBe(says);
  });

  test("two variables are no value", () => {
    const both = { root_module: resource({ instance_class: { references: ["var.a", "var.b"] } }) };
    const two = planOf({ configuration: both, variables: { a: "large", b: "large" } });
    expect(codeSays(two, "aws_db_instance.db", ["instance_class"], "large")).toBe("unclear");
  });
});
