import type { CatalogueRule } from "../model/catalogue.ts";
import { canonicalJson, isExactNumber, isJsonObject, type Json } from "../model/json.ts";
import { isNoise } from "../model/value-diff.ts";
import { expiresSooner } from "./expiry.ts";
import { persistenceDiffers } from "./persistence.ts";
import { fullGrants, principals, publicGrants } from "./policy-document.ts";
import { worldOpenings } from "./world-opening.ts";

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
  "element-added": (before, after) => isNew(elementNames, before, after),
  "element-removed": (before, after) => isNew(elementNames, after, before),
  "expires-sooner": expiresSooner,
  "persistence-changed": persistenceDiffers,
  "true-on-destroy": (before) => isTrue(before),
  "named-on-destroy": (before, _after, rule) => isNamed(before, rule),
  // Whether a replace is forced stands in the plan, not in the values.
  "forces-replacement": () => false,
  "all-allowed": (before, after) => isNew(fullGrants, before, after),
};

const isTrue = (value: Json | undefined): boolean =>
  value === true || (typeof value === "string" && /^(true|enabled)$/i.test(value));

const isOneOf = (value: Json | undefined, rule: CatalogueRule): boolean =>
  rule.values.some((known) => String(known).toLowerCase() === String(value ?? "").toLowerCase());

const isNamed = (value: Json | undefined, rule: CatalogueRule): boolean =>
  typeof value === "string" && rule.values.some((part) => value.toLowerCase().includes(String(part)));

/** Above 0 where the number went down, below where it went up, 0 where it is not a number on both sides. */
const compare = (before: Json | undefined, after: Json | undefined, rule: CatalogueRule): number => {
  const [left, right] = [numberOf(before, rule), numberOf(after, rule)];
  if (left === undefined || right === undefined || left === right) return 0;
  return left > right ? 1 : -1;
};

/** Whether the value, or its absence, is something that can go down or up. */
export const isMeasured = (rule: CatalogueRule, value: Json | undefined): boolean =>
  numberOf(value, rule) !== undefined;

const numberOf = (value: Json | undefined, rule: CatalogueRule): number | undefined => {
  if (rule.values.length > 0) return rankOf(value, rule);
  const text = isExactNumber(value) ? value.rawJSON : value;
  if (text === undefined || text === null || text === "") return rule.absent;
  if (typeof text !== "number" && typeof text !== "string") return undefined;
  // Durations ("2678400s") and sizes ("100Gi") are compared in their base unit.
  const match = /^(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(String(text).trim());
  if (!match) return spelledSeconds(String(text).trim());
  const amount = Number(match[1]);
  if (rule.unlimited.includes(amount)) return Number.POSITIVE_INFINITY;
  return amount * (UNITS[match[2] ?? ""] ?? 1);
};

/** Words in ascending order count by their place. */
const rankOf = (value: Json | undefined, rule: CatalogueRule): number | undefined => {
  const rank = rule.values.findIndex((known) => String(known).toLowerCase() === String(value).toLowerCase());
  return rank < 0 ? undefined : rank;
};

const ISO_DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const GO_DURATION = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/;

/** "P14DT12H", as Azure writes a time to live, or "720h0m0s", as Go and with it Kubernetes do. */
const spelledSeconds = (text: string): number | undefined => {
  const match = ISO_DURATION.exec(text) ?? GO_DURATION.exec(text);
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

// "15.4" -> 15, "aurora-mysql5.7" -> 5.07, "POSTGRES_9_6" -> 9.06, "OpenSearch_2.11" -> 2. MySQL, MariaDB 10 and
// PostgreSQL 9 count their major versions in the second place.
const majorOf = (value: Json | undefined): number => {
  const [, first, second = "0"] = /(\d+)(?:[._](\d+))?/.exec(String(value ?? "")) ?? [];
  if (first === undefined) return Number.NaN;
  return TWO_PLACES.has(first) ? Number(first) + Number(second) / 100 : Number(first);
};

const TWO_PLACES: ReadonlySet<string> = new Set(["5", "8", "9", "10"]);

/** What each element of a list is called, so that an edited element is not taken for a removed one. */
const elementNames = (value: Json | undefined): readonly string[] =>
  (Array.isArray(value) ? value : []).map((item) => {
    const name = isJsonObject(item)
      ? NAME_KEYS.map((key) => item[key]).find((held) => held !== undefined)
      : item;
    return canonicalJson(name ?? item);
  });

const NAME_KEYS = ["region_name", "location", "region", "cluster_id", "id", "name", "replica_name"];

const isNew = (
  read: (value: Json | undefined) => readonly string[],
  before: Json | undefined,
  after: Json | undefined,
): boolean => {
  const known = new Set(read(before));
  return read(after).some((item) => !known.has(item));
};
