import { describe, expect, test } from "vitest";
import { stepProblem } from "../../src/config/atlantis-step.ts";

describe("steps that Atlantis runs", () => {
  test.each([
    ["init"],
    ["policy_check"],
    [{ plan: { extra_args: ["-lock=false", 1] } }],
    [{ apply: {} }],
    [{ run: "echo hello" }],
    [{ run: { command: "make", output: "strip_refreshing", shell: "bash", shellArgs: ["-c"] } }],
    [{ env: { name: "A", value: "b" } }],
    [{ env: { name: "A", command: "date" } }],
    [{ multienv: "./env.sh" }],
    [{ multienv: { command: "./env.sh", output: "hide" } }],
    [{ show: null }],
  ])("%j", (step) => {
    expect(stepProblem(step)).toBeUndefined();
  });
});

describe("steps that it refuses", () => {
  const rows: readonly [step: unknown, why: RegExp][] = [
    ["make", /`run:` before it/],
    [[], /name such as/],
    [{}, /empty/],
    [{ init: {}, plan: {} }, /one key, not 2/],
    [{ plan: { args: [] } }, /only extra_args, not `args`/],
    [{ plan: { extra_args: "-lock" } }, /list of texts/],
    [{ build: { extra_args: [] } }, /`build` is no step/],
    [{ run: { output: "hide" } }, /needs `command`/],
    [{ run: { command: "a", output: "loud" } }, /one of show, hide/],
    [{ run: { command: "a", shellArgs: "-c" } }, /needs `shell`/],
    [{ env: { value: "b" } }, /needs `name`/],
    [{ env: { name: "A", value: "b", command: "c" } }, /not both/],
    [{ env: { name: "A", vlue: "b" } }, /not `vlue`/],
  ];
  test.each(rows)("%j", (step, why) => {
    expect(stepProblem(step)).toMatch(why);
  });
});
