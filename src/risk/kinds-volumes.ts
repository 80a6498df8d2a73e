import type { ChangeClass } from "../model/change-class.ts";
import type { JsonObject } from "../model/json.ts";
import { valueAt } from "../model/value-diff.ts";
import { type FieldRule, type KindRule, NEW_VOLUME, rule } from "./manifest-rule.ts";

/** Kinds of Kubernetes itself and of its storage. Source: their API references. */
export const volumeKinds = (): readonly KindRule[] => [
  {
    kinds: ["PersistentVolumeClaim"],
    destroy: "R4",
    loss: " and, where its class says Delete, the data on its volume",
    fields: claimFields,
  },
  {
    kinds: ["VolumeClaimTemplate"],
    destroy: "R4",
    loss: ": replicas start without that volume, and the old ones are left behind",
    fields: claimFields,
  },
  {
    kinds: ["PersistentVolume"],
    destroy: "R3",
    loss: "; the disk behind it stays, unmanaged",
    worseWhere: isDeletePolicy(["spec", "persistentVolumeReclaimPolicy"], " and the disk behind it"),
    fields: [
      rule(
        "reclaim-policy-delete",
        "R4",
        "becomes",
        "spec.persistentVolumeReclaimPolicy",
        "reclaim policy {before} becomes {after}: the disk goes with its claim.",
        "Keep Retain.",
        { values: ["Delete", "Recycle"] },
      ),
      rule(
        "storage-lowered",
        "R3",
        "lowered",
        "spec.capacity.storage",
        "capacity goes from {before} to {after}.",
        NEW_VOLUME,
      ),
    ],
  },
  {
    kinds: ["StorageClass"],
    destroy: "R3",
    loss: ": new claims of it wait forever",
    fields: [
      rule(
        "reclaim-policy-delete",
        "R4",
        "leaves",
        "reclaimPolicy",
        "reclaim policy {before} becomes {after}: new volumes go with their claims.",
        "Keep Retain.",
        { values: ["Retain"] },
      ),
      rule(
        "storage-class-moved",
        "R3",
        "changed",
        "provisioner",
        "provisioner {before} becomes {after}.",
        "Make a new class beside it and move claims over.",
      ),
      rule(
        "storage-class-moved",
        "R3",
        "changed",
        "parameters",
        "parameters change; a class cannot be changed, so that it is deleted and made anew.",
        "Make a new class beside it and move claims over.",
      ),
      rule(
        "expansion-off",
        "R2",
        "turned-off",
        "allowVolumeExpansion",
        "volumes can grow no more.",
        "Leave it on.",
      ),
    ],
  },
  {
    kinds: [
      "VolumeSnapshot",
      "VolumeSnapshotContent",
      "Backup",
      "ScheduledBackup",
      "Schedule",
      "BackupStorageLocation",
    ],
    group: /snapshot|velero|postgresql\.cnpg|backup/,
    destroy: "R4",
    loss: ": a way back is gone",
    fields: [
      rule(
        "deletion-policy-delete",
        "R4",
        "becomes",
        "spec.deletionPolicy",
        "deletion policy becomes {after}.",
        "Keep Retain.",
        { values: ["Delete"] },
      ),
      ...["spec.suspend", "spec.paused"].map((path) =>
        rule("backup-off", "R4", "turned-on", path, "no backups are taken any more.", "Leave it running."),
      ),
      ...["spec.template.ttl", "spec.ttl"].map((path) =>
        rule(
          "backup-retention-lowered",
          "R4",
          "lowered",
          path,
          "backups are kept {after} instead of {before}.",
          "Copy the backups that must stay.",
        ),
      ),
    ],
  },
  {
    kinds: ["VolumeSnapshotClass"],
    destroy: "R3",
    loss: "",
    fields: [
      rule(
        "deletion-policy-delete",
        "R4",
        "becomes",
        "deletionPolicy",
        "deletion policy becomes {after}: snapshots go with their objects.",
        "Keep Retain.",
        { values: ["Delete"] },
      ),
    ],
  },
  {
    kinds: ["StatefulSet"],
    destroy: "R3",
    loss: "; its claims are left behind",
    update: "R1",
    worseWhere: whenDeleted,
    fields: [
      rule(
        "claims-deleted-with-set",
        "R4",
        "becomes",
        "spec.persistentVolumeClaimRetentionPolicy.whenDeleted",
        "volumes go when the set is deleted.",
        "Keep Retain.",
        { values: ["Delete"], onCreate: true },
      ),
      rule(
        "claims-deleted-with-set",
        "R4",
        "becomes",
        "spec.persistentVolumeClaimRetentionPolicy.whenScaled",
        "volumes go when the set is scaled in.",
        "Keep Retain.",
        { values: ["Delete"], onCreate: true },
      ),
      rule(
        "replicas-lowered",
        "R3",
        "lowered",
        "spec.replicas",
        "replicas go from {before} to {after}: what the last ones hold is out of reach.",
        "Drain them first, and verify that their data has moved.",
      ),
      rule(
        "identity-changed",
        "R3",
        "changed",
        "spec.serviceName",
        "service name changes, so that the set is made anew.",
        NEW_VOLUME,
      ),
    ],
  },
];

const claimFields: readonly FieldRule[] = [
  rule(
    "storage-class-changed",
    "R4",
    "changed",
    "spec.storageClassName",
    "storage class {before} becomes {after}; a claim cannot change it, so that it must be made anew.",
    NEW_VOLUME,
  ),
  rule(
    "volume-changed",
    "R4",
    "changed",
    "spec.volumeName",
    "another volume stands behind the claim.",
    NEW_VOLUME,
  ),
  rule(
    "storage-lowered",
    "R4",
    "lowered",
    "spec.resources.requests.storage",
    "size goes from {before} to {after}; no volume shrinks, so that it must be made anew.",
    NEW_VOLUME,
  ),
  rule(
    "storage-raised",
    "R2",
    "raised",
    "spec.resources.requests.storage",
    "size goes from {before} to {after}; that cannot be taken back.",
    "Confirm that the growth is meant.",
  ),
  rule(
    "access-modes-changed",
    "R3",
    "changed",
    "spec.accessModes",
    "access modes change, which a bound claim refuses.",
    NEW_VOLUME,
  ),
  rule(
    "volume-mode-changed",
    "R4",
    "changed",
    "spec.volumeMode",
    "volume mode {before} becomes {after}.",
    NEW_VOLUME,
  ),
];

const whenDeleted = (before: JsonObject): { class: ChangeClass; loss: string } | null =>
  valueAt(before, ["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"]) === "Delete"
    ? { class: "R4", loss: " and the volumes of all its replicas" }
    : null;
const isDeletePolicy = (path: readonly string[], loss: string) => (before: JsonObject) => {
  const policy = valueAt(before, path);
  return policy === "Delete" || policy === undefined ? { class: "R4" as const, loss } : null;
};
