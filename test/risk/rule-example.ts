import type { CatalogueRule } from "../../src/model/catalogue.ts";
import type { Json } from "../../src/model/json.ts";

/** Values before and after at a rule's path, and what else the resource holds. */
export interface Example {
  readonly before: Json;
  readonly after: Json;
}

/** A change that the rule is about. */
export const firingExample = (rule: CatalogueRule): Example => EXAMPLES[rule.when](rule).fires;

/** The change most like it that the rule must not fire on. */
export const nearMisses = (rule: CatalogueRule): readonly Example[] => EXAMPLES[rule.when](rule).misses;

interface Examples {
  readonly fires: Example;
  readonly misses: readonly Example[];
}

const pair = (before: Json, after: Json): Example => ({ before, after });
const flip = ({ before, after }: Example): Example => pair(after, before);
const policy = (principal: Json, more: object = {}): string =>
  JSON.stringify({ Statement: [{ Effect: "Allow", Principal: principal, Action: "s3:GetObject", ...more }] });

const account = { AWS: "arn:aws:iam::1:root" };
const bound = { Condition: { StringEquals: { "aws:SourceAccount": "1" } } };

const EXAMPLES: { readonly [when in CatalogueRule["when"]]: (rule: CatalogueRule) => Examples } = {
  "turned-off": () => ({
    fires: pair(true, false),
    misses: [pair(false, true), pair(true, true), pair(false, false)],
  }),
  "turned-on": () => ({ fires: pair(false, true), misses: [pair(true, false), pair(true, true)] }),
  lowered: ({ values }) => {
    const [low, high] = values.length > 0 ? [values[0]!, values.at(-1)!] : [7, 30];
    return { fires: pair(high, low), misses: [pair(low, high), pair(high, high)] };
  },
  raised: () => ({ fires: pair(7, 30), misses: [pair(30, 7), pair(7, 7)] }),
  changed: () => ({ fires: pair("one", "two"), misses: [pair("one", "one"), pair(null, "")] }),
  removed: () => ({ fires: pair("one", null), misses: [pair(null, "one"), pair("one", "two")] }),
  "major-raised": () => ({
    fires: pair("14.9", "15.1"),
    misses: [pair("14.1", "14.9"), pair("15.1", "14.9")],
  }),
  "major-lowered": () => ({
    fires: pair("15.1", "14.9"),
    misses: [pair("14.9", "14.1"), pair("14.9", "15.1")],
  }),
  becomes: (rule) => ({
    fires: pair("another", rule.values[0]!),
    misses: [pair(rule.values[0]!, "another"), pair(rule.values[0]!, rule.values[0]!)],
  }),
  leaves: (rule) => ({
    fires: pair(rule.values[0]!, "another"),
    misses: [pair("another", rule.values[0]!), pair(rule.values[0]!, rule.values[0]!)],
  }),
  "opened-to-world": () => {
    const block = (cidr: string): Json => [{ from_port: 443, cidr_blocks: [cidr], source_addresses: [cidr] }];
    return {
      fires: pair(block("10.0.0.0/8"), block("0.0.0.0/0")),
      misses: [
        flip(pair(block("10.0.0.0/8"), block("0.0.0.0/0"))),
        pair(block("10.0.0.0/8"), block("10.1.0.0/16")),
        pair(block("0.0.0.0/0"), block("0.0.0.0/0")),
      ],
    };
  },
  "made-public": () => ({
    fires: pair(policy(account), policy("*")),
    misses: [
      pair(policy("*"), policy(account)),
      pair(policy(account), policy("*", bound)),
      pair(policy(account), policy("*", { Effect: "Deny" })),
    ],
  }),
  "principal-added": () => ({
    fires: pair(policy(account), policy({ AWS: ["arn:aws:iam::1:root", "arn:aws:iam::2:root"] })),
    misses: [
      pair(policy({ AWS: ["arn:aws:iam::1:root", "arn:aws:iam::2:root"] }), policy(account)),
      pair(policy(account), policy(account, bound)),
    ],
  }),
  "element-removed": () => ({
    fires: pair([{ name: "a" }, { name: "b" }], [{ name: "b" }]),
    misses: [
      pair([{ name: "a" }], [{ name: "a" }, { name: "b" }]),
      pair([{ name: "a", x: 1 }], [{ name: "a", x: 2 }]),
    ],
  }),
  "expires-sooner": () => {
    const expiring = (days: number, status = "Enabled"): Json => [{ status, expiration: [{ days }] }];
    return {
      fires: pair(expiring(90), expiring(30)),
      misses: [
        flip(pair(expiring(90), expiring(30))),
        pair([], expiring(30, "Disabled")),
        pair(expiring(30), []),
      ],
    };
  },
  "persistence-changed": () => ({
    fires: pair(["persistence:\n  size: 8Gi\n"], ["persistence:\n  size: 4Gi\n"]),
    misses: [pair(["image: a\npersistence:\n  size: 8Gi\n"], ["persistence: {size: 8Gi}\nimage: b\n"])],
  }),
  "named-on-destroy": (rule) => ({
    fires: pair(`acme-${rule.values[0]}`, null),
    misses: [pair("acme-orders", null), pair(null, null)],
  }),
  // It hangs on the plan's own words, not on values: type-fixtures.test.ts gives them.
  "forces-replacement": () => ({ fires: pair("one", "two"), misses: [pair("one", "two")] }),
  "all-allowed": () => {
    const allowed = (action: string, resource: string): string =>
      JSON.stringify({ Statement: [{ Effect: "Allow", Action: action, Resource: resource }] });
    return {
      fires: pair(allowed("s3:*", "*"), allowed("*", "*")),
      misses: [
        pair(allowed("*", "*"), allowed("s3:*", "*")),
        pair(allowed("s3:*", "*"), allowed("*", "arn:aws:s3:::a/*")),
        pair(allowed("*", "*"), allowed("*", "*")),
      ],
    };
  },
  "element-added": () => ({
    fires: pair([{ name: "a" }], [{ name: "a" }, { name: "b" }]),
    misses: [
      pair([{ name: "a" }, { name: "b" }], [{ name: "b" }]),
      pair([{ name: "a", x: 1 }], [{ name: "a", x: 2 }]),
    ],
  }),
  "true-on-destroy": () => ({ fires: pair(true, null), misses: [pair(false, null), pair(null, null)] }),
};

/** A value in which `held` stands at the path; `*` is the first of a list. */
export const valueWith = (path: CatalogueRule["path"], held: Json): Json =>
  path.reduceRight<Json>(
    (inner, step) => (typeof step === "number" || step === "*" ? [inner] : { [step]: inner }),
    held,
  );
