// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL holds templates of its own.
import { gone, type Part, topic } from "./structure.ts";

const kept = (...targets: readonly (readonly [to: string, id: string])[]): string =>
  targets.map(([to, id]) => `import {\n  to = ${to}\n  id = "${id}"\n}\n`).join("\n");
const setTopic =
  (name: string, partitions: number): Part["console"] =>
  (cloud) =>
    cloud.set("kafka_topic", name, { partitions });
const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Blocks that people leave in the code after they have done their work. They all lie in one root module: a proof that
 * could not plan with one of them would prove nothing of the others.
 */
export const KEPT_PARTS: readonly Part[] = [
  {
    id: "k1",
    form: "kept import block of what was deleted: both go",
    loses: ["# taken over in May"],
    code: `${topic("k1")}\n${topic("k1_next")}`,
    merged: {
      "k1-import.tf": `# taken over in May\n${kept(["kafka_topic.k1", "k1"])}\n${kept(["kafka_topic.k1_next", "k1_next"])}`,
    },
    console: gone("k1"),
    has: ["kafka_topic.k1_next"],
    hasNot: ["May", "kafka_topic.k1\n", '"kafka_topic" "k1"'],
  },
  {
    id: "k2",
    form: "kept import block of an instance that was deleted: its entry and the block go",
    code: 'resource "kafka_topic" "k2" {\n  for_each           = toset(["a", "b"])\n  name               = "k2-${each.key}"\n  partitions         = 3\n  replication_factor = 1\n}\n',
    merged: { "k2-import.tf": kept(['kafka_topic.k2["a"]', "k2-a"], ['kafka_topic.k2["b"]', "k2-b"]) },
    console: gone("k2-b"),
    has: ['toset(["a"])', 'kafka_topic.k2["a"]'],
    hasNot: ['kafka_topic.k2["b"]'],
  },
  {
    id: "k3",
    form: "kept import block of a resource in a module that was deleted: block and import go",
    files: {
      "k3.tf": 'module "k3" {\n  source = "./k3m"\n}\n',
      "k3m/main.tf": `${topic("k3_a")}\n${topic("k3_b")}`,
    },
    merged: { "k3-import.tf": kept(["module.k3.kafka_topic.k3_a", "k3_a"]) },
    console: gone("k3_a"),
    has: ["k3_b"],
    hasNot: ["kafka_topic.k3_a", '"k3_a"'],
  },
  {
    id: "k4",
    form: "kept import block beside a changed value: it stays",
    code: topic("k4"),
    merged: { "k4-import.tf": kept(["kafka_topic.k4", "k4"]) },
    console: setTopic("k4", 6),
    has: ["partitions         = 6", "to = kafka_topic.k4\n"],
  },
  {
    id: "k5",
    form: "kept import blocks in JSON syntax: that of what was deleted goes",
    code: `${topic("k5_a")}\n${topic("k5_b")}`,
    merged: {
      "k5-import.tf.json": json({
        import: [
          { to: "kafka_topic.k5_a", id: "k5_a" },
          { to: "kafka_topic.k5_b", id: "k5_b" },
        ],
      }),
    },
    console: gone("k5_a"),
    has: ['"to": "kafka_topic.k5_b"'],
    hasNot: ["k5_a"],
  },
  {
    id: "k6",
    form: "kept moved and removed blocks and a check beside drift",
    code: `${topic("k6_old", "", "k6")}\n${topic("k6_left")}`,
    merged: {
      "k6.tf": `moved {\n  from = kafka_topic.k6_old\n  to   = kafka_topic.k6\n}\n\nremoved {\n  from = kafka_topic.k6_gone\n\n  lifecycle {\n    destroy = false\n  }\n}\n\n${topic("k6")}\n${topic("k6_left")}\ncheck "k6" {\n  assert {\n    condition     = kafka_topic.k6.partitions > 1\n    error_message = "too few"\n  }\n}\n`,
    },
    console: setTopic("k6", 6),
    has: ["partitions         = 6", "moved {", "removed {", "condition     = kafka_topic.k6.partitions > 1"],
    // That is merged code which waits for its apply.
    left: ["kafka_topic.k6: move"],
  },
  {
    id: "k7",
    form: "deleted, but still named by a check",
    code: topic("k7"),
    merged: {
      "k7-check.tf":
        'check "k7" {\n  assert {\n    condition     = kafka_topic.k7.partitions > 1\n    error_message = "too few"\n  }\n}\n',
    },
    console: gone("k7"),
    result: "refused",
    refuses: ["still referred to by check.k7"],
    left: ["kafka_topic.k7: create"],
  },
  {
    id: "k8",
    form: "deleted: what depends_on names in JSON syntax leaves it",
    files: {
      "k8.tf": `${topic("k8_a")}\n${topic("k8_b")}`,
      "k8_json.tf.json": json({
        resource: {
          kafka_topic: {
            k8_c: {
              name: "k8_c",
              partitions: 3,
              replication_factor: 1,
              depends_on: ["kafka_topic.k8_a", "kafka_topic.k8_b"],
            },
            k8_d: { name: "k8_d", partitions: 3, replication_factor: 1, depends_on: ["kafka_topic.k8_a"] },
          },
        },
      }),
    },
    console: gone("k8_a"),
    has: ['"depends_on": [\n          "kafka_topic.k8_b"\n        ]'],
    hasNot: ["k8_a"],
  },
];
