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

describe("blocks", () => {
  const rule = (port: number, more: JsonObject = {}): JsonObject => ({ port, description: null, ...more });
  const [health, callback] = [rule(8080), rule(8443)];
  const says = (ingress: JsonObject[string], live: JsonObject[]) => {
    const configuration = { root_module: resource({ ingress }) };
    return codeSays(planOf({ configuration }), "aws_db_instance.db", ["ingress"], live);
  };
  const block = (port: number): JsonObject => ({ port: { constant_value: port } });

  test.each([
    ["a set, written in another order than the engine keeps", [health, callback], [callback, health], "live"],
    ["an element twice is not the same as once", [health, health], [health, callback], "other"],
    ["a part; the rest may come from a dynamic block", [health], [callback, health], "part"],
    ["one that is not live", [rule(22), health], [callback, health], "other"],
  ] as const)("of an attribute: %s", (_what, said, live, answer) => {
    expect(says({ constant_value: [...said] }, [...live])).toBe(answer);
  });

  test.each([
    ["in another order", [block(8080), block(8443)], "live"],
    ["fewer than live", [block(8080)], "unclear"],
    ["another one", [block(8080), block(22)], "unclear"],
    ["by an expression", [block(8080), { port: { references: ["local.port"] } }], "unclear"],
  ] satisfies [string, JsonObject[], string][])("of their own: %s", (_what, said, answer) => {
    expect(says(said, [rule(8443, { self: false, group: "computed" }), health])).toBe(answer);
  });

  test("a single one, with blocks within it", () => {
    const single: JsonObject = { on: { constant_value: true }, inner: [block(1), block(2)] };
    expect(says(single, [{ on: true, inner: [rule(2), rule(1)] }])).toBe("live");
    expect(says(single, [{ on: true, inner: [rule(2), rule(3)] }])).toBe("unclear");
  });
});
