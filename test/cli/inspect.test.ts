import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { processorTime } from "../timing.ts";
import { cli, folder, ROOT } from "./world.ts";

const change = (address: string, type: string, actions: readonly string[], more: object = {}) => ({
  address,
  mode: "managed",
  type,
  name: "x",
  provider_name: "registry.terraform.io/hashicorp/aws",
  change: { actions, before: null, after: null, ...more },
});
const plan = (more: object = {}): string =>
  JSON.stringify({ format_version: "1.2", terraform_version: "1.11.4", planned_values: {}, ...more });

const DANGEROUS = plan({
  resource_changes: [
    change("aws_iam_role.r", "aws_iam_role", ["no-op"], { before: {}, after: {} }),
    change("aws_db_instance.main", "aws_db_instance", ["delete"], { before: { id: "db" } }),
  ],
});

describe("inspect", () => {
  test("JSON on stdout and nothing else anywhere", async () => {
    const { code, out, err } = await cli(["inspect", "-", "--json"], { stdin: DANGEROUS });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const read = JSON.parse(out);
    expect(Object.keys(read).sort()).toEqual(
      ["changes", "class", "counts", "drift", "errored", "formatVersion", "revertsDrift"].sort(),
    );
    expect(read.counts).toEqual({
      create: 0,
      update: 0,
      delete: 1,
      replace: 0,
      forget: 0,
      read: 0,
      noop: 1,
      move: 0,
      import: 0,
      drift: 0,
    });
    expect(
      read.changes.map(({ address, action }: { address: string; action: string }) => [address, action]),
    ).toEqual([
      ["aws_iam_role.r", "no-op"],
      ["aws_db_instance.main", "delete"],
    ]);
    expect(read.changes[1]).toMatchObject({ stateful: true, destructive: true, actions: ["delete"] });
  });

  test("people are told the way out and what cannot be taken back, scripts the contract's fields", async () => {
    const stdin = plan({
      resource_changes: [
        change("aws_db_instance.main", "aws_db_instance", ["update"], {
          before: { backup_retention_period: 14 },
          after: { backup_retention_period: 7 },
        }),
      ],
    });
    const { out } = await cli(["inspect", "-"], { stdin });
    expect(out).toContain("not taken back by the reverse change");
    expect(out).toContain("way out: Copy the backups that must stay");
    const read = JSON.parse((await cli(["inspect", "-", "--json"], { stdin })).out);
    expect(read.changes[0].reasons.map((reason: object) => Object.keys(reason))).toContainEqual([
      "rule",
      "message",
      "path",
    ]);
    expect(JSON.stringify(read)).not.toContain("wayOut");
  });

  test("names and order of the contract, deposed objects beside their successors, providers verbatim", async () => {
    const provider_name = "registry.opentofu.org/hashicorp/aws";
    const resource_changes = [
      { ...change("aws_db_instance.a", "aws_db_instance", ["delete"]), deposed: "abcd1234", provider_name },
      { ...change("aws_db_instance.a", "aws_db_instance", ["no-op"]), previous_address: "aws_db_instance.b" },
      change("aws_db_instance.c", "aws_db_instance", ["no-op"], { importing: { id: "c" } }),
      { ...change("data.aws_ami.x", "aws_ami", ["read"]), mode: "data" },
      ...[
        ["create", "forget"],
        ["forget", "create"],
        ["delete", "create"],
        ["create", "delete"],
      ].map((pair) => change("aws_db_instance.r", "aws_db_instance", pair)),
      change("aws_db_instance.f", "aws_db_instance", ["forget"]),
      change("null_resource.u", "null_resource", ["explode"]),
    ];
    const resource_drift = [
      change("aws_db_instance.g", "aws_db_instance", ["delete"], { before: { id: "g" } }),
    ];
    const { out } = await cli(["inspect", "-", "--json"], {
      stdin: plan({ resource_changes, resource_drift }),
    });
    const read = JSON.parse(out);
    const names = ["formatVersion", "errored", "counts", "class", "changes", "drift", "revertsDrift"];
    expect(Object.keys(read)).toEqual(names);
    const judged = ["provider", "actions", "action", "class", "stateful", "destructive", "reasons"];
    expect(Object.keys(read.changes[0])).toEqual(["address", "deposed", "type", ...judged]);
    expect(Object.keys(read.changes[1])).toEqual(["address", "type", ...judged]);
    expect(read.changes[0]).toMatchObject({ deposed: "abcd1234", provider: provider_name });
    const told = read.changes.map((one: { action: string; destructive: boolean }) => [
      one.action,
      one.destructive,
    ]);
    expect(told).toEqual([
      ["delete", true],
      ["move", false],
      ["import", false],
      ["read", false],
      ...Array.from({ length: 4 }, () => ["replace", true]),
      ["forget", false],
      ["unknown", true],
    ]);
    expect(read.changes[8].reasons).not.toEqual([]);
    const none = { create: 0, update: 0, noop: 0 };
    const some = { delete: 1, replace: 4, forget: 1, read: 1, move: 1, import: 1, drift: 1 };
    expect(read.counts).toEqual({ ...none, ...some });
    expect(read.drift).toEqual([
      { address: "aws_db_instance.g", type: "aws_db_instance", action: "delete", paths: [""] },
    ]);
    expect(read.revertsDrift).toEqual([]);
  });

  test("for a person: the verdict, the danger marked, no-ops left out", async () => {
    const { code, out } = await cli(["inspect", "-"], { stdin: DANGEROUS });
    expect(code).toBe(0);
    expect(out.split("\n")[0]).toMatch(/^1 to delete\. Class R[45]: /);
    expect(out).toMatch(/^! R[45] {2}delete {3}aws_db_instance\.main$/m);
    expect(out).not.toContain("aws_iam_role");
  });

  test("an empty plan and an errored one are read", async () => {
    const empty = await cli(["inspect", "-"], { stdin: plan() });
    expect(empty).toEqual({ code: 0, out: "No changes. Class R0: nothing durable changes.\n", err: "" });
    const errored = await cli(["inspect", "-", "--json"], { stdin: plan({ errored: true }) });
    expect(errored.code).toBe(0);
    expect(JSON.parse(errored.out).errored).toBe(true);
  });

  test("a file by its name, UTF-16 and a byte order mark too", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "plan.json"), DANGEROUS);
    writeFileSync(join(cwd, "bom.json"), `\uFEFF${DANGEROUS}`);
    writeFileSync(join(cwd, "power shell.json"), Buffer.from(`\uFEFF${DANGEROUS}`, "utf16le"));
    const outputs = await Promise.all(
      ["plan.json", "bom.json", "power shell.json", join(cwd, "plan.json")].map((name) =>
        cli(["inspect", name, "--json"], { cwd }),
      ),
    );
    expect(new Set(outputs.map(({ out }) => out)).size).toBe(1);
    expect(outputs[0]?.code).toBe(0);
  });

  test("what is no plan is one sentence and exit 1", async () => {
    const cwd = folder();
    mkdirSync(join(cwd, "folder"));
    const inputs: readonly [argv: string, stdin: string | Uint8Array, sentence: RegExp][] = [
      ["-", "", /^The file is empty\.$/],
      ["-", "hello", /^The file is no plan/],
      ["-", "{}", /^The file is no plan: it has no format_version\.$/],
      ["-", "[]", /^The file is no plan/],
      ["-", "null", /^The file is no plan/],
      ["-", '{"format_version":"1.2","resource_changes":[{"addr', /cut off/],
      ["-", '{"version":4,"serial":3,"lineage":"x","resources":[]}', /state file/],
      ["-", '{"format_version":"1.2","resource_changes":7}', /resource_changes/],
      ["-", '{"format_version":"9.0","resource_changes":[]}', /format_version "9\.0" is not known/],
      ["-", new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 255]), /saved plan file itself/],
      ["-", new Uint8Array(1000).fill(255), /no plan/],
      ["nowhere.json", "", /^There is no file nowhere\.json\.$/],
      ["folder", "", /^folder is a folder, not a file\.$/],
    ];
    for (const [name, stdin, sentence] of inputs) {
      const { code, out, err } = await cli(["inspect", name, "--json"], { cwd, stdin });
      const { error } = JSON.parse(out);
      expect(error.message, String(stdin).slice(0, 40)).toMatch(sentence);
      expect(Object.keys(error)).toEqual(["code", "message", "hint"]);
      expect(code).toBe(1);
      expect(err.startsWith("plumbline: ")).toBe(true);
      expect(err).not.toMatch(/\n\s+at /);
      const plain = await cli(["inspect", name], { cwd, stdin });
      expect({ code: plain.code, out: plain.out }).toEqual({ code: 1, out: "" });
    }
  });

  test("a name in the plan cannot steer the terminal", async () => {
    const stdin = plan({
      resource_changes: [change("aws_db_instance.\u001b[2Jx", "aws_db_instance", ["delete"])],
    });
    expect((await cli(["inspect", "-"], { stdin })).out).not.toContain("\u001b");
  });

  test("twenty thousand changes within seconds", async () => {
    const before = {
      tags: Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`tag${n}`, "x".repeat(50)])),
    };
    const resource_changes = Array.from({ length: 20_000 }, (_, n) =>
      change(`aws_s3_bucket.b["${n}"]`, "aws_s3_bucket", ["update"], { before, after: { tags: {} } }),
    );
    const used = processorTime();
    const { code, out } = await cli(["inspect", "-", "--json"], { stdin: plan({ resource_changes }) });
    expect(code).toBe(0);
    expect(JSON.parse(out).counts.update).toBe(20_000);
    expect(used()).toBeLessThan(15_000);
  });
});

const CORPUS = join(ROOT, "../shared/corpora/plans");

describe.skipIf(!existsSync(CORPUS))("plans from the wild (skipped where the corpus is absent)", () => {
  const files = existsSync(CORPUS)
    ? readdirSync(CORPUS, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"))
    : [];

  test.each(files)("%s", async (name) => {
    const { code, out } = await cli(["inspect", join(CORPUS, name), "--json"]);
    const read = JSON.parse(out);
    const text = readFileSync(join(CORPUS, name), "utf8");
    if (text.includes("test_format_version")) {
      expect(code).toBe(1);
      expect(read.error.code).toBe("plan-format-unknown");
      return;
    }
    expect(code).toBe(0);
    const raw = JSON.parse(text);
    expect(read.changes.map(({ address }: { address: string }) => address)).toEqual(
      (raw.resource_changes ?? []).map(({ address }: { address: string }) => address),
    );
    expect(read.counts.drift).toBe((raw.resource_drift ?? []).length);
    expect((await cli(["inspect", join(CORPUS, name)])).code).toBe(0);
  });
});
