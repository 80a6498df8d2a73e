import { describe, expect, test } from "vitest";
import { assemble } from "../../src/codify/assemble.ts";
import { codify } from "../../src/codify/codify.ts";
import type { Change } from "../../src/codify/facts.ts";
import type { Json } from "../../src/model/json.ts";
import { renderPath } from "../../src/model/path.ts";
import { leafDiffs } from "../../src/model/value-diff.ts";
import { parse } from "./code.ts";

const SETTINGS = ["list", ["object", { name: "string", value: "string" }]];
const LOGIN = {
  user: { type: "string", optional: true },
  shell: { type: "string", optional: true },
  pin: { type: "string", optional: true, sensitive: true },
};
const SCHEMAS: Json = {
  provider_schemas: {
    p: {
      resource_schemas: {
        a: {
          block: {
            attributes: {
              tags: { type: ["map", "string"], optional: true },
              settings: { nested_type: { nesting_mode: "list", attributes: {} }, optional: true },
              rules: { type: SETTINGS, optional: true },
              login: { nested_type: { nesting_mode: "single", attributes: LOGIN }, optional: true },
              logins: { nested_type: { nesting_mode: "map", attributes: LOGIN }, optional: true },
              users: { nested_type: { nesting_mode: "list", attributes: LOGIN }, optional: true },
              guests: { nested_type: { nesting_mode: "set", attributes: LOGIN }, optional: true },
            },
          },
        },
      },
    },
  },
} as unknown as Json;

interface Drift {
  readonly desired: Json;
  readonly actual: Json;
  readonly sensitive?: Json;
}

/** What is proposed for `a.b` of this code whose live attributes differ. */
const proposed = (text: string, { desired, actual, sensitive = {} }: Drift) =>
  codify({
    code: {
      parse,
      files: new Map([["main.tf", text]]),
      dir: ".",
      installed: new Map(),
      varFiles: [],
      variables: {},
    },
    schemas: SCHEMAS,
    resources: [
      {
        address: "a.b",
        provider: "p",
        type: "a",
        recorded: desired,
        actual,
        desired,
        unknown: {},
        sensitive: [sensitive],
        movedFrom: null,
        findings: leafDiffs(desired, actual).map(({ path }) => ({
          path: renderPath(path),
          cause: "console" as const,
        })),
      },
    ],
  });

/** The file with each change gone the way of this name, where it has it, else its first. */
const written = (changes: readonly Change[], way = (_change: Change): number => 0): string => {
  const { files, blocked } = assemble(new Map(changes.map((change) => [change, way(change)])));
  return files.get("main.tf") ?? `blocked: ${[...new Set(blocked.values())].join("; ")}`;
};

const resource = (attribute: string, more = ""): string => `resource "a" "b" {\n  ${attribute}\n}\n${more}`;

describe("a part that is sensitive", () => {
  test("one key of a map by the plan's mark: the others are written, only its path is refused", () => {
    const { changes, refused } = proposed(resource('tags = { Name = "one", Pin = var.pin, Stage = "dev" }'), {
      desired: { tags: { Name: "one", Pin: "hunter-2-old", Stage: "dev" } },
      actual: { tags: { Name: "two", Pin: "hunter-2-new", Stage: "prod" } },
      sensitive: { tags: { Pin: true } },
    });
    expect(refused.map(({ path }) => path)).toEqual(["tags.Pin"]);
    expect(changes.flatMap(({ settles }) => settles).sort()).toEqual(["tags.Name", "tags.Stage"]);
    expect(written(changes)).toContain('tags = { Name = "two", Pin = var.pin, Stage = "prod" }');
  });

  test("one member of a list of objects", () => {
    const { changes, refused } = proposed(
      resource('rules = [{ name = "x", value = "1" }, { name = "y", value = var.pin }]'),
      {
        desired: {
          rules: [
            { name: "x", value: "1" },
            { name: "y", value: "old-pin" },
          ],
        },
        actual: {
          rules: [
            { name: "x", value: "2" },
            { name: "y", value: "new-pin" },
          ],
        },
        sensitive: { rules: [{}, { value: true }] },
      },
    );
    expect(refused.map(({ path }) => path)).toEqual(["rules[1].value"]);
    expect(written(changes)).toContain(
      'rules = [{ name = "x", value = "2" }, { name = "y", value = var.pin }]',
    );
  });

  test("no way writes the sensitive part, not even one that did not drift", () => {
    const { changes } = proposed(
      resource("tags = local.tags", "locals {\n  tags = merge({}, var.tags)\n}\n"),
      {
        desired: { tags: { Name: "one", Pin: "hunter-2-old" } },
        actual: { tags: { Name: "two", Pin: "hunter-2-old" } },
        sensitive: { tags: { Pin: true } },
      },
    );
    expect(changes.length).toBeGreaterThan(0);
    for (const change of changes)
      for (const at of change.ways.keys()) {
        const { edits } = assemble(new Map([[change, at]]));
        expect(JSON.stringify([...edits.values()].flat().map(({ text }) => text))).not.toContain("hunter-2");
      }
  });

  test("a secret-looking member that did not drift keeps the others from nothing", () => {
    const { changes, refused } = proposed(resource('tags = { Name = "one", password = "correct horse" }'), {
      desired: { tags: { Name: "one", password: "correct horse" } },
      actual: { tags: { Name: "two", password: "correct horse" } },
    });
    expect(refused).toEqual([]);
    expect(written(changes)).toContain('tags = { Name = "two", password = "correct horse" }');
  });

  test("a list that grew beside a sensitive member is refused as a whole", () => {
    const { changes, refused } = proposed(resource('rules = [{ name = "y", value = var.pin }]'), {
      desired: { rules: [{ name: "y", value: "old-pin" }] },
      actual: {
        rules: [
          { name: "x", value: "2" },
          { name: "y", value: "old-pin" },
        ],
      },
      sensitive: { rules: [{ value: true }] },
    });
    expect(changes).toEqual([]);
    expect(refused.map(({ path }) => path)).toEqual(["rules"]);
  });
});

describe("a nested attribute with one sensitive member", () => {
  const old = { user: "ann", shell: "sh", pin: "hunter-2-old" };
  const live = { user: "bob", shell: "fish", pin: "hunter-2-new" };
  const object = '{ user = "ann", shell = "sh", pin = var.pin }';
  const edited = '{ user = "bob", shell = "fish", pin = var.pin }';
  const refusedIn = (name: string, code: string, desired: Json, actual: Json) => {
    const { changes, refused } = proposed(resource(`${name} = ${code}`), {
      desired: { [name]: desired },
      actual: { [name]: actual },
    });
    return { text: changes.length === 0 ? null : written(changes), refused: refused.map(({ path }) => path) };
  };

  test.each<
    readonly [name: string, code: string, desired: Json, actual: Json, text: string, refused: string]
  >([
    ["login", object, old, live, `login = ${edited}`, "login.pin"],
    ["logins", `{ a = ${object} }`, { a: old }, { a: live }, `logins = { a = ${edited} }`, "logins.a.pin"],
    ["users", `[${object}]`, [old], [live], `users = [${edited}]`, "users[0].pin"],
  ])("%s: the others are written, its path is refused", (name, code, desired, actual, text, refused) => {
    const outcome = refusedIn(name, code, desired, actual);
    expect(outcome.refused).toEqual([refused]);
    expect(outcome.text).toContain(text);
    expect(outcome.text).not.toContain("hunter-2");
  });

  test("one that did not drift refuses nothing", () => {
    const outcome = refusedIn("login", object, old, { ...old, user: "bob" });
    expect(outcome).toEqual({
      text: resource('login = { user = "bob", shell = "sh", pin = var.pin }'),
      refused: [],
    });
  });

  test("taken away as a whole, or by itself", () => {
    expect(refusedIn("login", object, old, null)).toEqual({
      text: resource("").replace("  \n", ""),
      refused: [],
    });
    expect(refusedIn("login", object, old, { ...old, pin: null })).toEqual({
      text: resource('login = { user = "ann", shell = "sh" }'),
      refused: [],
    });
  });

  test("no way writes it", () => {
    const code = resource("login = local.login", "locals {\n  login = merge({}, var.login)\n}\n");
    const { changes } = proposed(code, {
      desired: { login: old },
      actual: { login: { ...old, user: "bob" } },
    });
    for (const change of changes)
      for (const at of change.ways.keys()) {
        const { edits } = assemble(new Map([[change, at]]));
        expect(JSON.stringify([...edits.values()].flat().map(({ text }) => text))).not.toContain("hunter-2");
      }
  });

  test.each<readonly [about: string, name: string, code: string, desired: Json, actual: Json]>([
    ["a set", "guests", `[${object}]`, [old], [live]],
    ["a list that grew", "users", `[${object}]`, [old], [old, live]],
  ])("%s is refused as a whole", (_, name, code, desired, actual) => {
    const outcome = refusedIn(name, code, desired, actual);
    expect(outcome.text).toBeNull();
    expect(outcome.refused.length).toBeGreaterThan(0);
  });
});

describe("a map whose members have different sources", () => {
  const code = resource(
    'tags = merge(local.common, { Name = "one", Owner = lower("ANN") })',
    'locals {\n  common = { Cost = "1" }\n}\n',
  );
  const drift = {
    desired: { tags: { Cost: "1", Name: "one", Owner: "ann" } },
    actual: { tags: { Cost: "2", Name: "two", Owner: "bob" } },
  };

  test("is one change per member, which together are the edit of the whole", () => {
    const { changes } = proposed(code, drift);
    expect(changes.map(({ path }) => path)).toEqual(["tags.Cost", "tags.Name", "tags.Owner"]);
    expect(written(changes)).toBe(
      code.replace('"1"', '"2"').replace('"one"', '"two"').replace('"ANN"', '"BOB"'),
    );
  });

  test("a member that cannot be changed at its shared source stands in place, and the others stay where they are", () => {
    const { changes } = proposed(code, drift);
    const here = (change: Change): number =>
      change.path === "tags.Cost" ? change.ways.findIndex(({ name }) => name === "here") : 0;
    expect(written(changes, here)).toBe(
      code.replace('"one"', '"two"').replace('lower("ANN") }', 'lower("BOB"), Cost = "2" }'),
    );
  });

  test("each member answers for itself alone", () => {
    const { changes } = proposed(code, drift);
    const cost = changes.find(({ path }) => path === "tags.Cost");
    expect(cost?.reached({ Cost: "2", Name: "one" })).toBe(true);
    expect(cost?.reached({ Cost: "1", Name: "two" })).toBe(false);
  });

  test("two that stand in place stand together", () => {
    const text = resource("tags = local.common", 'locals {\n  common = { Cost = "1", Name = "one" }\n}\n');
    const { changes } = proposed(text, {
      desired: { tags: { Cost: "1", Name: "one" } },
      actual: { tags: { Cost: "2", Name: "two" } },
    });
    const here = ({ ways }: Change): number => ways.findIndex(({ name }) => name === "here");
    expect(written(changes, here)).toContain('tags = merge(local.common, { Cost = "2", Name = "two" })');
    const literal = ({ ways }: Change): number => ways.findIndex(({ name }) => name === "literal");
    expect(written(changes, literal)).toContain('tags = {\n    Cost = "2"\n    Name = "two"\n  }');
  });

  test("members that come and go are one change", () => {
    const text = resource(
      'tags = merge(local.common, { Name = "one" })',
      'locals {\n  common = { Cost = "1" }\n}\n',
    );
    const { changes } = proposed(text, {
      desired: { tags: { Cost: "1", Name: "one" } },
      actual: { tags: { Cost: "2", Name: "one", A: "1", B: "2" } },
    });
    expect(changes.map(({ settles }) => settles)).toEqual([["tags.Cost"], ["tags.A", "tags.B"]]);
    expect(written(changes)).toContain('{ Name = "one", A = "1", B = "2" }');
  });
});
