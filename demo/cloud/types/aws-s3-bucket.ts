import {
  B,
  computed,
  ID,
  N,
  optional,
  type ResourceType,
  required,
  S,
  TAGS,
  withDefault,
} from "../schema.ts";

export const awsS3Bucket: ResourceType = {
  id: (bucket) => String(bucket["bucket"]),
  check: ({ bucket }) =>
    typeof bucket === "string" && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)
      ? { bucket: "3 to 63 lower-case letters, digits, dots and hyphens" }
      : {},
  attributes: {
    id: ID,
    bucket: required(S, { replace: true }),
    acl: withDefault(S, "private"),
    object_lock_enabled: withDefault(B, false, { replace: true }),
    force_destroy: optional(B, { local: true }),
    arn: computed(S, (bucket) => `arn:aws:s3:::${bucket["bucket"]}`),
    region: computed(S, (_bucket, account) => account.region),
    bucket_domain_name: computed(S, (bucket) => `${bucket["bucket"]}.s3.amazonaws.com`),
    ...TAGS,
  },
  blocks: {
    versioning: {
      nesting: "list",
      max: 1,
      attributes: { enabled: optional(B), mfa_delete: optional(B) },
    },
    lifecycle_rule: {
      nesting: "list",
      attributes: { id: required(S), enabled: required(B), prefix: optional(S) },
      blocks: {
        expiration: { nesting: "list", max: 1, attributes: { days: optional(N) } },
        noncurrent_version_expiration: { nesting: "list", max: 1, attributes: { days: optional(N) } },
        transition: {
          nesting: "set",
          attributes: { days: optional(N), storage_class: required(S) },
        },
      },
    },
    server_side_encryption_configuration: {
      nesting: "list",
      max: 1,
      attributes: {},
      blocks: {
        rule: {
          nesting: "list",
          max: 1,
          attributes: { bucket_key_enabled: optional(B) },
          blocks: {
            apply_server_side_encryption_by_default: {
              nesting: "list",
              max: 1,
              attributes: { sse_algorithm: required(S), kms_master_key_id: optional(S) },
            },
          },
        },
      },
    },
  },
};
