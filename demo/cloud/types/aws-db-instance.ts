import {
  B,
  chosen,
  computed,
  hex,
  ID,
  N,
  optional,
  type ResourceType,
  required,
  S,
  STRING_SET,
  shrinks,
  TAGS,
  withDefault,
} from "../schema.ts";
import { asNumber } from "../values.ts";

const port = (engine: unknown): number => (engine === "mysql" || engine === "mariadb" ? 3306 : 5432);

export const awsDbInstance: ResourceType = {
  id: (db) => String(db["identifier"]),
  refuseDelete: (db) =>
    db["deletion_protection"] === true
      ? "InvalidParameterCombination: Cannot delete protected DB Instance, please disable deletion protection and try again."
      : undefined,
  attributes: {
    id: ID,
    identifier: required(S, { replace: true }),
    engine: required(S, { replace: true }),
    engine_version: chosen(S, (db) => (db["engine"] === "mysql" ? "8.0.39" : "16.3")),
    instance_class: required(S),
    allocated_storage: required(N, { replace: shrinks }),
    max_allocated_storage: optional(N),
    storage_type: chosen(S, () => "gp3"),
    iops: chosen(N, () => 3000),
    storage_encrypted: withDefault(B, false, { replace: true }),
    kms_key_id: optional(S, { replace: true }),
    multi_az: chosen(B, () => false),
    availability_zone: chosen(S, (_db, account) => `${account.region}a`, { replace: true }),
    db_subnet_group_name: chosen(S, () => "default"),
    parameter_group_name: chosen(S, (db) => `default.${db["engine"]}`),
    publicly_accessible: withDefault(B, false),
    deletion_protection: withDefault(B, false),
    backup_retention_period: chosen(N, () => 0),
    backup_window: chosen(S, () => "03:00-04:00"),
    maintenance_window: chosen(S, () => "sun:05:00-sun:06:00"),
    auto_minor_version_upgrade: withDefault(B, true),
    iam_database_authentication_enabled: optional(B),
    performance_insights_enabled: withDefault(B, false),
    monitoring_interval: withDefault(N, 0),
    db_name: optional(S, { replace: true }),
    username: optional(S, { replace: true }),
    password: optional(S, { sensitive: true, local: true }),
    port: chosen(N, (db) => port(db["engine"])),
    vpc_security_group_ids: chosen(STRING_SET, () => ["sg-default"]),
    skip_final_snapshot: optional(B, { local: true }),
    final_snapshot_identifier: optional(S, { local: true }),
    delete_automated_backups: optional(B, { local: true }),
    apply_immediately: optional(B, { local: true }),
    arn: computed(S, (db, { region, account }) => `arn:aws:rds:${region}:${account}:db:${db["identifier"]}`),
    endpoint: computed(
      S,
      (db, { region }) =>
        `${db["identifier"]}.c${hex(11)}.${region}.rds.amazonaws.com:${db["port"] ?? port(db["engine"])}`,
    ),
    resource_id: computed(S, () => `db-${hex(26).toUpperCase()}`),
    status: computed(S, () => "available"),
    // Ticks at every read, as the real one does every five minutes, where backups are kept at all.
    latest_restorable_time: {
      type: S,
      computed: true,
      tick: (db) =>
        (asNumber(db["backup_retention_period"] ?? null) ?? 0) > 0 ? new Date().toISOString() : null,
    },
    ...TAGS,
  },
};
