import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { OPA, PUBLISHED } from "../policy/opa-here.ts";
import { cli, folder } from "./world.ts";

const PLAN = JSON.stringify({
  format_version: "1.2",
  terraform_version: "1.11.4",
  planned_values: {},
  resource_changes: [
    {
      address: "aws_db_instance.main",
      mode: "managed",
      type: "aws_db_instance",
      name: "main",
      provider_name: "registry.terraform.io/hashicorp/aws",
      change: { actions: ["delete"], before: { id: "db" }, after: null },
    },
  ],
});

/** Writes a policy folder, asks it about the plan, and gives exit code and report. */
const ask = async (files: Record<string, string>, ...more: string[]) => {
  const dir = folder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, "p", path)), { recursive: true });
    writeFileSync(join(dir, "p", path), text);
  }
  const { code, out, err } = await cli(["policy", "test", "-", "--policy", "p", "--json", ...more], {
    stdin: PLAN,
    cwd: dir,
  });
  return { code, err, report: out === "" ? null : JSON.parse(out) };
};

describe.skipIf(!OPA)("policy test", () => {
  test("old and new Rego side by side: deny, violation and warn of every package", async () => {
    const { code, report } = await ask({
      "old.rego": `package main
        deny[msg] { r := input.resource_changes[_]; r.change.actions[_] == "delete"; msg := sprintf("%v goes", [r.address]) }
        warn_cost[msg] { msg := "costs" }`,
      "new/rule.rego": `package team.rules
        violation contains {"msg": "no owner", "details": {"x": 1}} if input.plumbline.workspace == null`,
      "new/only_true.rego": "package team.plain\ndeny if input.nothing_like_it",
    });
    expect(code).toBe(2);
    expect(report).toEqual({
      denied: [
        { policy: "team.rules.violation", message: "no owner" },
        { policy: "main.deny", message: "aws_db_instance.main goes" },
      ],
      warned: [{ policy: "main.warn_cost", message: "costs" }],
      excepted: [],
      rules: 4,
      ms: expect.any(Number),
    });
  });

  test("rules see the plan, what Plumbline found in it, and data from files", async () => {
    const { code, report } = await ask(
      {
        "rule.rego": `package main
          warn contains m if { some c in input.plumbline.changes; m := sprintf("%s %s %s", [c.address, c.class, data.teams.names[0]]) }
          warn contains m if { m := sprintf("%s%d", [data.limits.unit, count(input.plan.resource_changes)]) }`,
        "teams/data.yaml": "names: [red]",
      },
      ...["--data", writeData()],
    );
    expect(code).toBe(0);
    expect(report.warned.map(({ message }: { message: string }) => message).sort()).toEqual([
      "EUR1",
      "aws_db_instance.main R4 red",
    ]);
  });

  test("a package may be picked, and a set may make exceptions as conftest has it", async () => {
    const files = {
      "a.rego": `package main
        deny_old contains "old" if true
        deny_new contains "new" if true
        exception contains rules if { rules := ["old"] }`,
      "b.rego": 'package other\ndeny contains "other" if true',
    };
    const main = await ask(files, "--namespace", "main");
    expect(main.report.denied).toEqual([{ policy: "main.deny_new", message: "new" }]);
    expect(main.report.excepted).toEqual([{ policy: "main.deny_old", message: "old" }]);
    const none = await ask(files, "--namespace", "absent");
    expect([none.code, none.report.denied[0].message]).toEqual([
      2,
      "There is no deny, violation or warn rule in absent.",
    ]);
  });

  test.each([
    ["does not parse", "package main\ndeny contains {", "p/a.rego:2"],
    [
      "calls what there is not",
      'package main\ndeny contains "x" if nothing(1)',
      "undefined function nothing",
    ],
    [
      "calls a parser that only conftest has",
      'package main\ndeny contains "x" if parse_config("hcl2", "a = 1").a == 1',
      "parse_config is a function of conftest's own",
    ],
    ["has two values", "package main\ndeny := 1 if true\ndeny := 2 if true", "p/a.rego"],
    [
      "asks the network",
      'package main\ndeny[m] { m := http.send({"url": "http://h", "method": "get"}) }',
      "http.send is not allowed",
    ],
    ["asks where it runs", "package main\ndeny[m] { m := opa.runtime().env }", "opa.runtime is not allowed"],
  ])("a policy that %s denies", async (_what, text, why) => {
    const { code, report } = await ask({ "a.rego": text });
    expect(code).toBe(2);
    expect(report.denied).toHaveLength(1);
    expect(report.denied[0].message).toContain(why);
  });

  test("a policy that takes too long denies", async () => {
    const text = `package main
      deny contains "x" if { some i in numbers.range(1, 50000); some j in numbers.range(1, 50000); i * j == -1 }`;
    const { code, report } = await ask({ "a.rego": text }, "--timeout", "1s");
    expect([code, report.denied[0].policy]).toEqual([2, "policy-timeout"]);
  });

  test("what is no verdict is an error: no such folder, no rules in it, no plan", async () => {
    const dir = folder();
    mkdirSync(join(dir, "empty"));
    for (const policy of ["absent", "empty"]) {
      const { code, out } = await cli(["policy", "test", "-", "--policy", policy, "--json"], {
        stdin: PLAN,
        cwd: dir,
      });
      expect([code, JSON.parse(out).error.code]).toEqual([1, "policy-invalid"]);
    }
    const noPlan = await cli(["policy", "test", "-", "--policy", "empty", "--json"], {
      stdin: "{}",
      cwd: dir,
    });
    expect([noPlan.code, JSON.parse(noPlan.out).error.code]).toEqual([1, "plan-unreadable"]);
  });

  test("unit tests of policies", async () => {
    const dir = folder();
    writeFileSync(join(dir, "a.rego"), 'package a\ndeny[m] { input.x; m := "x" }');
    writeFileSync(
      join(dir, "a_test.rego"),
      'package a\ntest_good { count(deny) == 1 with input as {"x": 1} }\ntest_bad { count(deny) == 1 }',
    );
    const { code, out } = await cli(["policy", "verify", dir, "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ passed: 1, skipped: 0, failed: [{ test: "a.test_bad" }] });
  });

  const verify = async (tests: string) => {
    const dir = folder();
    writeFileSync(join(dir, "a_test.rego"), `package a\nimport rego.v1\n${tests}`);
    writeFileSync(join(dir, "x.tf"), 'resource "r" "n" {\n  a = var.b\n}\n');
    writeFileSync(join(dir, "x.yaml"), "a: [1]\n---\nb: 2\n");
    return cli(["policy", "verify", dir, "--json"]);
  };

  test("what conftest parses for its tests is parsed: texts, files and several of them", async () => {
    const { code, out, err } = await verify(`
      # parse_config("hcl2", computed) in a comment is none
      test_text if { parse_config("hcl2", \`a "b" { c = 1 }\`).a.b[0].c == 1 }
      test_yaml if { parse_config("yaml", "a: {b: c}").a.b == "c" }
      test_json if { parse_config("json", "{\\"a\\": 1}").a == 1 }
      test_file if { parse_config_file("x.tf").resource.r.n[0].a == "\${var.b}" }
      test_files if {
        both := parse_combined_config_files([
          "x.tf", # the first
          "x.yaml",
        ])
        both[1].path == "x.yaml"
        both[1].contents == [{"a": [1]}, {"b": 2}]
      }
    `);
    expect([code, err, JSON.parse(out)]).toMatchObject([0, "", { passed: 5, failed: [] }]);
  });

  test.each([
    [
      'test_a if { t := "a = 1"; parse_config("hcl2", t) }',
      "a_test.rego:3: parse_config is answered for literal",
    ],
    ['test_a if { parse_config_file("none.tf") }', "there is no file"],
    ['test_a if { parse_config_file("../../../etc/passwd.yaml") }', "there is no file"],
    ['test_a if { parse_config("hcl2", "a = ") }', "does not parse as HCL"],
    ['test_a if { parse_config("toml", "a = 1") }', "the parser toml is not offered"],
  ])("what it cannot know fails with file and line: %s", async (tests, why) => {
    const { code, err } = await verify(tests);
    expect(code).toBe(1);
    expect(err).toContain(why);
  });
});

const writeData = (): string => {
  const file = join(folder(), "limits.json");
  writeFileSync(file, '{"limits": {"unit": "EUR"}}');
  return file;
};

describe("without OPA", () => {
  test("the folder of the rules must be named", async () => {
    expect((await cli(["policy", "test", "-"], { stdin: PLAN })).code).toBe(64);
  });

  test("a machine that has neither OPA nor Go says so", async () => {
    const dir = folder();
    writeFileSync(join(dir, "a.rego"), "package main\ndeny[m] { m := 1 }");
    const { code, out } = await cli(["policy", "test", "-", "--policy", dir, "--json"], {
      stdin: PLAN,
      env: { PATH: "", HOME: dir },
    });
    expect([code, JSON.parse(out).error.code]).toEqual([1, "policy-engine-missing"]);
  });
});

describe.skipIf(!OPA || !PUBLISHED)("published policies", () => {
  const at = (path: string): string => join(PUBLISHED ?? "", path);
  const verdict = async (policies: string, plan: string, ...more: string[]) => {
    const { out } = await cli(["policy", "test", plan, "--policy", at(policies), "--json", ...more]);
    const { denied, warned } = JSON.parse(out) as Record<"denied" | "warned", { policy: string }[]>;
    return { denied: denied.map(({ policy }) => policy), warned: warned.map(({ policy }) => policy) };
  };
  const GKE = "open-policy-agent__conftest/examples/hcl1/gke-show.json";
  const AZURE = "libre-devops__custom-policies/test/fixtures/plan.json";

  test.each([
    ["open-policy-agent__conftest/examples/hcl1/policy", GKE, ["main.deny", "main.gke.deny"], []],
    ["libre-devops__custom-policies/policies", AZURE, [], ["libredevops.naming.resource_group.warn"]],
    ["fugue__regula/rego", AZURE, ["main.deny"], []],
  ])("%s", async (policies, plan, denied, warned) => {
    expect(await verdict(policies, at(plan))).toEqual({ denied, warned });
  });

  test("Atlantis's own, of a plan that makes a null resource, and HCP Terraform's", async () => {
    const plan = join(folder(), "plan.json");
    const made = (type: string, name: string, after: object) => ({
      ...{ address: `${type}.${name}`, mode: "managed", type, name, provider_name: "x" },
      change: { actions: ["create"], before: null, after },
    });
    writeFileSync(
      plan,
      JSON.stringify({
        format_version: "1.2",
        resource_changes: [
          made("null_resource", "forbidden", {}),
          made("aws_security_group", "open", { ingress: [{ cidr_blocks: ["0.0.0.0/0"] }] }),
        ],
      }),
    );
    const repos = "runatlantis__atlantis/server/controllers/events/testdata/test-repos";
    expect((await verdict(`${repos}/policy-checks/policies`, plan)).denied).toEqual(["main.deny"]);
    expect((await verdict(`${repos}/policy-checks-diff-owner/policies`, plan)).denied).toEqual(["main.deny"]);
    expect((await verdict(`${repos}/policy-checks-extra-args/policies`, plan)).denied).toEqual([
      "null_resource_policy.deny",
    ]);
    expect((await verdict("hashicorp-education__learn-terraform-drift-and-policy/opa", plan)).denied).toEqual(
      ["terraform.policies.public_ingress.deny"],
    );
  });

  test.each([
    ["fugue__regula/rego", 72],
    ["libre-devops__custom-policies/policies", 55],
    ["open-policy-agent__conftest/examples/hcl2/policy", 5],
  ])("the unit tests of %s hold", async (policies, passed) => {
    const { code, out } = await cli(["policy", "verify", at(policies), "--json"]);
    expect([code, JSON.parse(out)]).toEqual([0, { passed, failed: [], skipped: 0 }]);
  });
});
