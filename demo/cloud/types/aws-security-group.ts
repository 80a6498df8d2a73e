import {
  type Attributes,
  B,
  type Body,
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
  STRINGS,
  TAGS,
  withDefault,
} from "../schema.ts";
import type { CtyType } from "../values.ts";

const RULE: Attributes = {
  from_port: required(N),
  to_port: required(N),
  protocol: required(S),
  cidr_blocks: optional(STRINGS),
  ipv6_cidr_blocks: optional(STRINGS),
  prefix_list_ids: optional(STRINGS),
  security_groups: optional(STRING_SET),
  self: optional(B),
  description: optional(S),
};
const RULE_SET: CtyType = [
  "set",
  ["object", Object.fromEntries(Object.entries(RULE).map(([name, attribute]) => [name, attribute.type]))],
];

// The real provider has ingress and egress as set-of-object attributes that HCL lets people write as blocks, so
// rules added in the console to a group without rules in code are adopted. DEMOCLOUD_SG=blocks has real blocks.
const rules = (): Body =>
  process.env["DEMOCLOUD_SG"] === "blocks"
    ? {
        attributes: {},
        blocks: {
          ingress: { nesting: "set", attributes: RULE },
          egress: { nesting: "set", attributes: RULE },
        },
      }
    : { attributes: { ingress: chosen(RULE_SET, () => []), egress: chosen(RULE_SET, () => []) } };

export const awsSecurityGroup: ResourceType = {
  id: () => `sg-0${hex(16)}`,
  attributes: {
    id: ID,
    name: required(S, { replace: true }),
    description: withDefault(S, "Managed by Terraform", { replace: true }),
    vpc_id: chosen(S, () => "vpc-0demo", { replace: true }),
    revoke_rules_on_delete: optional(B, { local: true }),
    arn: computed(
      S,
      (group, { region, account }) => `arn:aws:ec2:${region}:${account}:security-group/${group["id"]}`,
    ),
    owner_id: computed(S, (_group, account) => account.account),
    ...rules().attributes,
    ...TAGS,
  },
  blocks: rules().blocks ?? {},
};
