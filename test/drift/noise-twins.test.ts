import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import { findDrift } from "../../src/drift/find.ts";
import { readProviderSchema } from "../../src/drift/provider-schema.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { type Path, renderPath } from "../../src/model/path.ts";
import { configured, KEY, NOW, planOf, threeWay, WORKSPACE } from "./plans.ts";

const catalogue = await loadCatalogue();

interface Look {
  readonly address: string;
  readonly recorded: JsonObject;
  readonly actual: JsonObject;
  /** As recorded unless given. */
  readonly desired?: JsonObject;
  /** Attributes that the code sets. */
  readonly code?: Readonly<Record<string, Json>>;
  readonly schema?: JsonObject;
}

/** The causes that are found, by path. */
const causes = ({ address, recorded, actual, desired = recorded, code, schema }: Look) => {
  const [type = ""] = address.split(".");
  const expressions = Object.entries(code ?? {}).map(([name, value]) => [name, { constant_value: value }]);
  const { findings } = findDrift({
    plan: planOf({
      ...threeWay(address, { recorded, actual, desired }),
      ...(code ? { configuration: configured({ [address]: Object.fromEntries(expressions) }) } : {}),
    }),
    accepted: null,
    key: KEY,
    workspace: WORKSPACE,
    inputTreeHash: "",
    lockFileHash: null,
    catalogue,
    ...(schema
      ? {
          schema: readProviderSchema({
            provider_schemas: {
              p: { resource_schemas: { [type]: { block: { attributes: schema } } } },
            },
          }),
        }
      : {}),
    ignore: [],
    now: NOW,
  });
  return new Map(findings.map(({ path, cause }) => [path, cause]));
};

interface Kind extends Partial<Look> {
  readonly kind: string;
  /** Where both the noise and its twin are. */
  readonly path: string;
  readonly recorded: JsonObject;
  /** Only another way to write the same. */
  readonly noise: JsonObject;
  /** Real changes of the same path. */
  readonly twins: readonly (JsonObject & { readonly code?: never })[];
}

const POLICY = '{"Version":"1","Statement":[{"Action":["a","b"],"Size":9007199254740993}]}';
const policy = (edit: (text: string) => string): JsonObject => ({ doc: edit(POLICY) });

/** Every kind of difference that `src/drift` takes for noise, each with real changes at the same path. */
const KINDS: readonly Kind[] = [
  {
    kind: "null and an empty list",
    path: "x",
    recorded: { x: null },
    noise: { x: [] },
    twins: [{ x: ["a"] }],
  },
  {
    kind: "an empty list and null",
    path: "x",
    recorded: { x: [] },
    noise: { x: null },
    twins: [{ x: ["a"] }, { x: [null, "a"] }],
  },
  {
    kind: "null and an empty text",
    path: "x",
    recorded: { x: null },
    noise: { x: "" },
    twins: [{ x: " " }, { x: "0" }, { x: "null" }],
  },
  {
    kind: "null and false",
    path: "x",
    recorded: { x: null },
    noise: { x: false },
    twins: [{ x: true }, { x: "false" }],
  },
  {
    kind: "null and zero",
    path: "x",
    recorded: { x: null },
    noise: { x: 0 },
    twins: [{ x: 1 }, { x: -1 }, { x: "0" }],
  },
  { kind: "null and an empty map", path: "x", recorded: { x: null }, noise: { x: {} }, twins: [] },
  {
    kind: "a member that holds nothing",
    path: "x.b",
    recorded: { x: { a: "1", b: null } },
    noise: { x: { a: "1", b: "" } },
    twins: [{ x: { a: "1", b: "2" } }],
  },
  {
    kind: "nothing inside of a nested block",
    path: "x[0].b",
    recorded: { x: [{ a: 1, b: null }] },
    noise: { x: [{ a: 1, b: "" }] },
    twins: [{ x: [{ a: 1, b: "2" }] }],
  },
  {
    kind: "nothing inside of a set's elements",
    path: "x",
    schema: { x: { type: ["set", ["object", {}]], optional: true } },
    recorded: { x: [{ a: 1, b: null }, { a: 2 }] },
    noise: {
      x: [
        { a: 1, b: "" },
        { a: 2, b: [] },
      ],
    },
    twins: [{ x: [{ a: 1, b: "2" }, { a: 2 }] }, { x: [{ a: 1, b: null }] }, { x: [] }],
  },
  {
    kind: "JSON text in another spelling",
    path: "doc",
    recorded: { doc: POLICY },
    noise: policy((text) =>
      text.replaceAll(":", ": ").replace('{"Version": "1",', "{\n").replace(/\}$/, ', "Version":"1"}'),
    ),
    twins: [
      policy((text) => text.replace('"a","b"', '"a"')),
      // A list's order may mean something.
      policy((text) => text.replace('"a","b"', '"b","a"')),
      policy((text) => text.replace('"Version":"1"', '"Version":1')),
      // One apart, beyond what a double can tell.
      policy((text) => text.replace("9007199254740993", "9007199254740992")),
      policy((text) => text.replace('"Size"', '"size"')),
      policy((text) => text.slice(0, -1)),
    ],
  },
  {
    kind: "the provider's copy of tags",
    path: "tags_all.a",
    recorded: { tags: { a: "1" }, tags_all: { a: "1" } },
    noise: { tags: { a: "2" }, tags_all: { a: "2" } },
    twins: [
      { tags: { a: "1" }, tags_all: { a: "3" } },
      { tags: { a: "2" }, tags_all: { a: "3" } },
    ],
  },
  ...["effective_labels", "terraform_labels"].map(
    (copy): Kind => ({
      kind: `the provider's copy of labels in ${copy}`,
      path: `${copy}.a`,
      recorded: { labels: { a: "1" }, [copy]: { a: "1" } },
      noise: { labels: { a: "2" }, [copy]: { a: "2" } },
      twins: [{ labels: { a: "1" }, [copy]: { a: "2" } }],
    }),
  ),
  {
    kind: "the provider's copy of annotations",
    path: "effective_annotations.a",
    recorded: { annotations: { a: "1" }, effective_annotations: { a: "1" } },
    noise: { annotations: { a: "2" }, effective_annotations: { a: "2" } },
    twins: [{ annotations: { a: "1" }, effective_annotations: { a: "2" } }],
  },
  {
    kind: "what only the provider sets, by its schema",
    path: "x",
    schema: { x: { type: "string", computed: true } },
    recorded: { x: "a" },
    noise: { x: "b" },
    twins: [],
  },
];

const ADDRESS = "example_thing.one";

describe.each(KINDS)("$kind", ({ path, recorded, noise, twins, kind: _, ...more }) => {
  test("is noise", () => {
    const found = causes({ address: ADDRESS, recorded, actual: noise, desired: noise, ...more });
    expect(found.get(path)).toBe("noise");
  });

  test("as the plan would write it, is noise too", () => {
    const found = causes({ address: ADDRESS, recorded: noise, actual: noise, desired: recorded, ...more });
    expect(found.get(path) ?? "noise").toMatch(
      path.includes("_all") || path.includes("_labels") || path.includes("_annotations") || more.schema
        ? /noise|unapplied/
        : /noise/,
    );
  });

  test("a real change there is told", () => {
    for (const twin of twins) {
      const found = causes({ address: ADDRESS, recorded, actual: twin, ...more });
      const told = [...found].filter(([where, cause]) => where.startsWith(path) && cause !== "noise");
      expect(told, JSON.stringify(twin)).not.toEqual([]);
    }
  });

  // A copy that comes back to its original is told at the original.
  test.skipIf(/^(tags_all|effective_|terraform_)/.test(path))("a real change back is told", () => {
    for (const twin of twins) {
      const found = causes({ address: ADDRESS, recorded: twin, actual: recorded, ...more });
      const told = [...found].filter(([where, cause]) => where.startsWith(path) && cause !== "noise");
      expect(told, JSON.stringify(twin)).not.toEqual([]);
    }
  });
});

describe("values that tick by themselves", () => {
  test.each(["last_modified", "updated_at", "update_time", "latest_restorable_time", "resource_version"])(
    "%s: noise where the code is silent, told where the code sets it",
    (name) => {
      const drift = {
        address: ADDRESS,
        recorded: { [name]: "mon" },
        actual: { [name]: "tue" },
      };
      expect(causes({ ...drift, desired: drift.actual, code: { other: 1 } }).get(name)).toBe("noise");
      expect(causes({ ...drift, code: { [name]: "mon" } }).get(name)).toBe("console");
      expect(causes({ ...drift, desired: drift.actual, code: { [name]: "mon" } }).get(name)).toBe(
        "unmanaged",
      );
    },
  );

  test.each(["retention_time", "version", "maintenance_time"])("%s is none of them", (name) => {
    const found = causes({
      address: ADDRESS,
      recorded: { [name]: "mon" },
      actual: { [name]: "tue" },
      desired: { [name]: "tue" },
      code: { other: 1 },
    });
    expect(found.get(name)).toBe("unmanaged");
  });

  test("what only the provider sets is told where another type lets the code set it", () => {
    const change = { address: ADDRESS, recorded: { x: "a" }, actual: { x: "b" }, desired: { x: "b" } };
    expect(causes({ ...change, schema: { x: { type: "string", computed: true } } }).get("x")).toBe("noise");
    const settable = { x: { type: "string", optional: true, computed: true } };
    expect(causes({ ...change, code: { other: 1 }, schema: settable }).get("x")).toBe("unmanaged");
  });
});

describe("paths of the stateful catalogue are never noise", () => {
  const watched = [...catalogue.types.values()].flatMap(({ type, rules }) =>
    rules.map(({ path }) => ({ type, path: path.map((step) => (step === "*" ? 0 : step)) })),
  );

  test("the catalogue has paths", () => expect(watched.length).toBeGreaterThan(100));

  test.each([
    [7, 0],
    [0, null],
    [null, 0],
    [true, false],
    ["kept", ""],
    ["kept", null],
  ] satisfies [Json, Json][])("%j that becomes %j", (before, after) => {
    const silent = watched.filter(({ type, path }) => !isTold(type, path, before, after));
    expect(silent.map(({ type, path }) => `${type} ${renderPath(path)}`)).toEqual([]);
  });

  test("not even where the schema says that only the provider sets it", () => {
    const silent = watched.filter(({ type, path }) => {
      const schema = { [String(path[0])]: { type: "string", computed: true } };
      return !isTold(type, path, 7, 0, schema);
    });
    expect(silent.map(({ type, path }) => `${type} ${renderPath(path)}`)).toEqual([]);
  });

  test("false that was never said, on a path of its own", () => {
    const address = "aws_db_instance.main";
    const [recorded, actual] = [{ deletion_protection: null }, { deletion_protection: false }];
    expect(causes({ address, recorded, actual }).get("deletion_protection")).toBe("console");
  });
});

const isTold = (type: string, path: Path, before: Json, after: Json, schema?: JsonObject): boolean => {
  const found = causes({
    address: `${type}.one`,
    recorded: nest(path, before),
    actual: nest(path, after),
    ...(schema ? { schema } : {}),
  });
  return [...found.values()].some((cause) => cause !== "noise");
};

const nest = (path: Path, value: Json): JsonObject => {
  const inner = path.reduceRight<Json>(
    (held, step) => (typeof step === "number" ? [held] : { [step]: held }),
    value,
  );
  return inner as JsonObject;
};
