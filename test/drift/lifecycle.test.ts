import { describe, expect, test } from "vitest";
import { type FoundFinding, findDrift } from "../../src/drift/find.ts";
import { nextLifecycle } from "../../src/drift/lifecycle.ts";
import type { OpenFinding } from "../../src/model/finding.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { Plan } from "../../src/model/plan.ts";
import { acceptedFrom, configured, KEY, look, NOW, planOf, threeWay, WORKSPACE } from "./plans.ts";

const DB = "aws_db_instance.main";
const says = (value: string | number) => configured({ [DB]: { class: { constant_value: value } } });
const planned = (recorded: string, actual: string, desired: string): Plan =>
  planOf({
    ...threeWay(DB, {
      recorded: { class: recorded },
      actual: { class: actual },
      desired: { class: desired },
    }),
    configuration: says(desired),
  });

const opened = (findings: readonly FoundFinding[]): readonly OpenFinding[] =>
  findings.map((finding) => ({ ...finding, workspace: WORKSPACE, openedAt: NOW, lastSeenAt: NOW }));

const next = (
  open: readonly OpenFinding[],
  plan: Plan,
  { findings, ignored }: Pick<ReturnType<typeof findDrift>, "findings" | "ignored"> = look(plan),
) =>
  nextLifecycle({
    open,
    seen: findings.filter(({ cause }) => cause !== "noise"),
    ignored,
    plan,
    key: KEY,
    workspace: WORKSPACE,
  });

const open = opened(look(planned("small", "large", "small")).findings);

describe("a finding's life", () => {
  test("a second look at the same drift keeps it", () => {
    const again = next(open, planned("small", "large", "small"));
    expect(again).toMatchObject({ opened: [], ended: [] });
    expect(again.kept).toHaveLength(1);
  });

  test("a plan of other addresses alone keeps it", () => {
    const other = planOf({ changes: [] });
    expect(next(open, other).ended).toHaveLength(1);
    const partial = nextLifecycle({
      ...{ open, seen: [], ignored: [], plan: other, partial: true },
      ...{ key: KEY, workspace: WORKSPACE },
    });
    expect(partial).toMatchObject({ opened: [], ended: [], kept: open });
  });

  test("a refresh that empties resource_drift ends nothing", () => {
    const again = next(open, planned("large", "large", "small"));
    expect(again).toMatchObject({ opened: [], ended: [] });
    expect(again.kept).toHaveLength(1);
  });

  test("nor where the code is silent and the plan becomes empty", () => {
    const silent = (recorded: string): Plan =>
      planOf({
        ...threeWay(DB, {
          recorded: { class: recorded },
          actual: { class: "large" },
          desired: { class: "large" },
        }),
        configuration: configured({ [DB]: { name: { constant_value: "x" } } }),
      });
    const unmanaged = opened(look(silent("small")).findings);
    expect(unmanaged.map(({ cause }) => cause)).toEqual(["unmanaged"]);
    expect(next(unmanaged, silent("large"))).toMatchObject({ opened: [], ended: [] });
  });

  test("code that says what is live formalizes it", () => {
    expect(next(open, planned("small", "large", "large")).ended.map(({ why }) => why)).toEqual([
      "formalized",
    ]);
    expect(next(open, planned("large", "large", "large")).ended.map(({ why }) => why)).toEqual([
      "formalized",
    ]);
  });

  describe("a block that was added by hand, formalized", () => {
    const [health, callback] = [{ port: 8080 }, { port: 8443 }];
    const group = "aws_security_group.app";
    const at = ([before, live, wanted]: readonly [Json, Json, Json], expressions: JsonObject): Plan => {
      const [recorded, actual, desired] = [{ ingress: before }, { ingress: live }, { ingress: wanted }];
      return planOf({
        ...threeWay(group, { recorded, actual, desired }),
        configuration: configured({ [group]: expressions }),
      });
    };
    const drifted = (expressions: JsonObject) =>
      opened(look(at([[health], [callback, health], [health]], expressions)).findings);
    const both = [callback, health];

    test.each([
      ["as a set in the order of the code", { ingress: { constant_value: [health, callback] } }],
      ["by an expression", { ingress: { references: ["local.rules"] } }],
      ["by a dynamic block, which a plan's configuration leaves out", {}],
      ["by a dynamic block beside another", { ingress: { constant_value: [health] } }],
    ] as const)("%s: ends with the state that has learned it", (_what, said) => {
      const expressions = said as unknown as JsonObject;
      const open = drifted(expressions);
      expect(open.map(({ path, cause }) => `${path} ${cause}`)).toEqual(["ingress console"]);
      expect(next(open, at([both, both, both], expressions)).ended.map(({ why }) => why)).toEqual([
        "formalized",
      ]);
    });

    test("ends before the state has learned it, and no later look tells it again", () => {
      const open = drifted({ ingress: { constant_value: [health] } });
      const plan = at([[health], both, both], { ingress: { constant_value: [health, callback] } });
      expect(next(open, plan)).toMatchObject({ opened: [], ended: [{ why: "formalized" }] });
    });

    test.each([
      ["by an expression", { ingress: { references: ["local.rules"] } }],
      ["by a dynamic block", {}],
    ] as const)("%s, the state not refreshed: accepted is what no later look tells again", (_what, said) => {
      const expressions = said as unknown as JsonObject;
      const plan = at([[health], both, both], expressions);
      const accepted = acceptedFrom(plan);
      expect(look(plan, { accepted }).findings).toEqual([]);
      const more = at([[health], [...both, { port: 22 }], [...both, { port: 22 }]], expressions);
      expect(look(more, { accepted }).findings.map(({ cause }) => cause)).toEqual(["unmanaged"]);
    });

    test("by a dynamic block, the state not refreshed: what was proven ends, wherever the plan agrees", () => {
      const place = { address: group, path: "ingress" };
      const open = drifted({});
      const ends = (plan: Plan) =>
        nextLifecycle({
          ...{ open, seen: look(plan).findings, ignored: [], plan, formalized: [place] },
          ...{ key: KEY, workspace: WORKSPACE },
        }).ended;
      expect(ends(at([[health], both, both], {}))).toMatchObject([{ why: "formalized" }]);
      expect(ends(at([[health], both, [health]], {}))).toEqual([]);
      expect(ends(at([[health], [...both, { port: 22 }], both], {}))).toMatchObject([
        { why: "resolved-itself" },
      ]);
    });

    test("a constant that ignore_changes keeps out of the plan stays open", () => {
      const ignoring = { ingress: { constant_value: [health] } };
      const open = opened(look(at([[health], both, both], ignoring)).findings);
      expect(open.map(({ cause }) => cause)).toEqual(["unmanaged"]);
      expect(next(open, at([both, both, both], ignoring)).ended).toEqual([]);
    });
  });

  test("live back at what the code says is a revert", () => {
    expect(next(open, planned("small", "small", "small")).ended.map(({ why }) => why)).toEqual(["reverted"]);
  });

  test("another value at the same place is another finding", () => {
    const again = next(open, planned("small", "huge", "small"));
    expect(again.ended.map(({ why }) => why)).toEqual(["resolved-itself"]);
    expect(again.opened).toHaveLength(1);
  });

  test("an ignore rule ends it", () => {
    const plan = planned("small", "large", "small");
    const found = look(plan, { ignore: [{ target: `${DB}.class`, until: null, reason: "known" }] });
    expect(next(open, plan, found).ended.map(({ why }) => why)).toEqual(["ignored"]);
  });

  test("merged code that got applied ends by itself", () => {
    const waiting = opened(look(planned("a", "a", "b")).findings);
    expect(next(waiting, planned("b", "b", "b")).ended.map(({ why }) => why)).toEqual(["resolved-itself"]);
  });

  test("a vanished resource: created again is reverted, gone from the code is formalized, still gone is kept", () => {
    const gone = { recorded: { id: 1 }, actual: null, desired: { id: 1 } };
    const vanished = opened(look(planOf(threeWay(DB, gone))).findings);
    const back = planOf(threeWay(DB, { recorded: { id: 2 }, actual: { id: 2 }, desired: { id: 2 } }));
    expect(next(vanished, back).ended.map(({ why }) => why)).toEqual(["reverted"]);
    expect(next(vanished, planOf({})).ended.map(({ why }) => why)).toEqual(["formalized"]);
    const absorbed = planOf(threeWay(DB, { ...gone, recorded: null }));
    const accepted = acceptedFrom(
      planOf(threeWay(DB, { recorded: { id: 1 }, actual: { id: 1 }, desired: { id: 1 } })),
    );
    expect(next(vanished, absorbed, look(absorbed, { accepted }))).toMatchObject({ opened: [], ended: [] });
  });

  test("a plan that broke off ends nothing", () => {
    expect(next(open, planOf({ errored: true })).ended).toEqual([]);
  });

  test("it is idempotent: what was opened is kept by the next look", () => {
    const plan = planned("small", "large", "small");
    const first = next([], plan);
    expect(first.opened).toHaveLength(1);
    expect(next(opened(first.opened), plan)).toMatchObject({ opened: [], ended: [] });
  });
});

test("one drift has one name over causes, runs and refreshes; another workspace has another", () => {
  const [one] = look(planned("small", "large", "small")).findings;
  const [other] = look(planned("large", "large", "small")).findings;
  expect(one?.fingerprint).toBe(other?.fingerprint);
  const elsewhere = findDrift({
    plan: planned("small", "large", "small"),
    accepted: null,
    key: KEY,
    workspace: "acme/infra//envs/dev#default",
    inputTreeHash: "",
    lockFileHash: null,
    ignore: [],
    now: NOW,
  });
  expect(elsewhere.findings[0]?.fingerprint).not.toBe(one?.fingerprint);
});
