import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { changeEntry, planText } from "../plan/plan-document.ts";

// Other projects' recordings lie beside the checkout on the project's own machines only; ours are always here.
const corpora = fileURLToPath(new URL("../../../shared/corpora/", import.meta.url));
const project = fileURLToPath(new URL("../../", import.meta.url));

const MOST_BYTES = 60_000;

const recorded = (pattern: string): readonly string[] =>
  (existsSync(corpora) ? globSync(pattern, { cwd: corpora }).sort() : [])
    .map((file) => readFileSync(`${corpora}${file}`, "utf8"))
    .filter((text) => text.length <= MOST_BYTES);

export const comments = (): readonly string[] => [
  "plumbline plan",
  "plumbline plan -d envs/prod -w default -- -target=aws_s3_bucket.a -parallelism=4",
  "plumbline apply -p network --revert-drift",
  'plumbline apply --override-freeze "the site is down"',
  "plumbline approve 0f3a9c1d",
  "plumbline formalize 'module.a[\"x y\"].aws_s3_bucket.b[0].tags' --id i-0123 -d infra",
  'plumbline ignore aws_iam_role.x.description --for 14d --reason "until Monday"',
  "@plumbline[bot] help",
  "atlantis plan -d . --verbose",
  "`plumbline unlock`",
  "run state rm 'a.b[\"c\"]' -d x",
  "plumbline force-unlock 1d2c -d envs/prod",
];

export const plumblineFiles = (): readonly string[] => [
  readFileSync(`${project}workspaces-example/plumbline.yaml`, "utf8"),
  "version: 1\nworkspaces:\n  - dir: envs/*\n    drift:\n      schedule: 6h\n      ignore:\n        - target: aws_iam_role.x.tags\n          until: 2027-01-01\n          reason: known\n    when_modified: ['**/*.tf', '!x']\n    depends_on: [network]\nstateful:\n  - type: acme_thing\n    stateful: true\n    reason: keeps data\n",
  ...yamlBlocks(`${project}docs/config.md`, /^(workspaces|stateful|governance|version: 1)/m),
];

export const atlantisFiles = (): readonly string[] => [
  "version: 3\nautomerge: true\nprojects:\n  - name: p\n    dir: .\n    workspace: default\n    terraform_version: v1.11.4\n    autoplan:\n      when_modified: ['*.tf', '../modules/**/*.tf']\n      enabled: true\n    apply_requirements: [mergeable, approved]\n    workflow: custom\nworkflows:\n  custom:\n    plan:\n      steps:\n        - run: my-command\n        - init:\n            extra_args: ['-lock=false']\n        - env:\n            name: A\n            value: b\n        - plan\n",
  ...(existsSync(corpora) ? globSync("atlantis/docs/*.md", { cwd: corpora }).sort() : []).flatMap((file) =>
    yamlBlocks(`${corpora}${file}`, /^(version|projects|workflows)/m),
  ),
];

export const serverFiles = (): readonly string[] => [
  "data_dir: /var/lib/plumbline\nlisten: 127.0.0.1:4141\nrepo_allowlist: [acme/*]\nforge:\n  type: github\n  token: ghp_x\nconcurrency:\n  runs: 4\nalerts:\n  - type: webhook\n    url: https://alerts.example.com/x\nretention:\n  logs: 30d\npolling:\n  enabled: true\n  interval: 60s\n",
  ...yamlBlocks(
    `${project}docs/config.md`,
    /^(data_dir|listen|forge|access|policies|plan_gate|retention|engine)/m,
  ),
  ...yamlBlocks(`${project}docs/operations.md`, /./),
];

const yamlBlocks = (file: string, about: RegExp): readonly string[] =>
  [...readFileSync(file, "utf8").matchAll(/```ya?ml\n([\s\S]*?)```/g)]
    .map(([, text = ""]) => text)
    .filter((text) => about.test(text));

export const plans = (): readonly string[] => [
  planText({
    resource_changes: [
      changeEntry("aws_s3_bucket.a", ["create"], { after: { bucket: "a" }, after_unknown: { id: true } }),
      changeEntry("aws_db_instance.b", ["delete", "create"], {
        before: { id: "b", password: "hunter22", tags: { a: "1" } },
        after: { id: "b", password: "hunter23", tags: null },
        before_sensitive: { password: true },
        after_sensitive: { password: true },
        replace_paths: [["tags", "a"]],
      }),
    ],
    resource_drift: [changeEntry("aws_iam_role.c", ["update"], { before: { d: "1" }, after: { d: "2" } })],
    output_changes: { o: { actions: ["create"], before: null, after: "x", after_sensitive: true } },
    variables: { region: { value: "eu-west-1" } },
    configuration: { root_module: { variables: { region: { sensitive: true } }, resources: [] } },
  }),
  ...recorded("{plans,drift}/**/*.json").filter((text) => text.includes('"format_version"')),
];

export interface DeliverySample {
  readonly event: string;
  readonly payload: unknown;
}

export const deliveries = (): readonly DeliverySample[] => [
  {
    event: "pull_request",
    payload: {
      action: "opened",
      number: 7,
      pull_request: { number: 7, head: { sha: "c0ffee", ref: "x" }, base: { ref: "main" }, merged: false },
      repository: { full_name: "acme/infra", default_branch: "main" },
      sender: { login: "ada", type: "User" },
    },
  },
  {
    event: "issue_comment",
    payload: {
      action: "created",
      issue: { number: 7, pull_request: { url: "x" } },
      comment: { id: 1, body: "plumbline plan", user: { login: "ada", type: "User" } },
      repository: { full_name: "acme/infra" },
      sender: { login: "ada", type: "User" },
    },
  },
  ...recordedDeliveries(),
];

const EXAMPLES = "webhooks/octokit__webhooks/payload-examples/api.github.com";
const recordedDeliveries = (): readonly DeliverySample[] =>
  (existsSync(corpora) ? globSync(`${EXAMPLES}/*/*.json`, { cwd: corpora }).sort() : []).map((file) => ({
    event: file.split("/").at(-2) ?? "",
    payload: JSON.parse(
      readFileSync(`${corpora}${file}`, "utf8").replaceAll("Codertocat/Hello-World", "acme/infra"),
    ) as unknown,
  }));
