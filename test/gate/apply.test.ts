import { describe, expect, test } from "vitest";
import { applyGate } from "../../src/gate/apply.ts";
import type { ApplyFacts } from "../../src/gate/apply-facts.ts";
import { grave } from "../report/views.ts";

const FRESH = { digest: "pd1:aaaabbbbccccdddd", parts: {} };
const OTHER = { digest: "pd1:eeeeffff00001111", parts: {} };

const facts = (more: Partial<ApplyFacts> = {}): ApplyFacts => ({
  intent: "merge",
  mode: "enforce",
  frozen: null,
  lockHolder: null,
  reviewed: FRESH,
  fresh: FRESH,
  changedPaths: [],
  approvals: [],
  class: "R1",
  destructive: [],
  errored: false,
  overriddenDrift: [],
  requirements: [],
  approved: false,
  mergeable: true,
  undiverged: true,
  ...more,
});
const gates = (more: Partial<ApplyFacts> = {}) => applyGate(facts(more)).reasons.map(({ gate }) => gate);
const approve = (digest: string) => ({ kind: "approve" as const, by: "ann", digest, paths: [] });
const place = { address: "aws_db.main", path: "class" };

test("exactly the reviewed plan is allowed", () => {
  expect(applyGate(facts())).toEqual({ allowed: true, reasons: [] });
});

test("every reason is told at once, each with a way out", () => {
  const decision = applyGate(
    facts({
      frozen: { why: "state-unsaved" },
      lockHolder: { repo: "a/b", number: 9 },
      errored: true,
      baseBranchAllowed: false,
    }),
  );
  expect(decision.allowed).toBe(false);
  expect(decision.reasons.map(({ gate }) => gate)).toEqual(["frozen", "locked", "errored", "wrong-branch"]);
  for (const { wayOut } of decision.reasons) expect(wayOut).toMatch(/^[A-Z].*\.$/);
});

test.each(["merge", "comment", "revert"] as const)(
  "a server that observes applies nothing (%s)",
  (intent) => {
    expect(gates({ intent, mode: "observe" })).toContain("mode-observe");
  },
);

describe("the reviewed plan", () => {
  test("another digest stops the apply, names the paths and the digest to approve", () => {
    const { reasons } = applyGate(facts({ reviewed: OTHER, changedPaths: ["aws_db.main.class"] }));
    expect(reasons).toMatchObject([{ gate: "plan-changed", details: ["aws_db.main.class"] }]);
    expect(reasons[0]?.wayOut).toContain("plumbline approve aaaabbbbcccc");
  });

  test("a plan that nobody saw is no reviewed plan", () => {
    expect(gates({ reviewed: null })).toEqual(["plan-changed"]);
  });

  test("only an approval of just this plan opens the way", () => {
    expect(gates({ reviewed: OTHER, approvals: [approve(FRESH.digest)] })).toEqual([]);
    expect(gates({ reviewed: OTHER, approvals: [approve(OTHER.digest)] })).toEqual(["plan-changed"]);
    expect(
      gates({ reviewed: OTHER, approvals: [{ ...approve(FRESH.digest), kind: "apply-request" }] }),
    ).toEqual(["plan-changed"]);
  });

  test("a revert is asked for by name, so there is nothing to compare", () => {
    expect(gates({ intent: "revert", reviewed: OTHER })).toEqual([]);
  });
});

describe("silent revert", () => {
  const permit = (paths: readonly { address: string; path: string }[], digest = FRESH.digest) => ({
    kind: "revert-drift" as const,
    by: "ann",
    digest,
    paths,
  });

  test("undoing a live change is denied, and says which", () => {
    const { reasons } = applyGate(facts({ overriddenDrift: [place] }));
    expect(reasons).toMatchObject([{ gate: "silent-revert", details: ["aws_db.main.class"] }]);
    expect(reasons[0]?.wayOut).toContain("apply --revert-drift");
  });

  test("the permission is bound to plan and paths", () => {
    const overriddenDrift = [place];
    expect(gates({ overriddenDrift, approvals: [permit([place])] })).toEqual([]);
    expect(gates({ overriddenDrift, approvals: [permit([{ ...place, path: "" }])] })).toEqual([]);
    expect(gates({ overriddenDrift, approvals: [permit([{ ...place, path: "size" }])] })).toEqual([
      "silent-revert",
    ]);
    expect(gates({ overriddenDrift, approvals: [permit([place], OTHER.digest)] })).toEqual(["silent-revert"]);
    expect(gates({ overriddenDrift, approvals: [approve(FRESH.digest)] })).toEqual(["silent-revert"]);
  });

  test("`revert` may undo all, or only what it names", () => {
    expect(gates({ intent: "revert", overriddenDrift: [place] })).toEqual([]);
    expect(
      gates({
        intent: "revert",
        overriddenDrift: [place],
        revertDriftAllowed: [{ address: "aws_db.other", path: "" }],
      }),
    ).toEqual(["silent-revert"]);
  });
});

describe("what destroys durable state", () => {
  const destructive = [grave("aws_db_instance.main")];

  test("needs somebody's approval of just this plan, also where the reviewed plan is the same", () => {
    expect(gates({ destructive, class: "R4" })).toEqual(["destructive"]);
    expect(gates({ destructive, class: "R4", approvals: [approve(FRESH.digest)] })).toEqual([]);
    expect(gates({ destructive, class: "R4", approvals: [approve(OTHER.digest)] })).toEqual(["destructive"]);
  });

  test("the class alone is enough, and a revert is no way around", () => {
    expect(gates({ class: "R5" })).toEqual(["destructive"]);
    expect(gates({ intent: "revert", destructive, class: "R4" })).toEqual(["destructive"]);
  });

  test("an unknown action is said to be unknown", () => {
    const { reasons } = applyGate(facts({ destructive: [grave("aws_x.a", "unknown")], class: "R4" }));
    expect(reasons[0]?.message).toContain("does not know");
  });
});

describe("requirements", () => {
  const requirements = ["approved", "mergeable", "undiverged"] as const;
  const unmet = { requirements, approved: false, mergeable: false, undiverged: false };

  test("before the merge all count, after it only the approval, on a revert none", () => {
    expect(gates({ intent: "comment", ...unmet })).toEqual(["not-approved", "not-mergeable", "diverged"]);
    expect(gates({ intent: "merge", ...unmet })).toEqual(["not-approved"]);
    expect(gates({ intent: "revert", ...unmet })).toEqual([]);
  });

  test("what the forge has not told yet is not met", () => {
    expect(gates({ intent: "comment", requirements: ["mergeable"], mergeable: null })).toEqual([
      "not-mergeable",
    ]);
  });

  test("approving the plan itself is an approval", () => {
    expect(gates({ requirements: ["approved"], approvals: [approve(FRESH.digest)] })).toEqual([]);
  });
});

test("what policies deny needs the approval of a policy owner for this very plan", () => {
  const policyDenied = [{ policy: "no-public", message: "bucket is public" }];
  const owner = { kind: "policy" as const, by: "ann", digest: FRESH.digest, paths: [] };
  expect(gates({ policyDenied })).toEqual(["policy"]);
  expect(gates({ policyDenied, approvals: [approve(FRESH.digest)] })).toEqual(["policy"]);
  expect(gates({ policyDenied, approvals: [{ ...owner, digest: OTHER.digest }] })).toEqual(["policy"]);
  expect(gates({ policyDenied, approvals: [owner] })).toEqual([]);
});

test("in comment mode judgement is left to people, soundness is not", () => {
  const mode = "comment" as const;
  expect(gates({ mode, class: "R5", overriddenDrift: [place], requirements: ["approved"] })).toEqual([]);
  expect(gates({ mode, reviewed: OTHER, errored: true })).toEqual(["errored", "plan-changed"]);
});
