import { describe, expect, test } from "vitest";
import { addDriftIgnore } from "../../src/config/drift-ignore.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";

const rds = { dir: "rds", name: "default", project: null };
const entry = {
  target: "aws_db_instance.main.tags",
  until: new Date("2030-01-31T08:00:00Z"),
  reason: 'cost tags: "ops"',
};

const read = (text: string) => {
  const parsed = parseRepoConfig(text, { file: "plumbline.yaml" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
};

describe("what is written is read back", () => {
  test("into no file, with discovery kept on", () => {
    const config = read(addDriftIgnore(null, rds, entry));
    expect(config.autodiscover.enabled).toBe(true);
    expect(config.workspaces).toHaveLength(1);
    expect(config.workspaces[0]?.drift.ignore).toEqual([entry]);
  });

  test("for a workspace of another engine workspace and project", () => {
    const blue = { dir: "rds", name: "blue", project: "db" };
    const text = addDriftIgnore("version: 1\nworkspaces:\n  - dir: rds\n", blue, { ...entry, until: null });
    expect(
      read(text).workspaces.map(({ name, project, drift }) => [name, project, drift.ignore.length]),
    ).toEqual([
      ["default", null, 0],
      ["blue", "db", 1],
    ]);
  });

  test("twice the same target stays one entry, another target is added", () => {
    const once = addDriftIgnore(null, rds, entry);
    const twice = addDriftIgnore(once, rds, { ...entry, reason: "again" });
    const third = addDriftIgnore(twice, rds, { ...entry, target: "aws_db_instance.main.port" });
    expect(read(third).workspaces[0]?.drift.ignore.map(({ target, reason }) => [target, reason])).toEqual([
      ["aws_db_instance.main.tags", "again"],
      ["aws_db_instance.main.port", entry.reason],
    ]);
  });
});

test("comments and everything else survive", () => {
  const before = [
    "# who owns what",
    "version: 1",
    "workspaces:",
    "  - dir: network # shared",
    "    owners: ['@acme/platform']",
    "  # the databases",
    "  - dir: ./rds/",
    '    schedule: "0 */6 * * *"',
    "automerge: true",
    "",
  ].join("\n");
  const after = addDriftIgnore(before, rds, entry);
  for (const line of before.split("\n").slice(0, 8)) expect(after).toContain(line.trim());
  const config = read(after);
  expect(config.workspaces.map(({ dir }) => dir)).toEqual(["network", "rds"]);
  expect(config.autodiscover.enabled).toBe(false);
  expect(config.automerge).toBe(true);
});

test("a glob's settings go on to hold for the workspace that it covered", () => {
  const text = addDriftIgnore(
    "version: 1\nworkspaces:\n  - {dir: 'env/*', owners: [a]}\n",
    { ...rds, dir: "env/x" },
    entry,
  );
  expect(read(text).workspaces.map(({ dir, owners }) => [dir, owners])).toEqual([
    ["env/*", ["a"]],
    ["env/x", ["a"]],
  ]);
});

test("defaults without workspaces keep discovery, a workspace of atlantis.yaml does not turn it on", () => {
  const text = "version: 1\nautodiscover:\n  ignore_paths: [old]\n";
  expect(read(addDriftIgnore(text, rds, entry)).autodiscover).toEqual({
    enabled: true,
    ignorePaths: ["old"],
  });
  expect(
    read(addDriftIgnore(null, { ...rds, config: { discovered: true } }, entry)).autodiscover.enabled,
  ).toBe(true);
  expect(addDriftIgnore(null, { ...rds, config: {} }, entry)).not.toContain("autodiscover");
});

test("a broken file is left alone", () => {
  expect(() => addDriftIgnore("version: [", rds, entry)).toThrow(/no valid YAML/);
  expect(() => addDriftIgnore("- a", rds, entry)).toThrow(/no valid YAML/);
});
