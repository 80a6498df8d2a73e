import { canonicalJson, isJsonObject, type Json } from "../model/json.ts";

/** Every way in from the whole internet that the rules, blocks or addresses in the value give, as text to compare. */
export const worldOpenings = (value: Json | undefined): readonly string[] => {
  const items = Array.isArray(value) ? value : [value ?? null];
  return items.flatMap((item) => worldAddresses(item).map((address) => `${address} ${scopeOf(item)}`));
};

/** Whether the addresses of a rule or block come only at apply; `unknown` is the marks at the rule's path. */
export const hidesAddresses = (unknown: Json | undefined): boolean => {
  if (unknown === true) return true;
  if (Array.isArray(unknown)) return unknown.some(hidesAddresses);
  return isJsonObject(unknown) && ADDRESS_KEYS.some((key) => hidesAddresses(unknown[key]));
};

const worldAddresses = (value: Json): readonly string[] => {
  if (typeof value === "string") return isWorld(value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(worldAddresses);
  if (!isJsonObject(value) || !letsIn(value)) return [];
  return ADDRESS_KEYS.flatMap((key) => worldAddresses(value[key] ?? null));
};

// Two halves of the address space are the whole of it.
const isWorld = (address: string): boolean =>
  /^[0-9a-f.:]*\/0$|^(0\.0\.0\.0|128\.0\.0\.0|::|8000::)\/1$|^(\*|internet|any|all|0\.0\.0\.0)$/i.test(
    address,
  );

const letsIn = (block: { readonly [key: string]: Json }): boolean =>
  !OUTWARD.has(textAt(block, "direction")) &&
  !REFUSING.has(textAt(block, "access") || textAt(block, "action"));

const OUTWARD = new Set(["outbound", "egress", "out"]);
const REFUSING = new Set(["deny", "drop", "reject"]);

const textAt = (block: { readonly [key: string]: Json }, key: string): string =>
  String(block[key] ?? "").toLowerCase();

/** Ports and protocol of a block: the same address on other ports is a new opening, another description is not. */
const scopeOf = (item: Json): string => {
  if (!isJsonObject(item)) return "";
  const kept = Object.entries(item).filter(
    ([key]) => !ADDRESS_KEYS.includes(key) && !LABEL_KEYS.includes(key),
  );
  return canonicalJson(Object.fromEntries(kept));
};

const ADDRESS_KEYS = [
  "cidr_blocks",
  "ipv6_cidr_blocks",
  "cidr_block",
  "cidr_range",
  "ipv6_cidr_block",
  "cidr_ipv4",
  "cidr_ipv6",
  "source_ranges",
  "source_address_prefix",
  "source_address_prefixes",
  "source_addresses",
  "source_ips",
  "source",
  "value",
  "ip_range",
];

const LABEL_KEYS = [
  "description",
  "name",
  "display_name",
  "priority",
  "rule_no",
  "security_groups",
  "prefix_list_ids",
  "self",
];
