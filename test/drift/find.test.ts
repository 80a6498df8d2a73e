import { describe, expect, test } from "vitest";
import { findDrift } from "../../src/drift/find.ts";
import { readProviderSchema } from "../../src/drift/provider-schema.ts";
import type { Json } from "../../src/model/json.ts";
import {
  acceptedFrom,
  configured,
  entry,
  KEY,
  look,
  NOW,
  planOf,
  threeWay,
  told,
  WORKSPACE,
} from "./plans.ts";

const DB = "aws_db_instance.main";
const said = (attributes: Record<string, string | number | boolean>) =>
  configured({
    [DB]: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, { constant_value: value }]),
    ),
  });

describe("without memory", () => {
  test("a clean plan has nothing to tell", () => {
    const same = { id: "db", class: "small" };
    expect(look(planOf(threeWay(DB, { recorded: same, actual: same, desired: same }))).findings).toEqual([]);
  });

  test("what the console changed and the plan would take back is console, with its three values", () => {
    const plan = planOf({
      ...threeWay(DB, {
        recorded: { class: "small" },
        actual: { class: "large" },
        desired: { class: "small" },
      }),
      configuration: said({ class: "small" }),
    });
    const { findings } = look(plan);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      address: DB,
      path: "class",
      cause: "console",
      recorded: "small",
      actual: "large",
      desired: "small",
      sensitive: false,
    });
  });

  test("console and merged code at one path: console, with what the code now wants", () => {
    const plan = planOf(
      threeWay(DB, { recorded: { class: "small" }, actual: { class: "large" }, desired: { class: "huge" } }),
    );
    expect(look(plan).findings[0]).toMatchObject({
      cause: "console",
      recorded: "small",
      actual: "large",
      desired: "huge",
    });
  });

  test("the console set what the code leaves silent: unmanaged, although the plan is a no-op", () => {
    const plan = planOf({
      ...threeWay(DB, { recorded: { retention: 7 }, actual: { retention: 1 }, desired: { retention: 1 } }),
      configuration: said({ class: "small" }),
    });
    expect(told(look(plan).findings)).toEqual([`${DB} retention unmanaged`]);
  });

  test("code under ignore_changes says another constant: unmanaged", () => {
    const plan = planOf({
      ...threeWay(DB, { recorded: { retention: 7 }, actual: { retention: 1 }, desired: { retention: 1 } }),
      configuration: said({ retention: 7 }),
    });
    expect(told(look(plan).findings)).toEqual([`${DB} retention unmanaged`]);
  });

  test("the code already says what is live: nothing is left to do but to record it", () => {
    const plan = planOf({
      ...threeWay(DB, { recorded: { retention: 7 }, actual: { retention: 1 }, desired: { retention: 1 } }),
      configuration: said({ retention: 1 }),
    });
    expect(look(plan).findings).toEqual([]);
  });

  test("the same through a variable", () => {
    const plan = planOf({
      ...threeWay(DB, { recorded: { retention: 7 }, actual: { retention: 1 }, desired: { retention: 1 } }),
      configuration: configured({ [DB]: { retention: { references: ["var.days"] } } }),
      variables: { days: 1 },
    });
    expect(look(plan).findings).toEqual([]);
  });

  test("recorded equals actual and the plan changes it: unapplied", () => {
    const plan = planOf(
      threeWay(DB, { recorded: { class: "a" }, actual: { class: "a" }, desired: { class: "b" } }),
    );
    expect(told(look(plan).findings)).toEqual([`${DB} class unapplied`]);
  });

  test("a resource deleted outside is one finding of the whole", () => {
    const plan = planOf(threeWay(DB, { recorded: { id: "db" }, actual: null, desired: { id: "db" } }));
    expect(look(plan).findings[0]).toMatchObject({
      path: "",
      cause: "vanished",
      recorded: { id: "db" },
      actual: null,
    });
    expect(look(plan).findings).toHaveLength(1);
  });

  test("new code is one finding of the whole, code that is gone too", () => {
    expect(
      told(look(planOf(threeWay(DB, { recorded: null, actual: null, desired: { id: 1 } }))).findings),
    ).toEqual([`${DB} (whole) unapplied`]);
    expect(
      told(look(planOf(threeWay(DB, { recorded: { id: 1 }, actual: { id: 1 }, desired: null }))).findings),
    ).toEqual([`${DB} (whole) unapplied`]);
  });

  test("maps differ by key, with keys that hold dots", () => {
    const plan = planOf(
      threeWay(DB, {
        recorded: { tags: { "a.b": "1", keep: "x" } },
        actual: { tags: { "a.b": "2", keep: "x", new: "y" } },
        desired: { tags: { "a.b": "1", keep: "x" } },
      }),
    );
    expect(told(look(plan).findings)).toEqual([`${DB} tags["a.b"] console`, `${DB} tags.new console`]);
  });

  test.each([
    [null, []],
    ["", null],
    [false, null],
    [0, null],
    ['{"a":1}', '{ "a": 1 }'],
  ])("%j against %j is noise", (recorded, actual) => {
    const plan = planOf(
      threeWay(DB, { recorded: { x: recorded }, actual: { x: actual }, desired: { x: actual } }),
    );
    expect(told(look(plan).findings)).toEqual([`${DB} x noise`]);
  });

  test("the provider's own copy of the tags is noise beside the tag", () => {
    const recorded = { tags: { a: "1" }, tags_all: { a: "1" } };
    const actual = { tags: { a: "2" }, tags_all: { a: "2" } };
    const plan = planOf(threeWay(DB, { recorded, actual, desired: recorded }));
    expect(told(look(plan).findings)).toEqual([`${DB} tags.a console`, `${DB} tags_all.a noise`]);
  });

  test("computed values that tick by themselves are noise", () => {
    const plan = planOf({
      ...threeWay(DB, {
        recorded: { last_modified: "mon" },
        actual: { last_modified: "tue" },
        desired: { last_modified: "tue" },
      }),
      configuration: said({ class: "x" }),
    });
    expect(told(look(plan).findings)).toEqual([`${DB} last_modified noise`]);
  });

  test("sensitive values never come out, neither alone nor in a vanished resource", () => {
    const sensitive = { password: true };
    const plan = planOf({
      changes: [
        entry(DB, {
          action: "update",
          before: { password: "hunter3" },
          after: { password: "hunter2" },
          afterSensitive: sensitive,
        }),
      ],
      drift: [
        entry(DB, { action: "update", before: { password: "hunter2" }, after: { password: "hunter3" } }),
        entry("aws_db_instance.gone", {
          action: "delete",
          before: { id: "x", password: "hunter2" },
          after: null,
          beforeSensitive: sensitive,
        }),
      ],
    });
    const { findings } = look(plan);
    expect(JSON.stringify(findings)).not.toContain("hunter");
    expect(findings.find((finding) => finding.path === "password")).toMatchObject({
      recorded: null,
      actual: null,
      desired: null,
      sensitive: true,
    });
    expect(findings.find((finding) => finding.cause === "vanished")).toMatchObject({
      recorded: { id: "x" },
      sensitive: true,
    });
  });

  test("a value known only after apply is told as unknown, and only where the code asks for it", () => {
    const plan = planOf({
      changes: [
        entry(DB, {
          action: "update",
          before: { subnet: "a", arn: "arn:1" },
          after: {},
          afterUnknown: { subnet: true, arn: true },
        }),
      ],
      configuration: configured({ [DB]: { subnet: { references: ["aws_subnet.x.id"] } } }),
    });
    expect(look(plan).findings).toHaveLength(1);
    expect(look(plan).findings[0]).toMatchObject({ path: "subnet", actual: "a", desired: { unknown: true } });
  });

  test("an action that nobody knows concerns the whole resource", () => {
    const plan = planOf({ changes: [entry(DB, { action: "unknown", before: { a: 1 }, after: { a: 1 } })] });
    expect(told(look(plan).findings)).toEqual([`${DB} (whole) unapplied`]);
  });

  test("a list that grew differs as a whole; the drift inside it keeps its own path", () => {
    const plan = planOf(
      threeWay(DB, {
        recorded: { rule: [{ port: 1 }] },
        actual: { rule: [{ port: 2 }] },
        desired: { rule: [{ port: 1 }, { port: 9 }] },
      }),
    );
    expect(told(look(plan).findings)).toEqual([`${DB} rule[0].port console`, `${DB} rule unapplied`]);
  });

  test("a refresh-only plan tells what the console did, and that the code's wish is unknown", () => {
    const plan = planOf({ drift: [entry(DB, { action: "update", before: { a: 1 }, after: { a: 2 } })] });
    expect(look(plan).findings[0]).toMatchObject({ cause: "console", desired: { unknown: true } });
  });

  test("data sources are nobody's drift", () => {
    const plan = planOf({
      changes: [entry("data.aws_ami.x", { mode: "data", action: "read", before: null, after: {} })],
    });
    expect(look(plan).findings).toEqual([]);
  });
});

describe("with the accepted state", () => {
  const clean = (value: Record<string, string | number | string[]>) =>
    planOf(threeWay(DB, { recorded: value, actual: value, desired: value }));
  const accepted = acceptedFrom(clean({ id: "db", class: "small", retention: 7 }));

  test("it holds no value", () => {
    expect(JSON.stringify(accepted.values)).not.toContain("small");
    expect(Object.keys(accepted.values[DB] ?? {}).sort()).toEqual(["class", "id", "retention"]);
  });

  test("a refresh that took the console's change into the state does not hide it: absorbed", () => {
    const live = { id: "db", class: "large", retention: 7 };
    const plan = planOf(threeWay(DB, { recorded: live, actual: live, desired: { ...live, class: "small" } }));
    expect(told(look(plan, { accepted }).findings)).toEqual([`${DB} class absorbed`]);
    expect(told(look(plan).findings)).toEqual([`${DB} class unapplied`]);
  });

  test("the same where the code is silent and the plan therefore empty", () => {
    const live = { id: "db", class: "small", retention: 1 };
    const plan = planOf({
      ...threeWay(DB, { recorded: live, actual: live, desired: live }),
      configuration: said({ class: "small" }),
    });
    expect(told(look(plan, { accepted }).findings)).toEqual([`${DB} retention absorbed`]);
  });

  test("merged code that somebody applied elsewhere agrees everywhere: nothing", () => {
    const live = { id: "db", class: "large", retention: 7 };
    const plan = planOf({
      ...threeWay(DB, { recorded: live, actual: live, desired: live }),
      configuration: said({ class: "large" }),
    });
    expect(look(plan, { accepted, inputTreeHash: "tree-2" }).findings).toEqual([]);
  });

  test("new code is unapplied; the same code that wants something new is input", () => {
    const live = { id: "db", class: "small", retention: 7 };
    const plan = planOf(threeWay(DB, { recorded: live, actual: live, desired: { ...live, class: "huge" } }));
    expect(told(look(plan, { accepted, inputTreeHash: "tree-2" }).findings)).toEqual([
      `${DB} class unapplied`,
    ]);
    expect(told(look(plan, { accepted }).findings)).toEqual([`${DB} class input`]);
  });

  test("a resource that we knew and that must be created again vanished, even if the state lost it first", () => {
    const plan = planOf(threeWay(DB, { recorded: null, actual: null, desired: { id: "db" } }));
    expect(told(look(plan, { accepted }).findings)).toEqual([`${DB} (whole) vanished`]);
  });

  test("a resource that somebody else's apply left behind was absorbed", () => {
    const plan = planOf({
      changes: [entry("aws_x.new", { action: "delete", before: { id: 1 }, after: null })],
    });
    expect(told(look(plan, { accepted }).findings)).toEqual(["aws_x.new (whole) absorbed"]);
  });

  test("a moved resource is remembered under its earlier address", () => {
    const live = { id: "db", class: "small", retention: 1 };
    const plan = planOf({
      changes: [
        entry("aws_db_instance.new", { action: "move", previousAddress: DB, before: live, after: live }),
      ],
      configuration: configured({ "aws_db_instance.new": { class: { constant_value: "small" } } }),
    });
    expect(told(look(plan, { accepted }).findings)).toEqual(["aws_db_instance.new retention absorbed"]);
  });

  test("lists: an edited element differs at its place, a longer list as a whole", () => {
    const before = acceptedFrom(planOf(threeWay(DB, same({ rule: [{ port: 1 }, { port: 2 }] }))));
    const edited = planOf({
      ...threeWay(DB, same({ rule: [{ port: 1 }, { port: 3 }] })),
      configuration: said({}),
    });
    const longer = planOf({
      ...threeWay(DB, same({ rule: [{ port: 1 }, { port: 2 }, { port: 3 }] })),
      configuration: said({}),
    });
    const gone = planOf({ ...threeWay(DB, same({ rule: [] })), configuration: said({}) });
    expect(told(look(edited, { accepted: before }).findings)).toEqual([`${DB} rule[1].port absorbed`]);
    expect(told(look(longer, { accepted: before }).findings)).toEqual([`${DB} rule absorbed`]);
    expect(told(look(gone, { accepted: before }).findings)).toEqual([`${DB} rule absorbed`]);
  });
});

const same = (value: object) => {
  const json = value as { [key: string]: never };
  return { recorded: json, actual: json, desired: json };
};

describe("ignored drift", () => {
  const plan = planOf(
    threeWay('aws_x.a["k"]', {
      recorded: { tags: { env: "1", team: "1" } },
      actual: { tags: { env: "2", team: "2" } },
      desired: { tags: { env: "1", team: "1" } },
    }),
  );
  const rule = (target: string, until: Date | null = null) => ({ target, until, reason: "known" });

  test.each([
    ['aws_x.a["k"]', 2],
    ["aws_x.a", 2],
    ['aws_x.a["k"].tags', 2],
    ['aws_x.a["k"].tags.env', 1],
    ['aws_x.a["k"].tags["env"]', 1],
    ["aws_x.a[*].tags.team", 1],
    ["aws_x.*.*.tags.*", 2],
    ["aws_x.ab", 0],
    ["", 0],
  ])("%s covers %i", (target, count) => {
    const { findings, ignored } = look(plan, { ignore: [rule(target)] });
    expect(ignored).toHaveLength(count);
    expect(findings).toHaveLength(2 - count);
  });

  test("only until its day", () => {
    expect(look(plan, { ignore: [rule("aws_x.a", new Date("2026-01-01"))] }).ignored).toEqual([]);
    expect(look(plan, { ignore: [rule("aws_x.a", new Date("2026-02-01"))] }).findings).toEqual([]);
  });
});

describe("with the providers' schemas", () => {
  const schema = readProviderSchema({
    provider_schemas: {
      "registry.terraform.io/hashicorp/aws": {
        resource_schemas: {
          aws_db_instance: {
            block: {
              attributes: {
                status: { type: "string", computed: true },
                iops: { type: "number", optional: true, computed: true },
                groups: { type: ["set", "string"], optional: true },
              },
              block_types: {
                rule: {
                  nesting_mode: "set",
                  block: { attributes: { id: { type: "string", computed: true } } },
                },
              },
            },
          },
        },
      },
    },
  });
  const see = (recorded: Json, actual: Json, desired: Json = actual) =>
    told(
      findDrift({
        plan: planOf(threeWay(DB, { recorded, actual, desired })),
        accepted: null,
        key: KEY,
        workspace: WORKSPACE,
        inputTreeHash: "",
        lockFileHash: null,
        schema,
        ignore: [],
        now: NOW,
      }).findings,
    );

  test("what no code can set is noise, what code could set is unmanaged", () => {
    expect(see({ status: "up", iops: 1 }, { status: "down", iops: 2 })).toEqual([
      `${DB} status noise`,
      `${DB} iops unmanaged`,
    ]);
  });

  test("a set differs as a whole, whatever its elements look like", () => {
    expect(see({ groups: ["a", "b"] }, { groups: ["a", "c"] }, { groups: ["a", "b"] })).toEqual([
      `${DB} groups console`,
    ]);
    expect(schema.isSet("aws_db_instance", ["rule"])).toBe(true);
    expect(schema.isComputedOnly("aws_db_instance", ["rule", 0, "id"])).toBe(true);
    expect(schema.isComputedOnly("aws_unknown", ["x"])).toBeUndefined();
  });
});
