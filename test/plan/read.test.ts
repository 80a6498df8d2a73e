import { describe, expect, test } from "vitest";
import { PlumblineError } from "../../src/model/errors.ts";
import { canonicalJson } from "../../src/model/json.ts";
import { decodePlanBytes } from "../../src/plan/plan-text.ts";
import { readPlan, readPlans } from "../../src/plan/read.ts";
import { changeEntry, changeOf, planText } from "./plan-document.ts";

const failureOf = (text: string): PlumblineError => {
  try {
    readPlan(text);
  } catch (error) {
    if (error instanceof PlumblineError) return error;
    throw error;
  }
  throw new Error("it was read");
};

describe("absent parts", () => {
  test("a plan without resource_changes, drift and outputs is an empty plan", () => {
    const plan = readPlan(planText({}));
    expect(plan.changes).toEqual([]);
    expect(plan.drift).toEqual([]);
    expect(plan.outputs).toEqual([]);
  });

  test("a refresh-only plan has drift alone, and no configuration", () => {
    const plan = readPlan(planText({ resource_drift: [changeEntry("a.b", ["update"], {})] }));
    expect(plan.drift).toHaveLength(1);
    expect(plan.configuration).toBeNull();
  });

  test("applyable and complete that OpenTofu never writes are null, not false", () => {
    expect(readPlan(planText({})).applyable).toBeNull();
    expect(readPlan(planText({})).complete).toBeNull();
    expect(readPlan(planText({ applyable: false })).applyable).toBe(false);
  });

  test("masks and marks that old engines lack mark nothing", () => {
    const change = changeOf("a.b", ["update"], { after_unknown: undefined });
    expect(change.afterUnknown).toBe(false);
    expect(change.beforeSensitive).toBe(false);
  });

  test("an errored plan is read and says so", () => {
    expect(readPlan(planText({ errored: true })).errored).toBe(true);
  });
});

describe("actions", () => {
  test.each([
    [["create"], "create"],
    [["update"], "update"],
    [["delete"], "delete"],
    [["forget"], "forget"],
    [["read"], "read"],
    [["no-op"], "no-op"],
    [["delete", "create"], "replace"],
    [["create", "delete"], "replace"],
    [["create", "forget"], "replace"],
    [["forget", "create"], "replace"],
    [["explode"], "unknown"],
    [["update", "delete"], "unknown"],
    [["delete", "delete"], "unknown"],
    [["delete", "create", "update"], "unknown"],
    [[], "unknown"],
  ])("%j is %s", (actions, expected) => {
    expect(changeOf("a.b", actions, {}).action).toBe(expected);
  });

  test("a no-op with a previous address is a move, with an import id an import", () => {
    expect(changeOf("a.b", ["no-op"], {}, { previous_address: "a.old" }).action).toBe("move");
    expect(changeOf("a.b", ["no-op"], { importing: { id: "i-1" } }).action).toBe("import");
    expect(changeOf("a.b", ["no-op"], { importing: { unknown: true } }).action).toBe("import");
    expect(changeOf("a.b", ["no-op"], { importing: { identity: { arn: "x" } } }).action).toBe("import");
  });

  test("a forget is a forget although its reason reads like a delete", () => {
    const entry = { action_reason: "delete_because_no_resource_config" };
    expect(changeOf("a.b", ["forget"], {}, entry).action).toBe("forget");
  });

  test("an ephemeral resource that is opened is read", () => {
    expect(changeOf("ephemeral.a.b", ["open"], {}, { mode: "ephemeral" }).action).toBe("read");
    expect(changeOf("a.b", ["open"], {}).action).toBe("unknown");
  });
});

describe("addresses", () => {
  test("an instance key may hold dots and quotes, be a number or be absent", () => {
    const dotted = changeOf('a.b["www.example.com"]', ["create"], {}, { index: "www.example.com" });
    expect(dotted.address).toBe('a.b["www.example.com"]');
    expect(dotted.index).toBe("www.example.com");
    expect(changeOf("a.b[0]", ["create"], {}, { index: 0 }).index).toBe(0);
    expect(changeOf("a.b", ["create"], {}).index).toBeNull();
  });

  test("deposed objects share an address with the current one", () => {
    const plan = readPlan(
      planText({
        resource_changes: [
          changeEntry("a.b", ["no-op"], {}),
          changeEntry("a.b", ["delete"], {}, { deposed: "byebye" }),
        ],
      }),
    );
    expect(plan.changes.map((change) => change.deposed)).toEqual([null, "byebye"]);
  });

  test("a provider name is kept as it stands", () => {
    for (const name of ["aws", "null.aliased", "registry.opentofu.org/hashicorp/null"]) {
      expect(changeOf("a.b", ["create"], {}, { provider_name: name }).provider).toBe(name);
    }
  });
});

describe("numbers", () => {
  test("integers past 2^53 keep every digit", () => {
    const text = planText({}).replace(
      "}",
      ',"resource_changes":[{"address":"a.b","mode":"managed","type":"a","change":{"actions":["create"],"after":{"account":123456789012345678901,"ok":9007199254740991,"small":1.10}}}]}',
    );
    expect(canonicalJson(readPlan(text).changes[0]!.after)).toBe(
      '{"account":123456789012345678901,"ok":9007199254740991,"small":1.1}',
    );
  });

  test.each(["9007199254740993", "-9007199254740993", "0.1234567890123456789", "1e400"])(
    "%s is not rounded",
    (digits) => {
      const text = `{"format_version":"1.2","variables":{"n":{"value":${digits}}}}`;
      expect(canonicalJson(readPlan(text).variables["n"]!)).toBe(digits);
    },
  );
});

describe("variables", () => {
  test("the names that the configuration declares sensitive are told", () => {
    const plan = readPlan(
      planText({
        variables: { password: { value: "p" }, size: { value: 3 } },
        configuration: { root_module: { variables: { password: { sensitive: true }, size: {} } } },
      }),
    );
    expect(plan.variables).toEqual({ password: "p", size: 3 });
    expect(plan.sensitiveVariables).toEqual(["password"]);
  });
});

describe("files in the wild", () => {
  const plan = planText({ resource_changes: [changeEntry("a.b", ["create"], {})] });

  test("a command line before it, text after it, and a byte order mark", () => {
    expect(readPlan(`[command]/usr/bin/terraform show -json plan\n${plan}`).changes).toHaveLength(1);
    expect(readPlan(`${plan}\nReleasing state lock {done}`).changes).toHaveLength(1);
    expect(readPlan(`\uFEFF${plan}`).changes).toHaveLength(1);
  });

  test("two documents are two plans, and are not read as one", () => {
    expect(readPlans(`${plan}\n${planText({})}`)).toHaveLength(2);
    expect(failureOf(`${plan}\n${planText({})}`).message).toContain("2 plans");
  });

  test("UTF-16 as PowerShell writes it", () => {
    const bytes = Buffer.from(`\uFEFF${plan}`, "utf16le");
    expect(readPlan(decodePlanBytes(bytes)).changes).toHaveLength(1);
  });

  test.each(["0.1", "0.2", "1.0", "1.2", "1.99"])("format_version %s is read", (version) => {
    expect(readPlan(planText({ format_version: version })).formatVersion).toBe(version);
  });

  test.each(["2.0", "10.1", "next"])("format_version %s is refused", (version) => {
    expect(failureOf(planText({ format_version: version })).code).toBe("plan-format-unknown");
  });
});

test("changes without a format_version are read: other tools cut plans down to them", () => {
  const text = JSON.stringify({ resource_changes: [changeEntry("a.b", ["delete"], {})] });
  expect(readPlan(text).formatVersion).toBe("");
  expect(failureOf('{"resource_changes":[]}').code).toBe("plan-unreadable");
  expect(failureOf('{"resource_changes":[{"address":"a.b"}]}').code).toBe("plan-unreadable");
});

describe("what is no plan", () => {
  test.each([
    ["", "empty"],
    ["PK\u0003\u0004rest", "show -json"],
    ["Terraform will perform the following actions:\n  # a.b will be created", "show -json"],
    ['{"format_version":"1.2","resource_changes":[', "cut off"],
    ["[1,2]", "no JSON object"],
    ["hello", "no JSON object"],
    ['{"a":1}', "format_version"],
    ['{"@level":"info","@message":"Plan"}', "event stream"],
    ['{"version":4,"serial":1,"lineage":"x"}', "state"],
    ['{"format_version":"1.0","values":{}}', "state"],
    ['{"format_version":"1.0"}', "state"],
    ['{"format_version":"1.0","provider_schemas":{}}', "schema"],
    ['{"format_version":"1.0","valid":true,"diagnostics":[]}', "validate"],
    ['{"format_version":"1.2","resource_changes":{"a":1}}', "resource_changes"],
  ])("%j is refused with one sentence", (text, word) => {
    const failure = failureOf(text);
    expect(failure.code).toBe("plan-unreadable");
    expect(failure.message).toContain(word);
    expect(failure.message).not.toContain("\n");
  });
});
