import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkConfigFile, configKind } from "../../src/config/check.ts";
import { mergeRepoConfig } from "../../src/config/merge.ts";
import { parseRepoConfig, type RepoFile, readRepoConfig } from "../../src/config/repo-config.ts";
import { planWaves } from "../../src/config/waves.ts";
import type { RepoConfig } from "../../src/model/config.ts";

const good = (text: string, file: RepoFile = "plumbline.yaml"): RepoConfig => {
  const parsed = parseRepoConfig(text, { file });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
};
const atlantisDocs = join(import.meta.dirname, "../../../shared/corpora/atlantis/docs");
test.skipIf(!existsSync(atlantisDocs))("every whole file of Atlantis's documentation is read", () => {
  const examples = globSync("*.md", { cwd: atlantisDocs })
    .flatMap((name) => [
      ...readFileSync(join(atlantisDocs, name), "utf8").matchAll(/```yaml\n([\s\S]*?)```/g),
    ])
    .map(([, text]) => text ?? "")
    .filter((text) => /^version: *[23]/m.test(text));
  expect(examples.length).toBeGreaterThan(10);
  expect(examples.flatMap((text) => problems(text, "atlantis.yaml"))).toEqual([]);
});

const problems = (text: string, file: RepoFile = "plumbline.yaml"): readonly string[] => {
  const parsed = parseRepoConfig(text, { file });
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path} | ${message}`);
};

describe("plumbline.yaml", () => {
  test("fills in every default", () => {
    const [workspace] = good("version: 1\nworkspaces:\n  - dir: ./rds/\n").workspaces;
    expect(workspace).toMatchObject({
      dir: "rds",
      name: "default",
      project: null,
      kind: "terraform",
      apply: "on_merge",
      lock: "on_plan",
      schedule: null,
      autoplan: true,
      dependsOn: [],
      branch: null,
    });
    expect(workspace?.whenModified).toContain("**/*.tf*");
  });

  test("a promise that is not kept is refused: nothing reverts drift by itself", () => {
    const asking = (classes: string): readonly string[] =>
      problems(`version: 1\ndefaults:\n  drift:\n    auto_revert: ${classes}\nworkspaces:\n  - dir: .\n`);
    expect(asking("[R1]")).toEqual([
      expect.stringMatching(/^defaults\.drift\.auto_revert \| .*plumbline revert/),
    ]);
    expect(asking("[]")).toEqual([]);
  });

  test("lays defaults under every workspace", () => {
    const config = good(
      [
        "version: 1",
        "defaults:",
        "  apply: on_comment",
        "  owners: ['@acme/platform']",
        "  engine: { version: v1.10.5, timeout: 30m }",
        "workspaces:",
        "  - dir: a",
        "  - dir: b",
        "    apply: on_merge",
        "    engine: { distribution: opentofu }",
        "    branch: main",
      ].join("\n"),
    );
    const [a, b] = config.workspaces;
    expect(a).toMatchObject({
      apply: "on_comment",
      engine: { version: "1.10.5", timeoutSeconds: 1800 },
      owners: ["@acme/platform"],
    });
    expect(b).toMatchObject({
      apply: "on_merge",
      engine: { distribution: "tofu", version: "1.10.5" },
      branch: "^main$",
    });
  });

  test("keeps a version that YAML would take for a number", () => {
    expect(
      good("version: 1\nworkspaces:\n  - {dir: a, engine: {version: 1.10}}\n").workspaces[0]?.engine.version,
    ).toBe("1.10");
  });

  test("listing turns discovery off unless the file turns it on", () => {
    expect(good("version: 1").autodiscover.enabled).toBe(true);
    expect(good("version: 1\nworkspaces: [{dir: a}]").autodiscover.enabled).toBe(false);
    expect(
      good("version: 1\nautodiscover: {enabled: true}\nworkspaces: [{dir: a}]").autodiscover.enabled,
    ).toBe(true);
  });

  test("a date without a time lasts until its end", () => {
    const ignore = good(
      "version: 1\nworkspaces:\n  - dir: a\n    drift: {ignore: [{target: aws_x.y.tags, until: 2030-01-31}]}",
    ).workspaces[0]?.drift.ignore[0];
    expect(ignore?.until?.toISOString()).toBe("2030-01-31T23:59:59.999Z");
  });

  test("names every problem at once, with the key that was meant", () => {
    const found = problems(
      [
        "version: 1",
        "worspaces: []",
        "workspaces:",
        "  - dir: ../secret",
        "    shedule: 6h",
        "  - name: default",
        "    dir: a",
        "    schedule: 61 * * * *",
        "    branch: /(a+)+/",
        "    engine: {timeout: soon}",
        "    apply: on_merged",
      ].join("\n"),
    );
    expect(found).toHaveLength(7);
    expect(found.join("\n")).toContain('worspaces | This key is not known. Did you mean "workspaces"?');
    expect(found.join("\n")).toContain(
      'workspaces[0].shedule | This key is not known. Did you mean "schedule"?',
    );
    expect(found.join("\n")).toMatch(/workspaces\[0\]\.dir \| .*`\.\.`/);
    for (const key of ["schedule", "branch", "engine.timeout", "apply"])
      expect(found.some((line) => line.startsWith(`workspaces[1].${key} | `))).toBe(true);
  });

  test("what entries say about each other is told beside it", () => {
    const found = problems(
      [
        "version: 2",
        "workspaces:",
        "  - {dir: a, depends_on: [b], owner: x}",
        "  - {dir: b, depends_on: [a]}",
        "  - {dir: d, apply: never}",
        "  - {dir: d}",
        "  - {dir: c, depends_on: [gone]}",
      ].join("\n"),
    );
    expect(found.map((line) => line.split(" | ")[0]).sort()).toEqual([
      "version",
      "workspaces[0].depends_on",
      "workspaces[0].owner",
      "workspaces[2].apply",
      "workspaces[3]",
      "workspaces[4].depends_on[0]",
    ]);
    expect(problems("version: 1\nworkspaces: [{name: x}, {dir: a, depends_on: [b]}]")).toHaveLength(1);
  });

  test("one file is one document, and aliases lead somewhere", () => {
    expect(problems("version: 1\n---\nversion: 1")).toEqual([expect.stringContaining("multiple documents")]);
    expect(problems("version: 1\nworkspaces: *gone")).toEqual([
      "workspaces | There is no anchor &gone before this.",
    ]);
  });

  test.each(["constructor", "toString", "__proto__"])("`%s` is no key and no step", (key) => {
    expect(problems(`version: 1\n${key}:\n`)).toEqual([
      expect.stringMatching(new RegExp(`^${key} \\| This key`)),
    ]);
    const step = `version: 3\nworkflows: {w: {plan: {steps: [{${key}: {extra_args: [a]}}]}}}`;
    expect(problems(step, "atlantis.yaml")).toHaveLength(1);
  });

  test("a file made to do harm gets a short answer", () => {
    for (const text of [
      "[".repeat(50_000),
      "!".repeat(50_000),
      "a: &a x\n".repeat(5_000),
      "- ".repeat(20_000),
    ]) {
      const found = problems(text);
      expect(found.length).toBeGreaterThan(0);
      expect(found.join("\n").length).toBeLessThan(10_000);
    }
  });

  test("a version is needed", () => {
    expect(problems("")).toEqual(["version | This key is required: 1."]);
    expect(problems("version: 2")).toEqual(["version | This must be 1."]);
  });

  test("broken YAML is told with its line", () => {
    expect(problems("version: 1\nworkspaces: [\n")[0]).toMatch(/^line \d+, column \d+ \| /);
    expect(problems("version: 1\nversion: 1\n")).toHaveLength(1);
  });

  test("two entries that cannot be told apart", () => {
    expect(problems("version: 1\nworkspaces: [{dir: a}, {dir: a/}]")).toEqual([
      expect.stringContaining(
        "workspaces[1] | a with the workspace default is listed already at workspaces[0]",
      ),
    ]);
    expect(
      problems("version: 1\nworkspaces: [{dir: a, project: x}, {dir: a, project: y}, {dir: a, name: b}]"),
    ).toEqual([]);
    expect(problems("version: 1\nworkspaces: [{dir: a, project: x}, {dir: b, project: x}]")).toHaveLength(1);
  });

  test("dependencies that lead nowhere, to several, to themselves or in a circle", () => {
    const text = (...entries: string[]) =>
      `version: 1\nworkspaces:\n${entries.map((e) => `  - {${e}}\n`).join("")}`;
    expect(problems(text("dir: network", "dir: rds, depends_on: [netwrk#default]"))[0]).toContain(
      'Did you mean "network#default"?',
    );
    expect(problems(text("dir: a", "dir: a, name: b", "dir: c, depends_on: [a]"))[0]).toContain("several");
    expect(problems(text("dir: a, depends_on: [a]"))[0]).toContain("cannot depend on itself");
    expect(
      problems(text("dir: a, depends_on: [c]", "dir: b, depends_on: [a#default]", "dir: c, depends_on: [b]")),
    ).toEqual([expect.stringContaining("a#default -> c#default -> b#default -> a#default")]);
    expect(problems(text("dir: a", "dir: 'x/*', depends_on: [a]", "dir: b, depends_on: [x/one]"))).toEqual(
      [],
    );
  });

  test("a variable file outside of the repository", () => {
    expect(
      problems("version: 1\nworkspaces: [{dir: a/b, var_files: [../../c.tfvars, ../../../d.tfvars]}]"),
    ).toEqual(["workspaces[0].var_files[1] | ../../../d.tfvars lies outside of the repository."]);
  });
});

describe("atlantis.yaml", () => {
  test("every key of a project", () => {
    const config = good(
      [
        "version: 3",
        "automerge: true",
        "autodiscover: {mode: enabled, ignore_paths: ['old/**']}",
        "projects:",
        "  - name: staging",
        "    dir: /envs/staging/",
        "    workspace: blue",
        "    branch: /main|release/",
        "    terraform_version: v0.11.0",
        "    terraform_distribution: opentofu",
        "    autoplan: {when_modified: ['*.tf', '../modules/**'], enabled: no}",
        "    apply_requirements: [approved, mergeable]",
        "    plan_requirements: [undiverged]",
        "    execution_order_group: 2",
        "    repo_locks: {mode: on_apply}",
        "    depends_on: [development]",
        "    workflow: infra",
        "  - name: development",
        "    dir: .",
        "workflows: {infra: {plan: {steps: [init, {run: echo hello}]}}}",
      ].join("\n"),
      "atlantis.yaml",
    );
    expect(config).toMatchObject({
      source: "atlantis.yaml",
      automerge: true,
      autodiscover: { enabled: true, ignorePaths: ["old/**"] },
    });
    expect(config.workspaces[0]).toMatchObject({
      dir: "envs/staging",
      name: "blue",
      project: "staging",
      branch: "main|release",
      engine: { version: "0.11.0", distribution: "tofu" },
      autoplan: false,
      whenModified: ["*.tf", "../modules/**"],
      applyRequirements: ["approved", "mergeable"],
      planRequirements: ["undiverged"],
      executionOrderGroup: 2,
      lock: "on_apply",
      dependsOn: ["development"],
      apply: "on_comment",
    });
    expect(config.workspaces[1]?.dir).toBe(".");
    expect(config.warnings.map(({ path }) => path)).toEqual(["workflows.infra.plan.steps[1]"]);
  });

  test("a dependency that leads nowhere is passed over as Atlantis does, a mistyped one is not", () => {
    const text = (name: string) =>
      `version: 3\nprojects: [{name: network, dir: a}, {dir: b, depends_on: [${name}]}]`;
    expect(problems(text("long-gone"), "atlantis.yaml")).toEqual([]);
    expect(problems(text("netwrok"), "atlantis.yaml")).toEqual([
      expect.stringContaining('Did you mean "network"?'),
    ]);
    const files = ["a/main.tf", "b/main.tf"];
    expect(mergeRepoConfig(good(text("long-gone"), "atlantis.yaml"), files).warnings).toEqual([
      { path: "b#default", message: "depends_on: long-gone is no workspace." },
    ]);
  });

  test("refuses what Atlantis refuses", () => {
    expect(problems("projects: []", "atlantis.yaml")).toEqual([expect.stringContaining("version | ")]);
    expect(problems("version: 3\nprojects: [{dirr: a}]", "atlantis.yaml")).toHaveLength(2);
    expect(problems("version: 3\nprojects: [{dir: a}, {dir: a}]", "atlantis.yaml")[0]).toMatch(
      /^projects\[1\] \| /,
    );
    expect(
      problems("version: 3\nprojects: [{dir: a, apply_requirements: [aproved]}]", "atlantis.yaml")[0],
    ).toContain("projects[0].apply_requirements[0]");
    expect(problems("version: 3\nworkflows: {w: {plan: {steps: [make]}}}", "atlantis.yaml")).toHaveLength(1);
  });
});

describe("both files", () => {
  test("plumbline.yaml is laid over atlantis.yaml, key by key", () => {
    const parsed = readRepoConfig({
      "atlantis.yaml":
        "version: 3\nprojects:\n  - {name: net, dir: network, terraform_version: 1.9.0}\n  - dir: rds\n",
      "plumbline.yaml":
        "version: 1\nworkspaces:\n  - {dir: network, drift: {ignore: [{target: aws_vpc.a}]}}\n  - dir: extra\n",
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    expect(parsed.value.workspaces.map(({ dir }) => dir)).toEqual(["network", "rds", "extra"]);
    expect(parsed.value.workspaces[0]).toMatchObject({
      project: "net",
      engine: { version: "1.9.0" },
      apply: "on_comment",
      drift: { ignore: [{ target: "aws_vpc.a" }] },
    });
  });

  test("problems of both are told with their file", () => {
    const parsed = readRepoConfig({ "atlantis.yaml": "version: 9", "plumbline.yaml": "versoin: 1" });
    expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toEqual([
      "plumbline.yaml: version",
      "plumbline.yaml: versoin",
      "atlantis.yaml: version",
    ]);
  });

  test("none is all by default", () => {
    const parsed = readRepoConfig({ "atlantis.yaml": null, "plumbline.yaml": null });
    expect(parsed).toMatchObject({
      ok: true,
      value: { source: "defaults", autodiscover: { enabled: true } },
    });
  });
});

describe("merged with a commit's files", () => {
  const files = [
    "a/main.tf",
    "envs/a/main.tf",
    "envs/b/main.tofu",
    "envs/b/.terraform/x/main.tf",
    "envs/c/readme.md",
    "db/1.sql",
  ];

  test("globs become folders with code; an entry of its own wins", () => {
    const config = good(
      "version: 1\nworkspaces:\n  - {dir: 'envs/*', owners: [x]}\n  - {dir: envs/b, owners: [y]}\n  - {dir: 'db*', kind: postgres-migrations}",
    );
    const merged = mergeRepoConfig(config, files);
    expect(merged.workspaces.map(({ dir, owners }) => [dir, ...owners])).toEqual([
      ["envs/b", "y"],
      ["envs/a", "x"],
      ["db"],
    ]);
  });

  test("several projects in one folder all stay; of globs that meet the first counts", () => {
    const config = good(
      "version: 1\nworkspaces: [{dir: a, project: x}, {dir: a, project: y}, {dir: 'envs/*', owners: [one]}, {dir: '**', owners: [two]}]",
    );
    expect(
      mergeRepoConfig(config, files).workspaces.map(({ dir, project, owners }) => [dir, project, ...owners]),
    ).toEqual([
      ["a", "x"],
      ["a", "y"],
      ["envs/a", null, "one"],
      ["envs/b", null, "one"],
    ]);
  });

  test("discovered roots are added with the defaults, listed and ignored folders are not", () => {
    const config = good(
      "version: 1\ndefaults: {schedule: 6h}\nautodiscover: {enabled: true, ignore_paths: [old]}\nworkspaces: [{dir: a}]",
    );
    const merged = mergeRepoConfig(config, files, [{ dir: "a" }, { dir: "b" }, { dir: "old/x" }]);
    expect(merged.workspaces.map(({ dir, discovered }) => [dir, discovered])).toEqual([
      ["a", undefined],
      ["b", true],
    ]);
    expect(merged.workspaces[1]?.schedule).toBe("6h");
  });

  test("an entry whose folder is gone is left out and said", () => {
    const config = good(
      "version: 1\nworkspaces: [{dir: a}, {dir: gone}, {dir: db, kind: postgres-migrations}, {dir: link}]",
    );
    const merged = mergeRepoConfig(config, [...files, "gone/readme.md", "link"]);
    expect(merged.workspaces.map(({ dir }) => dir)).toEqual(["a", "db", "link"]);
    expect(merged.warnings).toEqual([{ path: "gone", message: "There is no code in this folder." }]);
  });

  test("dependencies become labels; what leads nowhere is a warning", () => {
    const config = good(
      "version: 1\nautodiscover: {enabled: true}\nworkspaces: [{dir: a, depends_on: [b/c, gone#x]}]",
    );
    const merged = mergeRepoConfig(config, files, [{ dir: "b/c" }]);
    expect(merged.workspaces[0]?.dependsOn).toEqual(["b/c#default"]);
    expect(merged.warnings).toHaveLength(1);
  });
});

describe("waves", () => {
  const waves = (...entries: string[]) => {
    const config = mergeRepoConfig(
      good(`version: 1\nworkspaces:\n${entries.map((entry) => `  - {${entry}}\n`).join("")}`),
      ["a", "b", "c", "x"].map((dir) => `${dir}/main.tf`),
    );
    return (only?: readonly string[]) =>
      planWaves(
        config.workspaces.filter(({ dir }) => only?.includes(dir) ?? true),
        config.workspaces,
      ).map((wave) => wave.map(({ dir }) => dir));
  };

  test("dependencies before groups, groups before the rest", () => {
    expect(waves("dir: c, depends_on: [b]", "dir: b, depends_on: [a]", "dir: a", "dir: x")()).toEqual([
      ["a", "x"],
      ["b"],
      ["c"],
    ]);
    expect(
      waves(
        "dir: a, execution_order_group: 2",
        "dir: b, execution_order_group: 1",
        "dir: c, execution_order_group: 2",
      )(),
    ).toEqual([["b"], ["a", "c"]]);
    expect(
      waves("dir: a, execution_order_group: 5", "dir: b, execution_order_group: 1, depends_on: [a]")(),
    ).toEqual([["a"], ["b"]]);
  });

  test("a dependency holds through a workspace that is not affected", () => {
    expect(waves("dir: c, depends_on: [b]", "dir: b, depends_on: [a]", "dir: a")(["a", "c"])).toEqual([
      ["a"],
      ["c"],
    ]);
  });
});

test.each([
  ["plumbline.yaml", "", "plumbline.yaml"],
  ["x/atlantis.yaml", "", "atlantis.yaml"],
  ["a.yaml", "version: 3\nprojects: []", "atlantis.yaml"],
  ["a.yaml", "version: 1", "plumbline.yaml"],
  ["server.yml", "repo_allowlist: [a/b]", "server"],
])("%s with %j is %s", (name, text, kind) => {
  expect(configKind(name, text)).toBe(kind);
});

describe("checking a file of any kind", () => {
  test("a server file is judged by what it says, not by what variables will add", () => {
    expect(
      checkConfigFile("plumbline-server.yaml", "repo_allowlist: [acme/infra]\nlog_level: info\n"),
    ).toEqual({
      kind: "server",
      problems: [],
      warnings: [],
    });
    expect(checkConfigFile("server.yaml", "repo_allowlist: [acme]\nlog_levl: info\n").problems).toHaveLength(
      2,
    );
  });
  test("a repository's file brings its warnings", () => {
    const text = "version: 3\nprojects: [{dir: a, workflow: w}]";
    expect(checkConfigFile("atlantis.yaml", text)).toMatchObject({ kind: "atlantis.yaml", problems: [] });
    expect(checkConfigFile("atlantis.yaml", text).warnings).toHaveLength(1);
    expect(checkConfigFile("plumbline.yaml", "version: 1\nworkspaces: {}").problems).toHaveLength(1);
  });
});
