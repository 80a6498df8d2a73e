import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ATLANTIS_FLAGS } from "../../src/config/atlantis-flags.ts";
import { type AtlantisImport, importAtlantis } from "../../src/config/atlantis-import.ts";
import { ATLANTIS_KEYS, ATLANTIS_SERVER_KEYS, type AtlantisKeys } from "../../src/config/atlantis-keys.ts";
import { atlantisShape } from "../../src/config/atlantis-schema.ts";
import { atlantisServerShape } from "../../src/config/atlantis-server.ts";
import { checkConfigFile } from "../../src/config/check.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import type { Shape } from "../../src/config/yaml.ts";

interface Given {
  readonly repository?: string;
  readonly server?: string;
  readonly flags?: string;
  readonly id?: string;
}

const sourcesOf = ({ repository, server, flags, id }: Given) => ({
  repository: repository === undefined ? null : { name: "atlantis.yaml", text: repository },
  server: server === undefined ? null : { name: "repos.yaml", text: server },
  flags: flags === undefined ? null : { name: "env", text: flags },
  repositoryId: id ?? null,
});

const good = (given: Given): AtlantisImport => {
  const result = importAtlantis(sourcesOf(given));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
};
const problems = (given: Given): readonly string[] => {
  const result = importAtlantis(sourcesOf(given));
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path} | ${message}`);
};
const lostKeys = ({ told }: AtlantisImport): readonly string[] =>
  told.filter(({ fate }) => fate === "lost").map(({ key }) => key);

/** Paths of a schema as the tables write them, down to where a table has nothing below. */
const pathsOf = (shape: Shape, table: AtlantisKeys, at = ""): readonly string[] => {
  const here = shape.items ? pathsOf(shape.items, table, `${at}[]`) : [];
  return [
    ...here,
    ...Object.entries(shape.properties ?? {}).flatMap(([key, inner]) => {
      const path = at === "" ? key : `${at}.${key}`;
      const hasMore = Object.keys(table).some(
        (other) => other.startsWith(`${path}.`) || other.startsWith(`${path}[]`),
      );
      return [path, ...(hasMore ? pathsOf(inner, table, path) : [])];
    }),
  ];
};

describe("the tables", () => {
  test.each([
    ["atlantis.yaml", atlantisShape, ATLANTIS_KEYS],
    ["the server's file", atlantisServerShape, ATLANTIS_SERVER_KEYS],
  ] as const)("%s: every key that is read, and no other", (_name, shape, table) => {
    expect(Object.keys(table).toSorted()).toEqual([...pathsOf(shape, table)].toSorted());
  });

  test("what does not simply go over says why", () => {
    const all = { ...ATLANTIS_KEYS, ...ATLANTIS_SERVER_KEYS, ...ATLANTIS_FLAGS };
    const silent = Object.entries(all).filter(([, { fate, note }]) => fate !== "same" && !note);
    expect(silent).toEqual([]);
  });
});

const project = (more: string): string =>
  `version: 3\nprojects:\n  - dir: a\n    ${more}\n  - {dir: b, name: bb}\n`;

describe("atlantis.yaml", () => {
  test.each([
    ["name: n", { project: "n" }],
    ["branch: /rel.*/", { branch: "/rel.*/" }],
    ["workspace: blue", { name: "blue" }],
    ["terraform_distribution: opentofu", { engine: { distribution: "opentofu" } }],
    ["terraform_version: 1.10", { engine: { version: "1.10" } }],
    ["autoplan: {enabled: false}", { autoplan: false }],
    ["autoplan: {when_modified: ['*.tf']}", { when_modified: ["*.tf"] }],
    ["plan_requirements: [undiverged]", { plan_requirements: ["undiverged"] }],
    ["apply_requirements: [approved, mergeable]", { apply_requirements: ["approved", "mergeable"] }],
    ["depends_on: [bb]", { depends_on: ["bb"] }],
    ["repo_locking: false", { lock: "disabled" }],
    ["repo_locks: {mode: on_apply}", { lock: "on_apply" }],
    ["execution_order_group: 2", { execution_order_group: 2 }],
  ])("%s goes over", (line, expected) => {
    const result = good({ repository: project(line) });
    expect(parse(result.plumbline).workspaces[0]).toEqual({ dir: "a", ...expected });
    expect(lostKeys(result)).toEqual([]);
  });

  test.each([
    ["automerge: true", { automerge: true }, []],
    ["delete_source_branch_on_merge: true", { delete_source_branch_on_merge: true }, []],
    ["silence_pr_comments: [plan]", { silence_pr_comments: ["plan"] }, []],
    ["parallel_plan: true", { parallel_plan: true }, []],
    ["parallel_apply: true", { parallel_apply: true }, []],
    [
      "autodiscover: {mode: enabled, ignore_paths: [x]}",
      { autodiscover: { enabled: true, ignore_paths: ["x"] } },
      [],
    ],
    ["autodiscover: {mode: auto}", {}, []],
    ["repo_locks: {mode: disabled}", { defaults: { apply: "on_comment", lock: "disabled" } }, []],
    ["emoji_reaction: eyes", {}, []],
    ["abort_on_execution_order_fail: true", {}, []],
    ["allowed_regexp_prefixes: [dev]", {}, ["allowed_regexp_prefixes"]],
    ["policies: {policy_sets: [{name: p, path: p}]}", {}, ["policies"]],
  ])("%s at the top", (line, expected, lost) => {
    const result = good({ repository: `version: 3\n${line}\n` });
    expect(parse(result.plumbline)).toEqual({ version: 1, defaults: { apply: "on_comment" }, ...expected });
    expect(lostKeys(result)).toEqual(lost);
  });

  test.each([
    "import_requirements: [approved]",
    "policy_check: false",
    "custom_policy_check: true",
    "silence_pr_comments: [apply]",
    "delete_source_branch_on_merge: true",
  ])("%s of a project is told with its place", (line) => {
    const [told] = good({ repository: project(line) }).told.filter(({ fate }) => fate === "lost");
    expect(told).toMatchObject({ file: "atlantis.yaml", line: 4, column: 5 });
    expect(told?.key).toBe(`projects[0].${line.split(":")[0]}`);
    expect(told?.note).toMatch(/\.$/);
  });

  test("keys and entries keep their order, and what is said often is told once", () => {
    const result = good({
      repository:
        "version: 3\nparallel_plan: true\nprojects:\n  - {workspace: w, dir: z, name: one, policy_check: false}\n  - {dir: a, policy_check: false}\nautodiscover: {mode: enabled}\n",
    });
    const written = parse(result.plumbline);
    expect(Object.keys(written)).toEqual([
      "version",
      "defaults",
      "parallel_plan",
      "workspaces",
      "autodiscover",
    ]);
    expect(Object.keys(written.workspaces[0])).toEqual(["name", "dir", "project"]);
    expect(written.workspaces.map(({ dir }: { dir: string }) => dir)).toEqual(["z", "a"]);
    expect(result.told.filter(({ key }) => key.endsWith("policy_check"))).toMatchObject([{ count: 2 }]);
  });

  test("a dependency that leads nowhere is left out and told", () => {
    const result = good({ repository: project("depends_on: [bb, long-gone]") });
    expect(parse(result.plumbline).workspaces[0].depends_on).toEqual(["bb"]);
    expect(result.told).toContainEqual(
      expect.objectContaining({ key: "projects[0].depends_on[1]", line: 4 }),
    );
  });

  test.each([
    ["version: 3\nprojects: [\n", /^atlantis\.yaml:\d+:\d+ \| This is no valid YAML/],
    ["version: 3\nprojects:\n  - dirr: a\n", /^atlantis\.yaml:3:5: projects\[0\]\.dirr \| /m],
    ["version: 3\nprojects:\n  - dir: a\n  - dir: a\n", /^atlantis\.yaml:4:5: projects\[1\] \| /],
    ["version: 1\n", /^atlantis\.yaml:1:1: version \| /],
  ])("%j is refused with file, line and column", (repository, expected) => {
    expect(problems({ repository }).join("\n")).toMatch(expected);
  });
});

describe("workflows", () => {
  const workflow = (steps: string, stage = "plan"): string =>
    `version: 3\nprojects:\n  - {dir: a, workspace: blue, workflow: w}\nworkflows:\n  w:\n    ${stage}:\n      steps: ${steps}\n`;

  test.each([
    [
      '[init, {plan: {extra_args: ["-var-file", "x.tfvars", "--var-file=../y.tfvars"]}}]',
      ["x.tfvars", "../y.tfvars"],
    ],
    [
      '[{plan: {extra_args: ["-var-file=env/$WORKSPACE.tfvars", "-var-file", "$' + '{WORKSPACE}.tfvars"]}}]',
      ["env/blue.tfvars", "blue.tfvars"],
    ],
    ["[init, plan]", undefined],
  ])("variable files of %s", (steps, files) => {
    const result = good({ repository: workflow(steps) });
    expect(parse(result.plumbline).workspaces[0].var_files).toEqual(files);
    expect(lostKeys(result)).toEqual([]);
  });

  test.each([
    ["[{run: make plan}]", "`make plan` is not run"],
    ["[plan, {run: {command: terragrunt plan}}]", "Terragrunt"],
    ["[plan, {run: checkov -d .}]", "CI"],
    ["[plan, {multienv: ./env.sh}]", "is not run"],
    ["[plan, {env: {name: TF_VAR_x, value: hush}}]", "TF_VAR_x is not set"],
    ["[{plan: {extra_args: [-lock=false]}}]", "lock is always taken"],
    ["[{plan: {extra_args: [-var, a=b]}}]", ".tfvars"],
    ["[plan, {init: {extra_args: [-backend-config=x]}}]", "into the code"],
    ['[{plan: {extra_args: ["-var-file=/etc/x"]}}]', "outside of the repository"],
    ['[{plan: {extra_args: ["-var-file=$DIR/x"]}}]', "computed"],
    ["[init]", "no `plan` step"],
  ])("%s is told, not run", (steps, expected) => {
    const told = good({ repository: workflow(steps) }).told.filter(({ fate }) => fate === "lost");
    expect(told.map(({ note }) => note).join("\n")).toContain(expected);
    expect(told[0]).toMatchObject({ file: "atlantis.yaml", line: 7 });
    expect(JSON.stringify(told)).not.toContain("hush");
  });

  test("a workflow of the server's is looked up there; one that nobody has is told", () => {
    const repository = "version: 3\nprojects:\n  - {dir: a, workflow: w}\n";
    const server =
      "repos: [{id: /.*/}]\nworkflows: {w: {plan: {steps: [{plan: {extra_args: [-var-file=x.tfvars]}}]}}}\n";
    expect(parse(good({ repository, server }).plumbline).workspaces[0].var_files).toEqual(["x.tfvars"]);
    expect(lostKeys(good({ repository }))).toEqual(["projects[0].workflow"]);
  });

  test("an atlantis.yaml that is read as it is takes the variable files too", () => {
    const parsed = parseRepoConfig(workflow("[{plan: {extra_args: [-var-file=x.tfvars]}}]"), {
      file: "atlantis.yaml",
    });
    expect(parsed).toMatchObject({
      ok: true,
      value: { workspaces: [{ varFiles: ["x.tfvars"] }], warnings: [] },
    });
  });
});

describe("the server's file", () => {
  const repository = "version: 3\n";
  const id = "github.com/acme/infra";

  test.each([
    ["plan_requirements: [approved]", { plan_requirements: ["approved"] }],
    ["apply_requirements: [mergeable]", { apply_requirements: ["mergeable"] }],
    ["branch: /main/", { branch: "/main/" }],
    ["repo_locks: {mode: on_apply}", { lock: "on_apply" }],
    ["repo_locking: false", { lock: "disabled" }],
  ])("repos[].%s becomes a default", (line, expected) => {
    const result = good({ repository, server: `repos: [{id: ${id}, ${line}}]`, id });
    expect(parse(result.plumbline).defaults).toEqual({ ...expected, apply: "on_comment" });
    expect(lostKeys(result)).toEqual([]);
  });

  test.each([
    ["/.*/", undefined, true],
    ["/acme/", id, true],
    [id, id, true],
    [id, "github.com/acme/other", false],
    ["/acme/", undefined, false],
  ])("an entry for %s and the repository %s: %s", (entry, name, fits) => {
    const server = `repos: [{id: ${entry}, branch: /main/}]`;
    const result = good({ repository, server, ...(name ? { id: name } : {}) });
    expect(parse(result.plumbline).defaults.branch).toBe(fits ? "/main/" : undefined);
    expect(result.told.some(({ key }) => key === "repos[0].id")).toBe(!fits);
  });

  test("the last entry that fits wins key by key, and the repository's own word wins over it", () => {
    const server = `repos: [{id: /.*/, apply_requirements: [approved], branch: /a/}, {id: ${id}, branch: /b/}]`;
    const own = "version: 3\nprojects: [{dir: a, apply_requirements: [mergeable]}]\n";
    const written = parse(good({ repository: own, server, id }).plumbline);
    expect(written.defaults).toMatchObject({ apply_requirements: ["approved"], branch: "/b/" });
    expect(written.workspaces[0].apply_requirements).toEqual(["mergeable"]);
  });

  test("policies and the plan store go into the server's file", () => {
    const server =
      "policies:\n  owners: {users: [lee], teams: [sec]}\n  approve_count: 2\n  policy_sets: [{name: a, path: /p, source: local}]\nexternal_stores: {plan_store: {type: s3, s3: {bucket: plans, prefix: x/y, region: eu-west-1}}}\n";
    const settings = good({ repository, server, id }).server ?? "";
    expect(parse(settings)).toEqual({
      artifacts: "s3://plans/x/y",
      s3: { region: "eu-west-1" },
      policies: { sets: [{ name: "a", path: "/p", owners: ["lee", "@acme/sec"], approvals: 2 }] },
    });
    expect(checkConfigFile("plumbline-server.yaml", settings).problems).toEqual([]);
    expect(lostKeys(good({ repository, server }))).toEqual(["policies"]);
  });

  test.each([
    ["repos: [{id: /.*/, pre_workflow_hooks: [{run: x}]}]", "repos[0].pre_workflow_hooks"],
    ["repos: [{id: /.*/, post_workflow_hooks: [{run: x}]}]", "repos[0].post_workflow_hooks"],
    ["repos: [{id: /.*/, repo_config_file: x.yaml}]", "repos[0].repo_config_file"],
    ["team_authz: {command: x}", "team_authz"],
    ["metrics: {statsd: {host: a, port: 1}}", "metrics.statsd"],
  ])("%s is told", (server, key) => {
    expect(lostKeys(good({ repository, server }))).toContain(key);
  });

  test("its problems have file, line and column", () => {
    expect(problems({ server: "repos:\n  - idd: /.*/\n" }).join("\n")).toMatch(
      /^repos\.yaml:2:5: repos\[0\]\.idd \| /m,
    );
  });
});

describe("flags of the server", () => {
  test.each([
    ["variables", "HOME=/x\nexport ATLANTIS_PORT='4141'\nATLANTIS_ALLOW_FORK_PRS=true\n"],
    ["a command line", "atlantis server \\\n  --port=4141 --allow-fork-prs\n"],
    ["a command line with the value apart", "atlantis server --port 4141 --allow-fork-prs=true"],
    ["a --config file", "port: 4141\nallow-fork-prs: true\n"],
  ])("%s", (_name, flags) => {
    expect(parse(good({ flags }).server ?? "")).toEqual({ listen: { port: 4141 }, forks: true });
  });

  test.each([
    ["--atlantis-url=https://a.example", { public_url: "https://a.example" }],
    ["--gh-hostname=ghe.example", { forge: { api_url: "https://ghe.example/api/v3" } }],
    ["--gh-app-id=12", { forge: { app_id: "12" } }],
    [
      "--gitea-base-url=https://g.example/",
      { forge: { type: "gitea", api_url: "https://g.example/api/v1" } },
    ],
    ["--repo-allowlist=github.com/acme/*,github.com/x/y", { repo_allowlist: ["acme/*", "x/y"] }],
    ["--executable-name=atlantis", { trigger_words: ["atlantis"] }],
    ["--parallel-pool-size=9", { concurrency: { runs: 9 } }],
    ["--log-level=debug", { log_level: "debug" }],
    ["--allow-draft-prs", { drafts: true }],
  ])("%s", (flags, expected) => {
    const { server } = good({ flags });
    expect(parse(server ?? "")).toEqual(expected);
    expect(checkConfigFile("plumbline-server.yaml", server ?? "").problems).toEqual([]);
  });

  test("those about repositories go into plumbline.yaml, below what the repository says", () => {
    const flags =
      "--default-tf-version=1.9.8 --disable-autoplan --autodiscover-mode=disabled --parallel-plan";
    const repository = "version: 3\nparallel_plan: false\n";
    expect(parse(good({ flags, repository }).plumbline)).toEqual({
      version: 1,
      defaults: { apply: "on_comment", engine: { version: "1.9.8" }, autoplan: false },
      parallel_plan: false,
      autodiscover: { enabled: false },
    });
  });

  test("secrets are named by the variable and never repeated", () => {
    const result = good({
      flags: "ATLANTIS_GH_TOKEN=hush\nATLANTIS_GH_WEBHOOK_SECRET=hushhush\nATLANTIS_API_SECRET=hush",
    });
    expect(result.variables.map(({ name }) => name)).toEqual([
      "PLUMBLINE_FORGE_TOKEN",
      "PLUMBLINE_WEBHOOK_SECRET",
    ]);
    expect(JSON.stringify(result)).not.toContain("hush");
  });

  test("what has no counterpart, is unknown or cannot be set so is told", () => {
    const result = good({ flags: "--gitlab-user=x --prot=1 --atlantis-url=nonsense --repo-allowlist=*" });
    expect(lostKeys(result)).toEqual(["--gitlab-user", "--prot", "--repo-allowlist", "public_url"]);
    expect(result.told.find(({ key }) => key === "--prot")?.note).toContain('Did you mean "port"?');
  });

  test.each(Object.entries(ATLANTIS_FLAGS))("--%s is carried over or told", (name, { fate }) => {
    const result = good({ flags: `--${name}=github.com/acme/infra` });
    const carried = result.server !== null || result.variables.length > 0;
    const told = result.told.some(({ key }) => key === `--${name}` || !key.startsWith("--"));
    expect(carried || told || fate === "same" || result.plumbline.includes("acme")).toBe(true);
  });
});

const corpus = join(import.meta.dirname, "../../../shared/corpora/atlantis/docs");
test.skipIf(!existsSync(corpus))(
  "Atlantis's own examples load as plumbline.yaml, or it is said why not",
  () => {
    const texts = globSync("*.md", { cwd: corpus })
      .flatMap((name) => [...readFileSync(join(corpus, name), "utf8").matchAll(/```yaml\n([\s\S]*?)```/g)])
      .map(([, text]) => text ?? "");
    const files = texts.filter((text) => /^version: *[23]/m.test(text));
    const servers = texts.filter(
      (text) => /^(repos|policies|metrics|team_authz):/m.test(text) && !files.includes(text),
    );
    expect(Math.min(files.length, servers.length)).toBeGreaterThan(10);
    expect(files.flatMap((repository) => problems({ repository }))).toEqual([]);
    const refused = servers.flatMap((server) => problems({ server }));
    expect(refused).toEqual([]);
  },
);

test("whatever atlantis.yaml says: the result loads as the same workspaces, or it is said why not", () => {
  const name = fc.constantFrom("a", "b", "c", "net", "1.10", "yes", "null", "on");
  const entry = fc.record(
    {
      dir: fc.constantFrom("a", "b", "./c/", "modules/*", "."),
      name,
      workspace: name,
      branch: fc.constantFrom("/main/", "/(a|b)/"),
      terraform_version: fc.constantFrom("1.10", "v1.9.0", "1.10.0-rc1"),
      depends_on: fc.uniqueArray(name, { maxLength: 2 }),
      repo_locks: fc.record(
        { mode: fc.constantFrom("disabled", "on_plan", "on_apply") },
        { requiredKeys: [] },
      ),
      repo_locking: fc.boolean(),
      autoplan: fc.record(
        { enabled: fc.boolean(), when_modified: fc.array(name, { maxLength: 2 }) },
        { requiredKeys: [] },
      ),
      apply_requirements: fc.uniqueArray(fc.constantFrom("approved", "mergeable", "undiverged")),
      execution_order_group: fc.nat(3),
      policy_check: fc.boolean(),
    },
    { requiredKeys: ["dir"] },
  );
  const file = fc.record(
    {
      version: fc.constantFrom(2, 3),
      projects: fc.array(entry, { maxLength: 4 }),
      automerge: fc.boolean(),
      repo_locks: fc.record({ mode: fc.constantFrom("disabled", "on_apply") }),
      autodiscover: fc.record({ mode: fc.constantFrom("auto", "enabled", "disabled") }, { requiredKeys: [] }),
    },
    { requiredKeys: ["version"] },
  );
  fc.assert(
    fc.property(file, (value) => {
      const repository = JSON.stringify(value);
      const result = importAtlantis(sourcesOf({ repository }));
      if (!result.ok) return result.problems.length > 0;
      const [before, after] = [
        parseRepoConfig(repository, { file: "atlantis.yaml" }),
        parseRepoConfig(result.value.plumbline, { file: "plumbline.yaml" }),
      ];
      if (!before.ok || !after.ok) throw new Error(result.value.plumbline);
      const plain = ({ workspaces, defaults, autodiscover }: typeof before.value) => ({
        workspaces: workspaces.map(({ dependsOn, ...rest }) => rest),
        ...{ defaults, autodiscover },
      });
      expect(plain(after.value)).toEqual(plain(before.value));
      return true;
    }),
    { numRuns: 300 },
  );
});
