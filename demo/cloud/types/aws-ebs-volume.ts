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
  shrinks,
  TAGS,
  withDefault,
} from "../schema.ts";

/** A volume grows in place; a smaller one, or one encrypted otherwise, is a new volume without the data. */
export const awsEbsVolume: ResourceType = {
  id: () => `vol-0${hex(16)}`,
  check: ({ size, snapshot_id: snapshot, type, throughput }) => ({
    ...(size === null && snapshot === null
      ? { size: "one of `size` or `snapshot_id` must be specified" }
      : {}),
    ...(typeof type === "string" && type !== "gp3" && throughput !== null
      ? { throughput: "`throughput` is for volumes of `type` gp3 only" }
      : {}),
  }),
  attributes: {
    id: ID,
    availability_zone: required(S, { replace: true }),
    size: chosen(N, () => 8, { replace: shrinks }),
    type: chosen(S, () => "gp3"),
    iops: chosen(N, () => 3000),
    throughput: chosen(N, () => 125),
    encrypted: withDefault(B, false, { replace: true }),
    kms_key_id: optional(S, { replace: true }),
    snapshot_id: optional(S, { replace: true }),
    multi_attach_enabled: withDefault(B, false, { replace: true }),
    final_snapshot: optional(B, { local: true }),
    arn: computed(
      S,
      (volume, { region, account }) => `arn:aws:ec2:${region}:${account}:volume/${volume["id"]}`,
    ),
    create_time: computed(S, () => new Date().toISOString()),
    ...TAGS,
  },
};
