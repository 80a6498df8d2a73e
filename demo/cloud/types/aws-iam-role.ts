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
  TAGS,
  withDefault,
} from "../schema.ts";

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** `assume_role_policy` is a JSON text, compared as text. */
export const awsIamRole: ResourceType = {
  id: (role) => String(role["name"]),
  check: ({ assume_role_policy: policy }) =>
    typeof policy === "string" && !isJson(policy)
      ? { assume_role_policy: "MalformedPolicyDocument: this is not JSON" }
      : {},
  attributes: {
    id: ID,
    name: chosen(S, () => `terraform-${hex(12)}`, { replace: true }),
    path: withDefault(S, "/", { replace: true }),
    description: optional(S),
    assume_role_policy: required(S),
    managed_policy_arns: chosen(STRING_SET, () => []),
    max_session_duration: withDefault(N, 3600),
    permissions_boundary: optional(S),
    force_detach_policies: optional(B, { local: true }),
    arn: computed(S, (role, { account }) => `arn:aws:iam::${account}:role${role["path"]}${role["name"]}`),
    unique_id: computed(S, () => `AROA${hex(16).toUpperCase()}`),
    create_date: computed(S, () => new Date().toISOString()),
    ...TAGS,
  },
  blocks: {
    inline_policy: { nesting: "set", attributes: { name: optional(S), policy: optional(S) } },
  },
};
