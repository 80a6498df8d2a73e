import type { CatalogueRule } from "../model/catalogue.ts";
import { canonicalJson, isExactNumber, isJsonObject, type Json } from "../model/json.ts";
import { isNoise, jsonText } from "../model/value-diff.ts";

/** Whether a rule's condition holds between two known values. */
export const holds = (rule: CatalogueRule, before: Json | undefined, after: Json | undefined): boolean =>
  CHECKS[rule.when](before, after, rule);

type Check = (before: Json | undefined, after: Json | undefined, rule: CatalogueRule) => boolean;

const CHECKS: { readonly [condition in CatalogueRule["when"]]: Check } = {
  "turned-off": (before, after) => isTrue(before) && !isTrue(after),
  "turned-on": (before, after) => !isTrue(before) && isTrue(after),
  lowered: (before, after, rule) => compare(before, after, rule) > 0,
  raised: (before, after, rule) => compare(before, after, rule) < 0,
  changed: (before, after) => !isNoise(before, after, { watched: true }),
  removed: (before, after) => !isNoise(before, null) && isNoise(after, null),
  "major-raised": (before, after) => majorOf(before) < majorOf(after),
  "major-lowered": (before, after) => majorOf(before) > majorOf(after),
  becomes: (before, after, rule) => !isOneOf(before, rule) && isOneOf(after, rule),
  leaves: (before, after, rule) => isOneOf(before, rule) && !isOneOf(after, rule),
  "opened-to-world": (before, after) => isNew(worldOpenings, before, after),
  "made-public": (before, after) => isNew(publicGrants, before, after),
  "principal-added": (before, after) => isNew(principals, before, after),
  "true-on-destroy": (before) => isTrue(before),
};

const isTrue = (value: Json | undefined): boolean =>
  value === true || value === "true" || value === "Enabled";

const isOneOf = (value: Json | undefined, rule: CatalogueRule): boolean =>
  rule.values.some((known) => String(known).toLowerCase() === String(value ?? "").toLowerCase());

/** Above 0 where the number went down, below where it went up, 0 where it is not a number on both sides. */
const compare = (before: Json | undefined, after: Json | undefined, rule: CatalogueRule): number => {
  const [left, right] = [numberOf(before, rule), numberOf(after, rule)];
  if (left === undefined || right === undefined || left === right) return 0;
  return left > right ? 1 : -1;
};

const numberOf = (value: Json | undefined, rule: CatalogueRule): number | undefined => {
  const text = isExactNumber(value) ? value.rawJSON : value;
  if (typeof text !== "number" && typeof text !== "string") return undefined;
  // Durations ("2678400s") and sizes ("100Gi") are compared in their base unit.
  const match = /^(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(String(text).trim());
  if (!match) return isoSeconds(String(text));
  const amount = Number(match[1]);
  if (rule.unlimited.includes(amount)) return Number.POSITIVE_INFINITY;
  return amount * (UNITS[match[2] ?? ""] ?? 1);
};

// "P14DT12H", as Azure writes a time to live.
const ISO_DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

const isoSeconds = (text: string): number | undefined => {
  const match = ISO_DURATION.exec(text);
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
};

const UNITS: { readonly [unit: string]: number } = {
  m: 60,
  h: 3600,
  d: 86_400,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
};

// "15.4" -> 15, "aurora-mysql5.7" -> 5, "POSTGRES_15" -> 15, "OpenSearch_2.11" -> 2.
const majorOf = (value: Json | undefined): number => {
  const digits = /\d+/.exec(typeof value === "string" ? value : String(value ?? ""));
  return digits ? Number(digits[0]) : Number.NaN;
};

const isNew = (
  read: (value: Json | undefined) => readonly string[],
  before: Json | undefined,
  after: Json | undefined,
): boolean => {
  const known = new Set(read(before));
  return read(after).some((item) => !known.has(item));
};

const WORLD = ["0.0.0.0/0", "::/0", "*", "Internet", "Any"];

/** Each rule, block or address in the value that names the whole world, as text to compare. */
const worldOpenings = (value: Json | undefined): readonly string[] => {
  const items = Array.isArray(value) ? value : [value ?? null];
  return items.filter(namesWorld).map(canonicalJson);
};

/** Whether the addresses of a rule or block come only at apply; `unknown` is the marks at the rule's path. */
export const hidesAddresses = (unknown: Json | undefined): boolean => {
  if (unknown === true) return true;
  if (Array.isArray(unknown)) return unknown.some(hidesAddresses);
  return isJsonObject(unknown) && ADDRESS_KEYS.some((key) => hidesAddresses(unknown[key]));
};

const namesWorld = (value: Json): boolean => {
  if (typeof value === "string") return WORLD.includes(value);
  if (Array.isArray(value)) return value.some(namesWorld);
  return isJsonObject(value) && ADDRESS_KEYS.some((key) => namesWorld(value[key] ?? null));
};

const ADDRESS_KEYS = [
  "cidr_blocks",
  "ipv6_cidr_blocks",
  "cidr_block",
  "cidr_ipv4",
  "cidr_ipv6",
  "source_ranges",
  "source_address_prefix",
  "source_address_prefixes",
  "value",
  "ip_range",
];

const statements = (value: Json | undefined): readonly Json[] => {
  const document = jsonText(value) ?? value;
  if (!isJsonObject(document)) return [];
  const listed = document["Statement"] ?? [];
  return (Array.isArray(listed) ? listed : [listed]).filter(
    (statement) => isJsonObject(statement) && statement["Effect"] !== "Deny",
  );
};

const principalsOf = (statement: Json): readonly string[] => {
  const principal = isJsonObject(statement) ? statement["Principal"] : undefined;
  if (principal === undefined) return [];
  if (!isJsonObject(principal)) return [principal].flat().map(String);
  return Object.values(principal).flat().map(String);
};

const publicGrants = (value: Json | undefined): readonly string[] =>
  statements(value)
    .filter((statement) => principalsOf(statement).includes("*"))
    .map(canonicalJson);

const principals = (value: Json | undefined): readonly string[] => statements(value).flatMap(principalsOf);
