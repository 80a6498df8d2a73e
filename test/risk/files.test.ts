import { describe, expect, test } from "vitest";
import type { FileChange } from "../../src/model/stateful-change.ts";
import { classifyFiles } from "../../src/risk/files.ts";

const changed = (path: string, before: string | null, after: string | null): FileChange => ({
  path,
  before,
  after,
});
const told = (...changes: readonly FileChange[]) =>
  classifyFiles(changes).map((one) => `${one.class} ${one.rule}`);

const CLAIM = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: orders, namespace: shop }
spec:
  storageClassName: gp3
  accessModes: [ReadWriteOnce]
  resources: { requests: { storage: 100Gi } }
`;
const TOPIC = `apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaTopic
metadata: { name: orders }
spec:
  partitions: 12
  replicas: 3
  config: { retention.ms: 604800000, cleanup.policy: delete, min.insync.replicas: 2 }
`;
const SET = `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  replicas: 3
  template: { spec: { containers: [{ name: db, image: "db:1" }] } }
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { storageClassName: gp3, resources: { requests: { storage: 10Gi } } }
`;
const SECRET = `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: { name: db }
spec:
  secretStoreRef: { name: vault, kind: ClusterSecretStore }
  data: [{ secretKey: password, remoteRef: { key: prod/db } }]
`;

describe("objects of one name in several folders", () => {
  const shorter = TOPIC.replace("604800000", "3600000");
  const longer = TOPIC.replace("604800000", "2592000000");

  test("are each compared with themselves, in any order", () => {
    const prod = changed("prod/topic.yaml", TOPIC, shorter);
    const test = changed("test/topic.yaml", TOPIC, longer);
    for (const both of [
      [prod, test],
      [test, prod],
    ]) {
      expect(told(...both)).toContain("R4 retention-lowered");
      expect(told(...both)).toHaveLength(2);
    }
  });

  test("are not taken for each other where one of them is deleted", () => {
    const found = classifyFiles([
      changed("prod/claim.yaml", CLAIM, null),
      changed("test/claim.yaml", CLAIM, CLAIM.replace("100Gi", "200Gi")),
    ]);
    expect(found.map(({ path, rule }) => `${path} ${rule}`)).toEqual([
      "prod/claim.yaml manifest-deleted",
      "test/claim.yaml storage-raised",
    ]);
  });
});

describe("a manifest", () => {
  test.each([
    ["a claim that is deleted", CLAIM, null, ["R4 manifest-deleted"]],
    ["a claim of another storage class", CLAIM, CLAIM.replace("gp3", "io2"), ["R4 storage-class-changed"]],
    ["a claim that grows", CLAIM, CLAIM.replace("100Gi", "1Ti"), ["R2 storage-raised"]],
    ["a claim that shrinks", CLAIM, CLAIM.replace("100Gi", "50Gi"), ["R4 storage-lowered"]],
    ["a new claim", null, CLAIM, ["R1 manifest-created"]],
    [
      "a claim of the same size in other units",
      CLAIM,
      CLAIM.replace("100Gi", "102400Mi"),
      ["R1 manifest-changed"],
    ],
    [
      "a claim that gets a label",
      CLAIM,
      CLAIM.replace("namespace: shop", "namespace: shop, labels: { a: b }"),
      [],
    ],
    ["only other white space", CLAIM, CLAIM.replaceAll(": ", ":  "), []],
    ["a topic's shorter retention", TOPIC, TOPIC.replace("604800000", "3600000"), ["R4 retention-lowered"]],
    ["a topic's endless retention", TOPIC, TOPIC.replace("604800000", "-1"), ["R1 manifest-changed"]],
    ["an endless retention that ends", TOPIC.replace("604800000", "-1"), TOPIC, ["R4 retention-lowered"]],
    [
      "a retention that falls back to seven days",
      TOPIC.replace("604800000", "1604800000"),
      TOPIC.replace("retention.ms: 604800000, ", ""),
      ["R4 retention-lowered"],
    ],
    ["more partitions", TOPIC, TOPIC.replace("partitions: 12", "partitions: 24"), ["R3 partitions-raised"]],
    ["fewer partitions", TOPIC, TOPIC.replace("partitions: 12", "partitions: 6"), ["R4 partitions-lowered"]],
    ["compaction", TOPIC, TOPIC.replace("policy: delete", "policy: compact"), ["R4 cleanup-policy-changed"]],
    ["fewer copies in sync", TOPIC, TOPIC.replace("replicas: 2", "replicas: 1"), ["R3 min-insync-lowered"]],
    ["a topic that is deleted", TOPIC, null, ["R4 manifest-deleted"]],
    [
      "a set's volume template that moves",
      SET,
      SET.replace("gp3", "io2"),
      ["R4 storage-class-changed", "R1 manifest-changed"],
    ],
    ["a set's new image", SET, SET.replace("db:1", "db:2"), ["R1 manifest-changed"]],
    ["fewer replicas of a set", SET, SET.replace("replicas: 3", "replicas: 1"), ["R3 replicas-lowered"]],
    ["a secret from elsewhere", SECRET, SECRET.replace("prod/db", "stage/db"), ["R3 secret-moved"]],
    [
      "a secret that is refreshed oftener",
      SECRET,
      `${SECRET}  refreshInterval: 1h\n`,
      ["R2 manifest-changed"],
    ],
    [
      "a namespace that is deleted",
      "kind: Namespace\nmetadata: { name: shop }\n",
      null,
      ["R4 manifest-deleted"],
    ],
    [
      "a class that now deletes",
      "kind: StorageClass\nmetadata: { name: fast }\nreclaimPolicy: Retain\n",
      "kind: StorageClass\nmetadata: { name: fast }\nreclaimPolicy: Delete\n",
      ["R4 reclaim-policy-delete"],
    ],
    ["a deployment", null, "kind: Deployment\nmetadata: { name: web }\n", []],
    [
      "a claim in a text that is broken now",
      CLAIM,
      `${CLAIM}  : [`,
      ["R4 manifest-deleted", "R4 manifest-unreadable"],
    ],
  ])("%s", (_what, before, after, expected) => {
    expect(told(changed("k8s/app.yaml", before, after))).toEqual(expected);
  });

  test("an object that moves to another file is not deleted", () => {
    expect(told(changed("a.yaml", CLAIM, null), changed("b.yaml", null, CLAIM))).toEqual([]);
    expect(
      told(changed("a.yaml", CLAIM, null), changed("b.yaml", null, CLAIM.replace("shop", "other"))),
    ).toEqual(["R4 manifest-deleted", "R1 manifest-created"]);
  });

  test("one of many documents, in a list and in a template of Helm", () => {
    const many = `${TOPIC}---\n${CLAIM}`;
    expect(told(changed("all.yaml", many, TOPIC))).toEqual(["R4 manifest-deleted"]);
    const list = `kind: List\nitems:\n  - ${CLAIM.trimEnd().replaceAll("\n", "\n    ")}\n`;
    expect(told(changed("all.yaml", list, "kind: List\nitems: []\n"))).toEqual(["R4 manifest-deleted"]);
    const template = `{{- if .Values.persistence.enabled }}\n${CLAIM.replace("gp3", "{{ .Values.class }}")}{{- end }}\n`;
    expect(told(changed("chart/templates/claim.yaml", template, null))).toEqual(["R4 manifest-deleted"]);
  });

  test("what an annotation keeps is left behind, not deleted", () => {
    const kept = CLAIM.replace("namespace: shop", "annotations: { helm.sh/resource-policy: keep }");
    expect(told(changed("a.yaml", kept, null))).toEqual(["R2 left-behind"]);
  });

  test("aliases of aliases do not grow without end", () => {
    const bomb = `kind: Namespace\na: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
      .split("")
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[index]}`).join(",")}]`)
      .join("\n")}\n`;
    expect(told(changed("a.yaml", bomb, null))).toEqual(["R4 manifest-unreadable"]);
  });
});

describe("chart values", () => {
  const VALUES = `image: { tag: "1" }
persistence: { enabled: true, size: 10Gi, storageClass: gp3 }
replicaCount: 2
retention: 15d
`;
  test.each([
    ["persistence off", VALUES.replace("enabled: true", "enabled: false"), ["R4 persistence-off"]],
    ["a smaller volume", VALUES.replace("10Gi", "5Gi"), ["R4 storage-lowered"]],
    ["a larger volume", VALUES.replace("10Gi", "20Gi"), ["R2 storage-raised"]],
    ["another storage class", VALUES.replace("gp3", "io2"), ["R4 storage-class-changed"]],
    ["a shorter retention", VALUES.replace("15d", "3d"), ["R4 retention-lowered"]],
    ["another image", VALUES.replace('"1"', '"2"'), []],
    ["another count of replicas", VALUES.replace("Count: 2", "Count: 3"), []],
    ["YAML that is broken", "persistence: [", ["R3 values-unreadable"]],
  ])("%s", (_what, after, expected) => {
    expect(told(changed("helm/app/values-prod.yaml", VALUES, after))).toEqual(expected);
  });
  test("in a HelmRelease and in an Argo CD application", () => {
    const release = (size: string) =>
      `kind: HelmRelease\nmetadata: { name: db }\nspec: { values: { persistence: { size: ${size} } } }\n`;
    expect(told(changed("db.yaml", release("10Gi"), release("5Gi")))).toEqual(["R4 storage-lowered"]);
  });
  test("a list of topics of one's own format", () => {
    const topics = (days: number) =>
      `topics:\n  - { name: orders, partitions: 3, retention_days: ${days} }\n  - { name: a, partitions: 1 }\n`;
    expect(told(changed("kafka-topics/prod.yaml", topics(30), topics(3)))).toEqual(["R4 retention-lowered"]);
  });
});

describe("a migration", () => {
  const sql = (text: string, path = "db/migration/V2__x.sql") => told(changed(path, null, text));
  test.each([
    ["DROP TABLE customer;", ["R4 sql-drop-table"]],
    ["alter table customer\n  drop column full_name;", ["R4 sql-drop-column"]],
    ["ALTER TABLE a DROP b;", ["R4 sql-drop-column"]],
    ["ALTER TABLE a DROP IF EXISTS b;", ["R4 sql-drop-column"]],
    ["ALTER TABLE a DROP CONSTRAINT b;", ["R3 sql-drop-constraint"]],
    ["ALTER TABLE a ALTER COLUMN b DROP DEFAULT;", []],
    ["ALTER TABLE a ALTER COLUMN b DROP NOT NULL;", []],
    ["ALTER TABLE a ALTER COLUMN b TYPE bigint;", ["R3 sql-change-type"]],
    ["ALTER TABLE a ALTER b SET DATA TYPE bigint;", ["R3 sql-change-type"]],
    ["ALTER TABLE a ADD COLUMN b text NOT NULL;", ["R3 sql-add-not-null", "R1 sql-add-column"]],
    ["ALTER TABLE a ADD COLUMN b text NOT NULL DEFAULT '';", ["R1 sql-add-column"]],
    ["ALTER TABLE a ADD b text;", ["R1 sql-add-column"]],
    [
      "ALTER TABLE a ADD b numeric(4, 2) NOT NULL, ADD c int DEFAULT 1, DROP COLUMN d;",
      ["R4 sql-drop-column", "R3 sql-add-not-null", "R1 sql-add-column"],
    ],
    [`ALTER TABLE a ADD b text ${"/* x */ y ".repeat(3000)};`, ["R4 sql-too-long"]],
    [`INSERT INTO a VALUES ${"(1, 2), ".repeat(50_000)}(3, 4);`, ["R1 sql-insert"]],
    ["ALTER TABLE a ALTER b SET NOT NULL;", ["R3 sql-set-not-null"]],
    ["ALTER TABLE a RENAME COLUMN b TO c;", ["R3 sql-rename"]],
    ["CREATE INDEX i ON a (b);", ["R2 sql-create-index"]],
    ["CREATE UNIQUE INDEX CONCURRENTLY i ON a (b);", ["R1 sql-create-index-online"]],
    ["UPDATE a SET b = 1;", ["R4 sql-update-all"]],
    ["UPDATE a SET b = 1 WHERE c;", ["R3 sql-update"]],
    ["DELETE FROM a WHERE b;", ["R4 sql-delete"]],
    ["TRUNCATE a;", ["R4 sql-truncate"]],
    ["DO $$ BEGIN DROP TABLE a; END $$;", ["R2 sql-body"]],
    ["CREATE TABLE a (id int);", ["R1 sql-create"]],
    ["-- DROP TABLE a;\nCREATE TABLE b (c text DEFAULT 'x; DROP TABLE a');", ["R1 sql-create"]],
    ["/* DROP TABLE a; */ SELECT 1;", []],
    ["SELECT 1;\nDROP/**/TABLE a;", ["R4 sql-drop-table"]],
  ])("%s", (text, expected) => {
    expect(sql(text)).toEqual(expected);
  });

  test("the line and the phase of each statement are told", () => {
    const found = classifyFiles([
      changed("db/migration/V3__x.sql", null, "CREATE TABLE a (\n  id int\n);\n\n-- gone\nDROP TABLE b;\n"),
    ]);
    expect(found.map(({ rule, line, phase }) => [rule, line, phase])).toEqual([
      ["sql-drop-table", 6, "contract"],
      ["sql-create", 1, "expand"],
    ]);
  });

  test("by content, wherever the file lies", () => {
    expect(sql("DROP TABLE a;", "services/orders/cleanup.sql")).toEqual(["R4 sql-drop-table"]);
    expect(sql("SELECT * FROM a;", "reports/monthly.sql")).toEqual([]);
  });

  test.each([
    ["db/migration/U2__x.sql", "DROP TABLE a;"],
    ["migrations/0001_x.down.sql", "DROP TABLE a;"],
    ["migrations/0001_x.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP TABLE a;"],
  ])("a way back is not run on the way forward: %s", (path, text) => {
    expect(sql(text, path)).toEqual([]);
  });

  test("an edit of an old one never runs, and is told", () => {
    expect(told(changed("db/migration/V1__a.sql", "CREATE TABLE a ();", "CREATE TABLE a (b int);"))).toEqual([
      "R3 migration-edited",
      "R1 sql-create",
    ]);
    expect(told(changed("db/migration/V1__a.sql", "CREATE TABLE a ();", null))).toEqual([
      "R3 migration-deleted",
    ]);
    expect(
      told(changed("db/migration/R__view.sql", "CREATE VIEW a AS SELECT 1", "CREATE VIEW a AS SELECT 2")),
    ).toEqual(["R1 sql-create"]);
  });

  test.each([
    [
      "db/migrate/2026_x.rb",
      "def up\n  remove_column :a, :b\nend\ndef down\n  drop_table :c\nend\n",
      ["R4 migration-drop-column"],
    ],
    [
      "alembic/versions/1_x.py",
      "def upgrade():\n    op.add_column('a')\n\ndef downgrade():\n    op.drop_column('a', 'b')\n",
      ["R1 migration-add"],
    ],
    [
      "app/migrations/0002_x.py",
      "operations = [migrations.RemoveField('a', 'b')]\n",
      ["R4 migration-drop-column"],
    ],
    [
      "liquibase/1.xml",
      '<databaseChangeLog><changeSet id="1">\n<dropTable tableName="a"/>\n</changeSet></databaseChangeLog>',
      ["R4 migration-drop-table"],
    ],
    [
      "liquibase/1.yaml",
      "databaseChangeLog:\n  - changeSet:\n      changes:\n        - dropColumn: { tableName: a }\n",
      ["R4 migration-drop-column"],
    ],
    [
      "migrations/1.js",
      "exports.up = (knex) => knex.schema.dropTable('a');\nexports.down = () => {};\n",
      ["R4 migration-drop-table"],
    ],
    ["migrations/1.py", "surprise()\n", ["R2 migration-unknown"]],
  ])("as code: %s", (path, text, expected) => {
    expect(told(changed(path, null, text))).toEqual(expected);
  });

  test("a real linter takes the place of keywords", () => {
    const found = classifyFiles([changed("db/migration/V2__x.sql", null, "DROP TABLE a;")], {
      lintSql: (sqlText, path) => [
        { path, subject: sqlText, rule: "linted", class: "R5", message: "m", wayOut: "w", line: 1 },
      ],
    });
    expect(found.map(({ rule }) => rule)).toEqual(["linted"]);
  });
});

describe("identity and database files beside Terraform's own", () => {
  const trust = (...accounts: readonly string[]) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: accounts }, Action: "sts:AssumeRole" }],
    });
  test.each([
    ["one that lets everybody in", "iam/role.json", trust("a"), trust("a", "*"), "R3 policy-public"],
    ["one that lets somebody else in", "live/trust.json", trust("a"), trust("a", "b"), "R3 trust-widened"],
    ["one that lets fewer in", "live/trust.json", trust("a", "b"), trust("a"), "R2 policy-changed"],
    ["a new one", "live/trust.json", null, trust("a"), "R2 policy-changed"],
    ["a new one for everybody", "live/trust.json", null, trust("*"), "R3 policy-public"],
    ["one that goes", "iam/role.json", trust("a"), null, "R2 policy-changed"],
  ])("a policy document: %s", (_what, path, before, after, expected) => {
    expect(told(changed(path, before, after))).toEqual([expected]);
  });

  test.each([
    ["iam/groups.csv", ["R2 stateful-path"]],
    ["platform/iam/roles.yaml", ["R2 stateful-path"]],
    ["terraform/prod/rds-parameters.json", ["R2 stateful-path"]],
    ["live/terraform/eu/postgres/init.sh", ["R2 stateful-path"]],
    // Judged by their plan, or program code.
    ["terraform/prod/rds.tf", []],
    ["terraform/prod/rds.tf.json", []],
    ["terraform/prod/rds.tfvars", []],
    ["src/iam/service.ts", []],
    ["terraform/prod/words.json", []],
    ["docs/rds.json", []],
  ])("%s", (path, expected) => {
    expect(told(changed(path, '{"a": 1}', '{"a": 2}'))).toEqual(expected);
  });
});

test("what lies among stateful things and cannot be judged is told by its path", () => {
  expect(told(changed("kafka-topics/orders.properties", "retention=7", "retention=1"))).toEqual([
    "R2 stateful-path",
  ]);
  expect(told(changed("external-secrets/x.jsonnet", "{}", null))).toEqual(["R3 stateful-path"]);
  expect(told(changed("kafka-topics/README.md", "a", "b"), changed("main.tf", "a", "b"))).toEqual([]);
});

describe("files that decide about state in a form of their own", () => {
  const crossplane = (deletion: string, days: number): string =>
    `apiVersion: rds.aws.upbound.io/v1beta1\nkind: Instance\nmetadata: { name: orders }\nspec:\n  deletionPolicy: ${deletion}\n  forProvider: { backupRetentionPeriod: ${days} }\n`;
  const schedule = (ttl: string, paused = false): string =>
    `apiVersion: velero.io/v1\nkind: Schedule\nmetadata: { name: nightly }\nspec: { paused: ${paused}, template: { ttl: ${ttl} } }\n`;
  const lifecycle = (days: number): string =>
    JSON.stringify({
      Rules: [{ ID: "old", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: days } }],
    });
  const mapping = (properties: object): string => JSON.stringify({ mappings: { properties } });
  const phases = (age: string): string =>
    JSON.stringify({ policy: { phases: { delete: { min_age: age, actions: { delete: {} } } } } });
  const avro = (...fields: readonly object[]): string =>
    JSON.stringify({ type: "record", name: "Order", fields });
  const ID = { name: "id", type: "string" };
  const machine = (start: string): string => JSON.stringify({ StartAt: start, States: { A: {}, B: {} } });

  test.each([
    [
      "a workflow model",
      "order.bpmn",
      "<bpmn:process id='a'/>",
      "<bpmn:process id='b'/>",
      ["R3 workflow-changed"],
    ],
    ["a model that is only laid out anew", "order.bpmn", "<a>\n <b/></a>", "<a> <b/></a>", []],
    ["a new model", "order.bpmn", null, "<bpmn:process id='b'/>", []],
    ["a model that goes", "order.bpmn", "<bpmn:process id='b'/>", null, ["R3 workflow-removed"]],
    [
      "a state machine, told by its content",
      "flows/a.json",
      machine("A"),
      machine("B"),
      ["R3 workflow-changed"],
    ],
    [
      "a store's persistence",
      "redis/redis.conf",
      "appendonly yes\n",
      "appendonly no\n",
      ["R4 persistence-off"],
    ],
    ["a comment in its settings", "redis/redis.conf", "appendonly yes\n", "# a\nappendonly yes\n", []],
    [
      "its eviction",
      "redis.conf",
      "maxmemory-policy noeviction\n",
      "maxmemory-policy allkeys-lru\n",
      ["R3 eviction-changed"],
    ],
    [
      "a broker's retention",
      "kafka/server.properties",
      "log.retention.hours=168\n",
      "log.retention.hours=24\n",
      ["R4 retention-lowered"],
    ],
    [
      "fewer copies in sync",
      "kafka/server.properties",
      "min.insync.replicas = 2\n",
      "min.insync.replicas = 1\n",
      ["R3 replication-lowered"],
    ],
    [
      "a field that goes",
      "order.avsc",
      avro(ID, { name: "x", type: "int" }),
      avro(ID),
      ["R3 compatibility-lowered"],
    ],
    [
      "a field of another type",
      "order.avsc",
      avro(ID),
      avro({ name: "id", type: "long" }),
      ["R3 compatibility-lowered"],
    ],
    [
      "a new field without a default",
      "order.avsc",
      avro(ID),
      avro(ID, { name: "x", type: "int" }),
      ["R3 compatibility-lowered"],
    ],
    ["a new field with one", "order.avsc", avro(ID), avro(ID, { name: "x", type: "int", default: 0 }), []],
    [
      "a mapping of another type",
      "index/orders.json",
      mapping({ id: { type: "keyword" } }),
      mapping({ id: { type: "text" } }),
      ["R3 mapping-changed"],
    ],
    [
      "a mapping with one more property",
      "index/orders.json",
      mapping({ id: { type: "keyword" } }),
      mapping({ id: { type: "keyword" }, at: { type: "date" } }),
      [],
    ],
    ["indexes that go sooner", "ilm.json", phases("90d"), phases("30d"), ["R4 retention-lowered"]],
    ["indexes that stay longer", "ilm.json", phases("30d"), phases("90d"), []],
    ["objects that go sooner", "lifecycle.json", lifecycle(365), lifecycle(30), ["R4 expiry-shortened"]],
    ["objects that stay longer", "lifecycle.json", lifecycle(30), lifecycle(365), []],
    [
      "a cloud resource without its guard",
      "db.yaml",
      crossplane("Orphan", 7),
      crossplane("Delete", 7),
      ["R3 deletion-policy-delete"],
    ],
    [
      "its shorter backups",
      "db.yaml",
      crossplane("Orphan", 14),
      crossplane("Orphan", 7),
      ["R4 retention-lowered"],
    ],
    ["a cloud resource that goes", "db.yaml", crossplane("Delete", 7), null, ["R4 manifest-deleted"]],
    ["one that is left behind", "db.yaml", crossplane("Orphan", 7), null, ["R3 manifest-deleted"]],
    [
      "backups that are kept less long",
      "velero.yaml",
      schedule("720h0m0s"),
      schedule("24h0m0s"),
      ["R4 backup-retention-lowered"],
    ],
    ["backups that stop", "velero.yaml", schedule("720h"), schedule("720h", true), ["R4 backup-off"]],
    [
      "a database's image of another major version",
      "values.yaml",
      "postgresql:\n  image: { tag: '15.3' }\n",
      "postgresql:\n  image: { tag: '16.1' }\n",
      ["R3 major-version"],
    ],
    [
      "its image of another minor version",
      "values.yaml",
      "postgresql:\n  image: { tag: '15.3' }\n",
      "postgresql:\n  image: { tag: '15.8' }\n",
      [],
    ],
  ])("%s", (_what, path, before, after, expected) => {
    expect(told(changed(path, before, after))).toEqual(expected);
  });
});

describe("charts that a chart brings along", () => {
  const chart = (version: string, more = "") =>
    `apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n  - { name: postgresql, version: "${version}", repository: "https://charts.example.com" }\n  - { name: nginx, version: 13.0.0 }\n${more}`;

  test.each([
    ["a store of a new major version", chart("12.1.0"), chart("15.0.0"), ["R3 chart-major-version"]],
    ["a range of another major version", chart("~12.1.0"), chart("^15"), ["R3 chart-major-version"]],
    ["a minor version", chart("10.1.0"), chart("10.11.2"), []],
    ["the chart's own version", chart("12.1.0"), chart("12.1.0").replace("1.0.0", "2.0.0"), []],
    [
      "a store that is taken out",
      chart("12.1.0"),
      "apiVersion: v2\nname: shop\n",
      ["R4 chart-dependency-removed"],
    ],
    [
      "something that keeps nothing, of a new major version",
      chart("12.1.0"),
      chart("12.1.0").replace("13.0.0", "14.0.0"),
      ["R2 chart-major-version"],
    ],
    ["a chart that cannot be read", chart("12.1.0"), "a: [", ["R3 chart-unreadable"]],
    ["a new chart", null, chart("12.1.0"), []],
  ])("%s", (_what, before, after, expected) => {
    expect(told(changed("charts/shop/Chart.yaml", before, after))).toEqual(expected);
  });
});

describe("a compose file", () => {
  const FILE = `services:
  db:
    image: docker.io/postgres:15-alpine
    volumes: ["data:/var/lib/postgresql/data", "./init:/docker-entrypoint-initdb.d"]
  web:
    image: acme/web:1
volumes:
  data: {}
`;
  test.each([
    ["another image of the web", FILE.replace("web:1", "web:2"), []],
    ["another folder of the machine", FILE.replace("./init", "./start"), []],
    ["a minor version", FILE.replace("15-alpine", "15.4-alpine"), []],
    ["a major version", FILE.replace("15-alpine", "16-alpine"), ["R3 major-version"]],
    ["another store", FILE.replace("postgres:15", "mysql:8"), ["R3 image-changed"]],
    [
      "a volume that leaves",
      FILE.replace('"data:/var/lib/postgresql/data", ', "").replace("volumes:\n  data: {}\n", ""),
      ["R3 volume-removed", "R3 volume-changed"],
    ],
    ["a volume elsewhere", FILE.replace("data: {}", "data: { driver: nfs }"), ["R3 volume-changed"]],
    [
      "the long form of the same",
      FILE.replace(
        '"data:/var/lib/postgresql/data"',
        "{ type: volume, source: data, target: /var/lib/postgresql/data }",
      ),
      [],
    ],
    ["a service that goes", FILE.replace(/ {2}db:[\s\S]*?(?= {2}web)/, ""), ["R3 service-removed"]],
    ["what cannot be read", "a: [", ["R3 compose-unreadable"]],
  ])("%s", (_what, after, expected) => {
    expect(told(changed("deploy/docker-compose.yml", FILE, after))).toEqual(expected);
  });
});
