import { beforeAll, describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import type { Catalogue } from "../../src/model/catalogue.ts";
import { compareDigests, type DigestInput, planDigest } from "../../src/plan/digest.ts";
import { readPlan } from "../../src/plan/read.ts";
import { changeEntry, planText } from "./plan-document.ts";

const key = new TextEncoder().encode("instance key");
const inputOf = (parts: object, over: Partial<DigestInput> = {}): DigestInput => ({
  plan: readPlan(planText(parts)),
  engine: { distribution: "terraform", version: "1.11.4" },
  lockFile: "lock",
  inputTree: "tree",
  variables: { size: "1" },
  flags: [],
  key,
  ignore: [],
  ...over,
});

const update = (change: object, entry: object = {}) => ({
  resource_changes: [changeEntry("aws_thing.a", ["update"], change, entry)],
});
const create = (change: object) => ({ resource_changes: [changeEntry("aws_thing.a", ["create"], change)] });

/** What differs between the digests of two plans, as people read it. */
const differing = (reviewed: object, fresh: object, over: Partial<DigestInput> = {}): readonly string[] =>
  compareDigests(planDigest(inputOf(reviewed, over)).parts, planDigest(inputOf(fresh, over))).paths;

describe("the same plan made again", () => {
  test("has the same digest, whatever the order of attributes", () => {
    const left = planDigest(inputOf(create({ after: { a: 1, b: { c: 2, d: 3 } } })));
    const right = planDigest(inputOf(create({ after: { b: { d: 3, c: 2 }, a: 1 } })));
    expect(left.digest).toBe(right.digest);
    expect(left.digest).toMatch(/^pd1:[0-9a-f]{64}$/);
    expect(compareDigests(left.parts, right)).toEqual({ equal: true, paths: [] });
  });

  test("a computed value that ticks does not count", () => {
    const ticking = (time: string) =>
      update({ before: { size: 1, last_seen: time }, after: { size: 2, last_seen: time } });
    expect(differing(ticking("10:00"), ticking("10:05"))).toEqual([]);
  });

  test("nor where it is known only after apply", () => {
    const ticking = (time: string) =>
      update({ before: { size: 1, etag: time }, after: { size: 2 }, after_unknown: { etag: true } });
    expect(differing(ticking("a"), ticking("b"))).toEqual([]);
  });

  test("nor drift that the plan does not write, no-ops and reads", () => {
    const quiet = {
      resource_drift: [changeEntry("aws_thing.z", ["update"], { before: { seen: 1 }, after: { seen: 2 } })],
      resource_changes: [
        changeEntry("aws_thing.z", ["no-op"], { before: { seen: 2 }, after: { seen: 2 } }),
        changeEntry("data.a.b", ["read"], { after: { x: 1 } }, { mode: "data" }),
      ],
    };
    expect(differing({}, quiet)).toEqual([]);
  });

  test("nor the time at which it was made, in plantimestamp() too", () => {
    const at = (timestamp: string) => ({
      ...update({
        before: { tags: { at: "then" } },
        after: { tags: { at: timestamp, note: `at ${timestamp}` } },
      }),
      timestamp,
    });
    expect(differing(at("2026-01-01T10:00:00Z"), at("2026-01-01T11:30:00Z"))).toEqual([]);
  });

  test("not even when the last apply was in the same second", () => {
    const at = (timestamp: string) => ({
      ...update({ before: { at: "10:00", x: 1 }, after: { at: "10:00", x: timestamp } }),
      timestamp,
    });
    expect(differing(at("10:00"), at("10:05"))).toEqual([]);
  });

  test("nor a deleted object's computed values", () => {
    const gone = (seen: number) => ({
      resource_changes: [changeEntry("aws_thing.a", ["delete"], { before: { id: "i-1", seen } })],
    });
    expect(differing(gone(1), gone(2))).toEqual([]);
  });
});

describe("what counts", () => {
  const plain = update({ before: { size: 1 }, after: { size: 2 } });

  test("a value that is written, and the value that it takes the place of", () => {
    expect(differing(plain, update({ before: { size: 1 }, after: { size: 3 } }))).toEqual([
      "aws_thing.a.size",
    ]);
    expect(differing(plain, update({ before: { size: 5 }, after: { size: 2 } }))).toEqual([
      "aws_thing.a.size",
    ]);
  });

  test("every value of a new resource, false and unset told apart", () => {
    expect(differing(create({ after: { a: 1, b: 1 } }), create({ after: { a: 1, b: 2 } }))).toEqual([
      "aws_thing.a.b",
    ]);
    expect(differing(create({ after: { on: null } }), create({ after: { on: false } }))).toEqual([
      "aws_thing.a.on",
    ]);
  });

  test("a value that became known, or unknown", () => {
    const later = create({ after: {}, after_unknown: { a: true } });
    expect(differing(later, create({ after: { a: 1 } }))).toEqual(["aws_thing.a.a"]);
    expect(differing(later, create({ after: {} }))).toEqual(["aws_thing.a.a"]);
  });

  test("exact digits of large numbers", () => {
    const big = (digits: string) =>
      readPlan(planText(create({ after: { id: 1 } })).replace('"id":1', `"id":${digits}`));
    const reviewed = planDigest(inputOf({}, { plan: big("12345678901234567890") }));
    const fresh = planDigest(inputOf({}, { plan: big("12345678901234567891") }));
    expect(compareDigests(reviewed.parts, fresh).equal).toBe(false);
  });

  test("one more resource, a move, an import id, a replace path, another object to delete", () => {
    const both = [plain.resource_changes[0], changeEntry("aws_thing.b", ["create"], { after: {} })];
    expect(differing(plain, { resource_changes: both })).toEqual(["aws_thing.b"]);
    const noop = (entry: object, change: object = {}) => ({
      resource_changes: [changeEntry("aws_thing.a", ["no-op"], change, entry)],
    });
    expect(differing(noop({}), noop({ previous_address: "aws_thing.x" }))).toEqual(["aws_thing.a"]);
    expect(differing(noop({}, { importing: { id: "1" } }), noop({}, { importing: { id: "2" } }))).toEqual([
      "aws_thing.a",
    ]);
    const replaced = (paths: string[][]) => ({
      resource_changes: [
        changeEntry("aws_thing.a", ["delete", "create"], {
          before: { id: "1" },
          after: {},
          replace_paths: paths,
        }),
      ],
    });
    expect(differing(replaced([["a"]]), replaced([["b"]]))).toEqual(["aws_thing.a"]);
    const gone = (id: string) => ({
      resource_changes: [changeEntry("aws_thing.a", ["delete"], { before: { id } })],
    });
    expect(differing(gone("i-1"), gone("i-2"))).toEqual(["aws_thing.a"]);
  });

  test("a replace instead of an update, and the order of the replace", () => {
    const replace = (...actions: string[]) => ({
      resource_changes: [changeEntry("aws_thing.a", actions, { before: { size: 1 }, after: { size: 2 } })],
    });
    expect(differing(plain, replace("delete", "create"))).toContain("aws_thing.a");
    expect(differing(replace("create", "delete"), replace("delete", "create"))).toEqual(["aws_thing.a"]);
  });

  test("a deposed object apart from the current one, and a repeated address", () => {
    const gone = changeEntry("aws_thing.a", ["delete"], { before: { id: "1" } }, { deposed: "0a" });
    const both = { resource_changes: [...plain.resource_changes, gone] };
    expect(differing(plain, both)).toEqual(["aws_thing.a (deposed 0a)"]);
    const twice = { resource_changes: [...plain.resource_changes, ...plain.resource_changes] };
    expect(differing(plain, twice)).not.toEqual([]);
  });

  test("outputs", () => {
    const output = (after: unknown) => ({ output_changes: { o: { actions: ["update"], before: 1, after } } });
    expect(differing(output(2), output(3))).toEqual(["output:o"]);
    expect(differing({}, output(3))).toEqual(["output:o"]);
  });

  test("a provisioner, which shows in no change, in a module too", () => {
    const run = (command: string) => ({
      ...plain,
      configuration: {
        root_module: {
          module_calls: {
            m: {
              module: {
                resources: [
                  { address: "a.b", provisioners: [{ type: "local-exec", expressions: { command } }] },
                ],
              },
            },
          },
        },
      },
    });
    expect(differing(run("true"), run("curl evil"))).toEqual(["provisioners"]);
  });

  test.each<[string, Partial<DigestInput>]>([
    ["engine", { engine: { distribution: "tofu", version: "1.11.4" } }],
    ["engine", { engine: { distribution: "terraform", version: "1.12.0" } }],
    ["lock-file", { lockFile: null }],
    ["inputs", { inputTree: "other" }],
    ["flags", { flags: ["-target=a.b"] }],
    ["variable:size", { variables: { size: "2" } }],
    ["variable:more", { variables: { size: "1", more: "" } }],
  ])("%s", (name, over) => {
    const reviewed = planDigest(inputOf(plain));
    const fresh = planDigest(inputOf(plain, over));
    expect(fresh.digest).not.toBe(reviewed.digest);
    expect(compareDigests(reviewed.parts, fresh)).toEqual({ equal: false, paths: [name] });
  });

  test("the instance's key: nobody else can guess a short secret from a digest", () => {
    const other = planDigest(inputOf(plain, { key: new TextEncoder().encode("another") }));
    expect(other.digest).not.toBe(planDigest(inputOf(plain)).digest);
    expect(JSON.stringify(planDigest(inputOf(create({ after: { pin: "1234" } }))))).not.toContain("1234");
  });
});

describe("what configuration leaves out", () => {
  let catalogue: Catalogue;
  beforeAll(async () => {
    catalogue = await loadCatalogue();
  });
  const built = (at: string, address = "aws_thing.a") => ({
    resource_changes: [
      changeEntry(address, ["update"], {
        before: { tags: { built: "x", env: "a" } },
        after: { tags: { built: at, env: `b${at}` } },
      }),
    ],
  });

  test("one path, and what lies below a path", () => {
    expect(differing(built("1"), built("2"), { ignore: ["aws_thing.a:tags.built"] })).toEqual([
      "aws_thing.a.tags.env",
    ]);
    expect(differing(built("1"), built("2"), { ignore: ["aws_thing.a:tags"] })).toEqual([]);
    expect(differing(built("1"), built("2"), { ignore: ["aws_thing.b:tags"] })).toHaveLength(2);
  });

  test("never a path of a stateful resource", () => {
    const [left, right] = [built("1", "aws_db_instance.a"), built("2", "aws_db_instance.a")];
    expect(differing(left, right, { ignore: ["aws_db_instance.a:tags"], catalogue })).toHaveLength(2);
  });

  test("an output by name", () => {
    const output = (after: string) => ({
      output_changes: { at: { actions: ["update"], before: "", after } },
    });
    expect(differing(output("1"), output("2"), { ignore: ["output:at"] })).toEqual([]);
  });
});
