import { expect, test } from "vitest";
import { openDenials } from "../../src/gate/policies.ts";
import type { PolicyException, PolicySet } from "../../src/model/policy.ts";
import { judgesRepo, verdictOf, withRepositoryExceptions } from "../../src/policy/verdict.ts";

const set = (more: Partial<PolicySet> = {}): PolicySet => ({
  name: "base",
  source: { kind: "workspace", folder: "policies" },
  level: "deny",
  repos: [],
  owners: ["@acme/security"],
  approvals: 2,
  namespaces: null,
  exceptions: [],
  repositoryExceptions: false,
  ...more,
});
const exception = (more: Partial<PolicyException> = {}): PolicyException => ({
  policy: "main.deny_*",
  workspace: "acme/infra//prod#*",
  owner: "ann",
  reason: "moving out",
  until: new Date("2026-11-30T23:59:59Z"),
  ...more,
});
const DENIED = { policy: "main.deny_public", message: "is public" };
const WARNED = { policy: "main.warn", message: "costs" };
const ask = (one: PolicySet, workspace = "acme/infra//prod#default") =>
  verdictOf(
    one,
    { denied: [DENIED], warned: [WARNED], excepted: [] },
    { workspace, now: new Date("2026-11-21T00:00:00Z"), ms: 1 },
  );

test("what a denial means is the set's level", () => {
  const told = { set: "base", ...DENIED };
  expect(ask(set())).toMatchObject({
    denied: [{ ...told, owners: ["@acme/security"], approvals: 2 }],
    dryRun: [],
  });
  expect(ask(set({ level: "warn" }))).toMatchObject({ denied: [], warned: [told, WARNED], dryRun: [] });
  expect(ask(set({ level: "dry_run" }))).toMatchObject({ denied: [], warned: [], dryRun: [told, WARNED] });
});

test("an exception holds for its policy and workspace until its day; one that ended is said and holds nothing", () => {
  const held = ask(set({ exceptions: [exception()] }));
  expect(held.denied).toEqual([]);
  expect(held.excepted).toMatchObject([
    { ...DENIED, owner: "ann", reason: "moving out", until: "2026-11-30" },
  ]);
  expect(ask(set({ exceptions: [exception()] }), "acme/infra//dev#default").denied).toHaveLength(1);
  expect(ask(set({ exceptions: [exception({ policy: "main.deny" })] })).denied).toHaveLength(1);
  const ended = ask(set({ exceptions: [exception({ until: new Date("2026-11-01T00:00:00Z") })] }));
  expect(ended.denied[0]?.message).toBe("is public (The exception that ann had for it ended on 2026-11-01.)");
});

test("a repository's own exceptions count where the set takes them, for that repository alone", () => {
  const own = (workspace: string | null, more: object = {}) => [
    { set: "base", ...exception({ workspace }), ...more },
  ];
  const takes = set({ repositoryExceptions: true });
  const left = (one: PolicySet, exceptions: ReturnType<typeof own>, workspace?: string) =>
    ask(withRepositoryExceptions(one, "acme/infra", exceptions), workspace).denied.length;
  expect(left(takes, own("prod"))).toBe(0);
  expect(left(takes, own(null))).toBe(0);
  expect(left(takes, own("prod#other"))).toBe(1);
  expect(left(takes, own("prod"), "acme/other//prod#default")).toBe(1);
  expect(left(takes, own("prod", { set: "another" }))).toBe(1);
  expect(left(set(), own("prod"))).toBe(1);
});

test("no exception lets a set pass that could not be asked", () => {
  const answer = {
    denied: [{ policy: "policy-invalid", message: "does not compile" }],
    warned: [],
    excepted: [],
  };
  const at = { workspace: "acme/infra//prod#default", now: new Date("2026-11-21T00:00:00Z"), ms: 1 };
  const one = set({ exceptions: [exception({ policy: "*" })] });
  expect(verdictOf(one, { ...answer, failed: true }, at).denied).toHaveLength(1);
  expect(verdictOf(one, { ...answer, denied: [DENIED] }, at).denied).toEqual([]);
});

test("a set may judge some repositories alone", () => {
  expect(judgesRepo({ repos: [] }, "acme/infra")).toBe(true);
  expect(judgesRepo({ repos: ["acme/*"] }, "Acme/infra")).toBe(true);
  expect(judgesRepo({ repos: ["acme/other"] }, "acme/infra")).toBe(false);
});

test("owners approve exactly one plan, as many of them as the set wants", () => {
  const denied = [{ ...DENIED, owners: ["ann", "bob"], needs: 2 }];
  const by = (login: string, digest = "pd1:a", kind: "policy" | "approve" = "policy") => ({
    kind,
    by: login,
    digest,
  });
  expect(openDenials(denied, [by("ann"), by("ann")], "pd1:a")).toHaveLength(1);
  expect(openDenials(denied, [by("ann"), by("eve")], "pd1:a")).toHaveLength(1);
  expect(openDenials(denied, [by("ann"), by("bob", "pd1:b")], "pd1:a")).toHaveLength(1);
  expect(openDenials(denied, [by("ann"), by("bob", "pd1:a", "approve")], "pd1:a")).toHaveLength(1);
  expect(openDenials(denied, [by("ann"), by("bob")], "pd1:a")).toEqual([]);
  expect(openDenials([{ ...DENIED, owners: [] }], [by("ann")], "pd1:a")).toHaveLength(1);
});
