import {
  B,
  chosen,
  computed,
  hex,
  ID,
  N,
  optional,
  type ResourceType,
  S,
  TAGS,
  withDefault,
} from "../schema.ts";

const uuid = (): string => [8, 4, 4, 4, 12].map(hex).join("-");

const defaultPolicy = (account: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  });

export const awsKmsKey: ResourceType = {
  id: uuid,
  check: ({ deletion_window_in_days: days }) =>
    typeof days === "number" && (days < 7 || days > 30)
      ? { deletion_window_in_days: "between 7 and 30 days" }
      : {},
  attributes: {
    id: ID,
    description: chosen(S, () => ""),
    key_usage: withDefault(S, "ENCRYPT_DECRYPT", { replace: true }),
    customer_master_key_spec: withDefault(S, "SYMMETRIC_DEFAULT", { replace: true }),
    multi_region: chosen(B, () => false, { replace: true }),
    policy: chosen(S, (_key, account) => defaultPolicy(account.account)),
    enable_key_rotation: withDefault(B, false),
    rotation_period_in_days: chosen(N, () => 365),
    is_enabled: withDefault(B, true),
    deletion_window_in_days: optional(N, { local: true }),
    arn: computed(S, (key, { region, account }) => `arn:aws:kms:${region}:${account}:key/${key["id"]}`),
    key_id: computed(S, (key) => key["id"] ?? null),
    ...TAGS,
  },
};
