import {
  B,
  chosen,
  computed,
  ID,
  N,
  optional,
  type ResourceType,
  required,
  S,
  STRINGS,
  TAGS,
  withDefault,
} from "../schema.ts";

export const awsDynamodbTable: ResourceType = {
  id: (table) => String(table["name"]),
  refuseDelete: (table) =>
    table["deletion_protection_enabled"] === true
      ? `ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`
      : undefined,
  check: ({ billing_mode: mode }) =>
    typeof mode === "string" && !["PROVISIONED", "PAY_PER_REQUEST"].includes(mode)
      ? { billing_mode: 'expected "PROVISIONED" or "PAY_PER_REQUEST"' }
      : {},
  attributes: {
    id: ID,
    name: required(S, { replace: true }),
    billing_mode: withDefault(S, "PROVISIONED"),
    hash_key: required(S, { replace: true }),
    range_key: optional(S, { replace: true }),
    read_capacity: chosen(N, () => 0),
    write_capacity: chosen(N, () => 0),
    table_class: withDefault(S, "STANDARD"),
    stream_enabled: optional(B),
    stream_view_type: chosen(S, () => ""),
    deletion_protection_enabled: withDefault(B, false),
    arn: computed(
      S,
      (table, { region, account }) => `arn:aws:dynamodb:${region}:${account}:table/${table["name"]}`,
    ),
    ...TAGS,
  },
  blocks: {
    attribute: { nesting: "set", attributes: { name: required(S), type: required(S) } },
    ttl: { nesting: "list", max: 1, attributes: { attribute_name: optional(S), enabled: optional(B) } },
    point_in_time_recovery: {
      nesting: "list",
      max: 1,
      attributes: { enabled: required(B), recovery_period_in_days: optional(N) },
    },
    server_side_encryption: {
      nesting: "list",
      max: 1,
      attributes: { enabled: required(B), kms_key_arn: optional(S) },
    },
    global_secondary_index: {
      nesting: "set",
      attributes: {
        name: required(S),
        hash_key: required(S),
        range_key: optional(S),
        projection_type: required(S),
        non_key_attributes: optional(STRINGS),
        read_capacity: optional(N),
        write_capacity: optional(N),
      },
    },
  },
};
