import { expect, test } from "vitest";
import { readResourceContext } from "../../src/config/resource-context.ts";
import type { FileChange } from "../../src/model/stateful-change.ts";
import { classifyFiles } from "../../src/risk/files.ts";
import { rolloutOf } from "../../src/risk/rollout.ts";

const rollout = (changes: readonly FileChange[], context = "resource_context: []") => {
  const read = readResourceContext(context, "context.yaml");
  return rolloutOf(changes, classifyFiles(changes), { entries: read.ok ? read.value : [] });
};
const file = (path: string, after: string | null, before: string | null = null): FileChange => ({
  ...{ path, before, after },
});
const deployment = (image: string): string =>
  `kind: Deployment\nspec: { template: { spec: { containers: [{ name: app, image: "${image}" }] } } }\n`;

test.each<[string, FileChange, readonly string[]]>([
  ["a manifest", file("k8s/app.yaml", deployment("app:2"), deployment("app:1")), ["app:2"]],
  ["one that is the same", file("k8s/app.yaml", `# moved\n${deployment("app:1")}`, deployment("app:1")), []],
  ["one that goes", file("k8s/app.yaml", null, deployment("app:1")), []],
  [
    "a chart's parts",
    file("values.yaml", "image: { repository: app, tag: 1.10 }", "image: { repository: app, tag: 1.9 }"),
    ["app:1.1"],
  ],
  ["kustomize", file("kustomization.yaml", "images: [{ name: app, newTag: v2 }]"), ["v2"]],
  ["Terraform", file("run.tf", 'resource "x" "y" {\n  image = "app:2"\n}\n', ""), ["app:2"]],
  ["a task in JSON", file("task.json", '{"containerDefinitions":[{"image":"app:3"}]}'), ["app:3"]],
  ["what builds it", file(".github/workflows/ci.yaml", "jobs: { a: { container: { image: node } } }"), []],
  ["text that is no YAML", file("app.yaml", "image: [a"), []],
])("images that are new: %s", (_what, change, expected) => {
  expect(rollout([change]).images.map(({ image }) => image)).toEqual(expected);
});

test("migrations that come with it: not their way back, and none that was deleted", () => {
  const changes = [
    file("db/migration/V2__add.sql", "ALTER TABLE orders ADD COLUMN note text;"),
    file("db/migration/U2__add.sql", "ALTER TABLE orders DROP COLUMN note;"),
    file("db/migration/V1__old.sql", null, "CREATE TABLE orders (id int);"),
    file("alembic/versions/3_x.py", "def upgrade():\n    op.add_column('a', 'b')\n"),
    file("k8s/app.yaml", deployment("app:2")),
  ];
  expect(rollout(changes).migrations.toSorted()).toEqual([
    "alembic/versions/3_x.py",
    "db/migration/V2__add.sql",
  ]);
});

test.each<[string, FileChange, readonly string[]]>([
  [
    "a Job in Kubernetes",
    file(
      "k8s/migrate.yaml",
      "kind: Job\nspec:\n  - image: flyway/flyway\n    env:\n      - name: FLYWAY_USER\n        value: postgres\n",
    ),
    ["postgres"],
  ],
  ["a tool's settings", file("flyway.conf", "flyway.user=migrator\n"), ["migrator"]],
  ["an address", file("alembic.ini", "sqlalchemy.url = postgresql://root:x@db/app\n"), ["root"]],
  ["JDBC", file("liquibase.properties", "url: jdbc:postgresql://db/app?user=sa\n"), ["sa"]],
  ["a file that migrates nothing", file("k8s/app.yaml", "env: { PGUSER: postgres }"), []],
  [
    "a secret's name",
    file("k8s/migrate.yaml", "image: flyway\nenv:\n- name: FLYWAY_USER\n  valueFrom: { secretKeyRef: {} }\n"),
    [],
  ],
])("who migrates: %s", (_what, change, expected) => {
  expect(rollout([change]).identities.map(({ user }) => user)).toEqual(expected);
});

test("tables that are held up and of which nobody tells the size", () => {
  const changes = [
    file(
      "db/migration/V3__x.sql",
      "UPDATE public.orders SET a = 1;\nALTER TABLE customer ALTER COLUMN a TYPE bigint;\n",
    ),
  ];
  const context = "resource_context: { table_stats: { customer: { size_gb: 3 } } }";
  expect(rollout(changes, context).unsized).toEqual(["public.orders"]);
  expect(rollout(changes).unsized).toEqual(["public.orders", "customer"]);
});
