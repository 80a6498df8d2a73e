import type { JsonObject } from "../model/json.ts";
import { valueAt } from "../model/value-diff.ts";
import { COPY_FIRST, type FieldRule, type KindRule, rule } from "./manifest-rule.ts";

/** Kinds of operators that manage cloud resources, and of Strimzi beside clusters and topics. Source: their API references. */
export const cloudKinds = (): readonly KindRule[] => [
  {
    kinds: ["KafkaConnector", "KafkaConnect", "KafkaMirrorMaker2"],
    group: /strimzi/,
    destroy: "R3",
    loss: "; its readers fall behind, and its offsets may be lost",
    update: "R2",
    fields: [
      rule(
        "connector-stopped",
        "R3",
        "becomes",
        "spec.state",
        "the connector is {after}.",
        "Make sure that the source keeps what it has not read yet.",
        { values: ["stopped", "paused"] },
      ),
    ],
  },
  {
    kinds: ["KafkaUser"],
    group: /strimzi/,
    destroy: "R3",
    loss: "; who uses it loses access",
    update: "R2",
    fields: [],
  },
  {
    kinds: ["CronJob"],
    destroy: "R1",
    loss: "",
    update: "R0",
    create: "R0",
    fields: [
      rule(
        "job-suspended",
        "R2",
        "turned-on",
        "spec.suspend",
        "is suspended: backups and clean-ups that it makes stop.",
        "Confirm that nothing relies on it.",
      ),
    ],
  },
  {
    // Crossplane, Google's Config Connector, Amazon's controllers: one kind for each cloud resource.
    kinds: ["*"],
    group: /upbound\.io|crossplane\.io|cnrm\.cloud\.google\.com|services\.k8s\.aws/,
    destroy: "R4",
    loss: " and, where its policy says Delete, the cloud resource behind it",
    worseWhere: (before) =>
      isOrphaned(before) ? { class: "R3", loss: "; what it managed is left behind" } : null,
    update: "R2",
    fields: cloudFields,
  },
];

const isOrphaned = (object: JsonObject): boolean =>
  valueAt(object, ["spec", "deletionPolicy"]) === "Orphan" ||
  valueAt(object, ["metadata", "annotations", "cnrm.cloud.google.com/deletion-policy"]) === "abandon" ||
  valueAt(object, ["metadata", "annotations", "services.k8s.aws/deletion-policy"]) === "retain";

/** A setting lies under `forProvider` (Crossplane) or at once under `spec`. */
const both = (name: string, make: (path: readonly string[]) => FieldRule): readonly FieldRule[] => [
  make(["spec", "forProvider", name]),
  make(["spec", name]),
];

const cloudFields: readonly FieldRule[] = [
  rule(
    "deletion-policy-delete",
    "R3",
    "leaves",
    "spec.deletionPolicy",
    "deletion policy {before} becomes {after}: the cloud resource goes with the object.",
    "Keep Orphan.",
    { values: ["Orphan"] },
  ),
  ...both("deletionProtection", (path) =>
    rule(
      "deletion-protection-off",
      "R3",
      "turned-off",
      path,
      "deletion protection is turned off.",
      "Leave it on.",
    ),
  ),
  ...both("skipFinalSnapshot", (path) =>
    rule(
      "skip-final-snapshot",
      "R3",
      "turned-on",
      path,
      "a later destroy leaves no snapshot.",
      "Keep the snapshot.",
    ),
  ),
  ...both("forceDestroy", (path) =>
    rule(
      "force-destroy-on",
      "R3",
      "turned-on",
      path,
      "a later destroy takes everything in it along.",
      "Leave it off.",
    ),
  ),
  ...["backupRetentionPeriod", "backupRetentionDays", "retentionInDays", "messageRetentionSeconds"].flatMap(
    (name) =>
      both(name, (path) =>
        rule(
          "retention-lowered",
          "R4",
          "lowered",
          path,
          `${name} goes from {before} to {after}.`,
          COPY_FIRST,
        ),
      ),
  ),
  ...both("storageEncrypted", (path) =>
    rule("encryption-off", "R4", "turned-off", path, "encryption is turned off.", "Keep it on."),
  ),
  ...both("publiclyAccessible", (path) =>
    rule(
      "public-on",
      "R3",
      "turned-on",
      path,
      "can be reached from the public network.",
      "Keep it private.",
      {
        onCreate: true,
      },
    ),
  ),
];
