import { expect, test } from "vitest";
import { readRego } from "../../src/policy/rego-text.ts";

test("package, rules and dialect are read from the code alone", () => {
  const old = readRego(`# package nonsense
package terraform.s3["eu-1"]
# deny_commented[msg] { true }
deny[msg] { msg := "warn_quoted" }
violation_tags[{"msg": msg}] { msg := \`deny_raw\` }
deny_resource(r) = ret { ret := r }
allow { not data.other.deny_elsewhere }
`);
  expect(old).toEqual({
    package: ["terraform", "s3", "eu-1"],
    rules: ["deny", "violation_tags"],
    version: 0,
    readsInputPlan: false,
  });
});

test.each([
  ["package a\nimport rego.v1\ndeny contains m if { m := 1 }", 1],
  ["package a\ndeny contains m if { m := 1 }", 1],
  ["package a\ndeny if input.x", 1],
  ["package a\nimport future.keywords.if\ndeny[m] if { m := 1 }", 0],
  ["package a\ndeny[m] { contains(input.x, m) }", 0],
  ['package a\ndeny[m] { m := "only if it contains x" }', 0],
  ["package a\nallow := true", 0],
] as const)("the dialect of %j is %i", (text, version) => {
  expect(readRego(text).version).toBe(version);
});

test("policies for HCP Terraform are known by where they read the plan", () => {
  expect(readRego("package a\nimport input.plan as tfplan").readsInputPlan).toBe(true);
  expect(readRego("package a\nx { input.planned_values.y }").readsInputPlan).toBe(false);
});
