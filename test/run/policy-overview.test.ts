import { expect, test } from "vitest";
import type { PolicySet, PolicyVerdict } from "../../src/model/policy.ts";
import { policyAuditKey, writePolicyAudit } from "../../src/model/policy-audit.ts";
import { policyOverview } from "../../src/run/policy-overview.ts";

const A = "acme/infra//a#default";
const B = "acme/infra//b#default";
const C = "acme/shop//c#default";
const REGO =
  "package main\n\ndeny_public contains msg if { msg := input.x }\n\nwarn_size contains msg if { msg := input.y }\n\nexception contains rules if { rules := [] }\n";

const set = (name: string, source: PolicySet["source"], more: Partial<PolicySet> = {}): PolicySet => ({
  ...{ name, source, level: "deny", repos: [], owners: ["@acme/security"], approvals: 1, namespaces: null },
  ...{ exceptions: [], repositoryExceptions: false },
  ...more,
});

const said = (name: string, policy: string) => ({ set: name, policy, message: "no", metadata: {} });
const verdict = (more: Partial<PolicyVerdict>): PolicyVerdict => ({
  ...{ denied: [], warned: [], dryRun: [], excepted: [], ms: 1 },
  ...more,
});

/** A ledger that keeps what was said of three workspaces, and folders with one file each. */
const worldOf = (sets: readonly PolicySet[], verdicts: Readonly<Record<string, PolicyVerdict>>) => {
  const rows = Object.entries(verdicts).map(([workspace, one]) => ({
    ...{ workspace, run: "run_1", commit: `commit of ${workspace}`, at: new Date(0), deniedSince: null },
    verdict: one,
  }));
  const kept = new Map(rows.map((row) => [policyAuditKey(row.workspace), writePolicyAudit(row)]));
  const read: string[] = [];
  const file = { path: "policies/main.rego", kind: "file" };
  const world = {
    server: { policies: { opa: null, timeoutMs: 1, sets } },
    ledger: {
      meta: { get: async (key: string) => kept.get(key) },
      workspaces: { list: async () => Object.keys(verdicts).map((key) => ({ key })) },
    },
    policies: {
      readFolder: async (path: string) => {
        if (path === "/gone") throw new Error("canary-secret: no such folder");
        return [{ path: "main.rego", text: REGO }];
      },
    },
    git: {
      listFiles: async () => [file],
      readFiles: async (repo: string, commit: string, paths: readonly string[]) => {
        read.push(`${repo} ${commit}`);
        return new Map(paths.map((path) => [path, new TextEncoder().encode(REGO)]));
      },
    },
    redactor: { redact: (text: string) => text.replaceAll("canary-secret", "***") },
  } as unknown as Parameters<typeof policyOverview>[0];
  return { world, read };
};

test("every rule of a set is told with the workspaces on which it spoke, and only those that one may see", async () => {
  const spoke = verdict({
    denied: [{ ...said("base", "main.deny_public"), owners: [], approvals: 1 }],
    warned: [said("base", "main.warn_size"), said("other", "main.warn_size")],
    dryRun: [said("base", "main.gone_from_its_files")],
  });
  const { world } = worldOf([set("base", { kind: "server", path: "/policies" })], {
    [A]: spoke,
    [B]: verdict({}),
    [C]: spoke,
  });
  const [seen] = await policyOverview(world, ["acme/infra//*"]);
  expect(seen).toMatchObject({
    ...{ name: "base", source: "the server's folder /policies", problem: null, owners: ["@acme/security"] },
    rules: [
      { policy: "main.deny_public", denied: [A], warned: [], dryRun: [] },
      { policy: "main.gone_from_its_files", dryRun: [A] },
      { policy: "main.warn_size", denied: [], warned: [A] },
    ],
  });
  const [all] = await policyOverview(world, ["*"]);
  expect(all?.rules[0]?.denied).toEqual([A, C]);
  const [none] = await policyOverview(world, []);
  expect(none?.rules.map(({ policy, denied }) => [policy, denied])).toEqual([
    ["main.deny_public", []],
    ["main.warn_size", []],
  ]);
});

test("a set of each repository is read from the commits that were judged, of repositories that it judges", async () => {
  const own = set("own", { kind: "workspace", folder: "policies" }, { repos: ["acme/infra"] });
  const { world, read } = worldOf([own], { [A]: verdict({}), [C]: verdict({}) });
  const [seen] = await policyOverview(world, ["*"]);
  expect(read).toEqual([`acme/infra commit of ${A}`]);
  expect(seen?.rules.map(({ policy }) => policy)).toEqual(["main.deny_public", "main.warn_size"]);
  expect(seen?.source).toBe("policies in each repository, from its protected branch");
});

test("a set that cannot be read says why, without secrets, and the others are told all the same", async () => {
  const gone = set("gone", { kind: "server", path: "/gone" });
  const { world } = worldOf([gone, set("base", { kind: "server", path: "/policies" })], { [A]: verdict({}) });
  const seen = await policyOverview(world, ["*"]);
  expect(seen.map(({ name, problem }) => [name, problem === null])).toEqual([
    ["gone", false],
    ["base", true],
  ]);
  expect(JSON.stringify(seen)).not.toContain("canary-secret");
  expect(seen[0]?.rules).toEqual([]);
});

test("where no set is configured nothing is asked", async () => {
  expect(await policyOverview(worldOf([], {}).world, ["*"])).toEqual([]);
});
