import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createPolicyEngine } from "../../src/adapters/opa.ts";
import type { PolicyBundle } from "../../src/model/policy.ts";
import type { PolicyEngine } from "../../src/ports/policy.ts";
import { OPA, OPA_SEARCH } from "../policy/opa-here.ts";

const bundle = (...texts: readonly string[]): PolicyBundle => ({
  files: texts.map((text, index) => ({ path: `${index}.rego`, text })),
});
/** Long enough to be killed while it is asked, wherever this runs. */
const SLOW = bundle(
  'package main\ndeny contains "slow" if { not none }\nnone if { some i in numbers.range(1, 1500); some j in numbers.range(1, 1500); i * j == -1 }',
);

let engine: PolicyEngine;
afterEach(() => engine.stop());

/** Processes that this one started and that serve policies. */
const opaProcesses = async (): Promise<readonly number[]> => {
  const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, "utf8");
  const ids = children.split(" ").filter(Boolean).map(Number);
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
  return ids.filter((_id, index) => lines[index]?.includes("--server"));
};
const killAll = async (): Promise<number> => {
  const ids = await opaProcesses();
  for (const id of ids) process.kill(id, "SIGKILL");
  return ids.length;
};

describe.skipIf(!OPA || process.platform !== "linux")("policies asked of OPA", () => {
  test("a process that is killed while it is asked is started again, once, and the question answered", async () => {
    engine = createPolicyEngine(OPA_SEARCH);
    await engine.load(SLOW);
    const answer = engine.evaluate(SLOW, "{}", null, { timeoutMs: 120_000 });
    expect(await killAll()).toBe(1);
    expect((await answer).denied).toEqual([{ policy: "main.deny", message: "slow" }]);
  }, 180_000);

  test("where it cannot be started again, that is an error, which denies", async () => {
    const folder = await mkdtemp(join(tmpdir(), "plumbline-opa-gone-"));
    const path = join(folder, "opa");
    await symlink(OPA?.binary ?? "", path);
    engine = createPolicyEngine({ ...OPA_SEARCH, path });
    await engine.load(SLOW);
    await rm(folder, { recursive: true });
    const answer = engine.evaluate(SLOW, "{}", null, { timeoutMs: 120_000 });
    expect(await killAll()).toBe(1);
    await expect(answer).rejects.toMatchObject({ code: expect.stringMatching(/^policy-/) });
  }, 180_000);

  test("what rules may be: sets, objects, texts, flags; empty ones say nothing", async () => {
    engine = createPolicyEngine(OPA_SEARCH);
    const rules = bundle(
      `package a
deny contains "one" if true
deny_empty contains "never" if false
deny_flag if true
deny_off := false
deny_text := "text"
deny_map := {"key": true, "off": false}
warn_none := {}
violation_gone if input.absent`,
    );
    const { denied, warned, rules: asked } = await engine.evaluate(rules, "{}", null);
    expect(denied.map(({ policy, message }) => [policy, message])).toEqual([
      ["a.deny", "one"],
      ["a.deny_flag", "The rule deny_flag holds for this plan and says no more about it."],
      ["a.deny_text", "text"],
      ["a.deny_map", "key"],
    ]);
    expect([warned, asked]).toEqual([[], 8]);
  });

  test("packages that are named are compiled once as well, and only they are asked", async () => {
    engine = createPolicyEngine(OPA_SEARCH);
    const rules = bundle('package a\ndeny contains "a" if true', 'package b\ndeny contains "b" if true');
    const ask = async (...namespaces: string[]) =>
      (await engine.evaluate(rules, "{}", namespaces)).denied.map(({ message }) => message);
    expect([await ask("a"), await ask("b"), await ask("a", "b")]).toEqual([["a"], ["b"], ["a", "b"]]);
    await expect(ask("c")).rejects.toMatchObject({ code: "policy-invalid" });
  });

  test("a set that would read the question itself is asked by a query instead", async () => {
    engine = createPolicyEngine(OPA_SEARCH);
    const rules = bundle(
      'package a\nimport rego.v1\ndeny contains p if { some p; data[p].said == "loud" }',
      'package b\nsaid := "loud"',
    );
    const { denied } = await engine.evaluate(rules, "{}", null);
    expect(denied).toEqual([{ policy: "a.deny", message: "b" }]);
  });
});
