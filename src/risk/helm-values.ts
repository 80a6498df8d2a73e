import type { ChangeClass } from "../model/change-class.ts";
import { isJsonObject, type Json, jsonEqual } from "../model/json.ts";
import type { FileChange, FileFinding } from "../model/stateful-change.ts";
import { holds } from "./condition.ts";
import { documentsIn } from "./yaml-documents.ts";

/** `values.yaml`, `values-prod.yaml`, `prod.values.yml`. */
export const isValuesFile = (path: string): boolean =>
  /(^|\/)([\w.-]+[.-])?values([.-][\w.-]+)?\.ya?ml$/i.test(path);

/** Chart values that decide what is kept: persistence, storage, volumes, retention. */
export const helmFindings = ({ path, before, after }: FileChange): readonly FileFinding[] => {
  const [left, right] = [documentsIn(before ?? ""), documentsIn(after ?? "")];
  if (left === null || right === null) {
    const message = "These chart values cannot be read as YAML: whether they keep data is not known.";
    return [
      { path, subject: "values", rule: "values-unreadable", class: "R3", message, wayOut: "Mend the YAML." },
    ];
  }
  // New values install something new, and removed ones are told by what they installed.
  if (before === null || after === null) return [];
  return valuesFindings(path, left[0] ?? {}, right[0] ?? {}, "values");
};

/** The same of a file of one's own format, such as a list of topics. */
export const settingsFindings = (change: FileChange, subject: string): readonly FileFinding[] => {
  const [left, right] = [documentsIn(change.before ?? ""), documentsIn(change.after ?? "")];
  const strange = left?.concat(right ?? []).some((one) => typeof one["kind"] === "string");
  if (left === null || right === null || strange || change.before === null || change.after === null)
    return [];
  return valuesFindings(change.path, left[0] ?? {}, right[0] ?? {}, subject);
};

/** Two trees of settings compared by the names of their keys. */
export const valuesFindings = (
  path: string,
  before: Json | undefined,
  after: Json | undefined,
  subject: string,
): readonly FileFinding[] => {
  const [left, right] = [flat(before), flat(after)];
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  return keys.flatMap((key) => {
    if (jsonEqual(left.get(key) ?? null, right.get(key) ?? null)) return [];
    const found = SETTINGS.find((one) => one.key.test(key) && fires(one, left.get(key), right.get(key)));
    if (!found || found.class === "R0") return [];
    const message = `${subject}: ${key} ${found.says(shown(left.get(key)), shown(right.get(key)))}.`;
    return [{ path, subject: key, rule: found.rule, class: found.class, message, wayOut: found.wayOut }];
  });
};

interface Setting {
  readonly key: RegExp;
  readonly rule: string;
  readonly class: ChangeClass;
  readonly when: "turned-off" | "lowered" | "raised" | "changed" | "removed" | "major-raised";
  readonly unlimited?: readonly number[];
  readonly says: (before: string, after: string) => string;
  readonly wayOut: string;
}

const NEW_VOLUME = "Make a new volume, copy the data, move over, and keep the old one for a while.";
const goes = (what: string) => (before: string, after: string) => `goes from ${before} to ${after}${what}`;

// The first that fires counts, so that the particular stands before the general.
const SETTINGS: readonly Setting[] = [
  {
    key: /persist\w*\.enabled$/i,
    rule: "persistence-off",
    class: "R4",
    when: "turned-off",
    says: () => "is turned off: data is kept no more",
    wayOut: "Leave it on, or move the data first.",
  },
  {
    key: /(^|\.)(appendonly|aof\w*\.enabled)$/i,
    rule: "persistence-off",
    class: "R4",
    when: "turned-off",
    says: () => "is turned off: a restart loses what was written",
    wayOut: "Leave it on, or show that everything in it can be made again.",
  },
  {
    key: /max-?memory[-_]?policy$/i,
    rule: "eviction-changed",
    class: "R3",
    when: "changed",
    says: goes(": other keys are evicted than before"),
    wayOut: "List what relies on the keys (sessions, locks, idempotency keys, counters) first.",
  },
  {
    key: /(^|\.)delete\.min_age$/,
    rule: "retention-lowered",
    class: "R4",
    when: "lowered",
    says: goes(": older indexes are deleted"),
    wayOut: "Copy first what must stay.",
  },
  {
    key: /(postgres|mysql|maria|mongo|redis|valkey|kafka|elastic|opensearch|rabbitmq|cassandra|clickhouse)\w*\.(\w+\.)*(tag|version)$/i,
    rule: "major-version",
    class: "R3",
    when: "major-raised",
    says: goes(": a major version cannot be taken back"),
    wayOut: "Rehearse it on a restored copy.",
  },
  {
    key: /retention/i,
    rule: "retention-lowered",
    class: "R4",
    when: "lowered",
    unlimited: [-1],
    says: goes(": older data is deleted"),
    wayOut: "Copy first what must stay.",
  },
  {
    key: /(cleanup[._-]?policy)$/i,
    rule: "cleanup-policy-changed",
    class: "R4",
    when: "changed",
    says: goes(""),
    wayOut: "Make a new topic and move over.",
  },
  {
    key: /partitions$/i,
    rule: "partitions-raised",
    class: "R3",
    when: "raised",
    says: goes(": the order of keys is lost"),
    wayOut: "Agree with producers and consumers, or make a new topic.",
  },
  {
    key: /partitions$/i,
    rule: "partitions-lowered",
    class: "R4",
    when: "lowered",
    says: goes(", which only a new topic can have"),
    wayOut: "Make a new topic and move over.",
  },
  {
    key: /(replication[._-]?factor|min[._-]?insync[._-]?replicas)$/i,
    rule: "replication-lowered",
    class: "R3",
    when: "lowered",
    says: goes(": a lost copy is harder to bear"),
    wayOut: "Keep the copies.",
  },
  {
    key: /(persist|storage|volume|pvc|disk)\w*\.?(\w+\.)*(size|storage|capacity)$/i,
    rule: "storage-lowered",
    class: "R4",
    when: "lowered",
    says: goes("; no volume shrinks"),
    wayOut: NEW_VOLUME,
  },
  {
    key: /(persist|storage|volume|pvc|disk)\w*\.?(\w+\.)*(size|storage|capacity)$/i,
    rule: "storage-raised",
    class: "R2",
    when: "raised",
    says: goes("; that cannot be taken back"),
    wayOut: "Confirm that the growth is meant.",
  },
  {
    key: /storage_?class(name)?$/i,
    rule: "storage-class-changed",
    class: "R4",
    when: "changed",
    says: goes("; claims must be made anew"),
    wayOut: NEW_VOLUME,
  },
  {
    key: /(existingclaim|claimname|volumename)$/i,
    rule: "volume-changed",
    class: "R4",
    when: "changed",
    says: goes(": other data"),
    wayOut: NEW_VOLUME,
  },
  {
    key: /reclaim/i,
    rule: "reclaim-policy-changed",
    class: "R4",
    when: "changed",
    says: goes(""),
    wayOut: "Keep Retain.",
  },
  {
    key: /(^|\.)(architecture|cluster\w*\.enabled|engine)$/i,
    rule: "topology-changed",
    class: "R3",
    when: "changed",
    says: goes(": what was stored may be out of reach"),
    wayOut: "Move the data over and verify it.",
  },
  {
    key: /(^|\.)backup\w*\.enabled$/i,
    rule: "backup-off",
    class: "R4",
    when: "turned-off",
    says: () => "is turned off: no new backups",
    wayOut: "Leave it on.",
  },
  {
    key: /persist|storage|volume|pvc|retention|accessmodes/i,
    rule: "persistence-changed",
    class: "R3",
    when: "changed",
    says: goes(""),
    wayOut: "Compare what is kept before and after on a copy.",
  },
];

const fires = (setting: Setting, before: Json | undefined, after: Json | undefined): boolean =>
  holds(
    {
      id: setting.rule,
      class: setting.class,
      path: [],
      when: setting.when,
      values: [],
      unlimited: setting.unlimited ?? [],
      absent: undefined,
      byDefault: false,
      oneWay: false,
      unless: [],
      message: "",
      wayOut: "",
      source: "",
    },
    before,
    after,
  );

const shown = (value: Json | undefined): string =>
  value === undefined || value === null ? "nothing" : String(value).slice(0, 80);

const DEEPEST = 40;

const flat = (value: Json | undefined, path = "", depth = 0): ReadonlyMap<string, Json> => {
  if (value === undefined || depth > DEEPEST) return new Map();
  const inner = Array.isArray(value)
    ? value.map((item, index) => [nameIn(item, index), item] as const)
    : isJsonObject(value)
      ? Object.entries(value)
      : null;
  if (inner === null) return new Map([[path, value]]);
  return new Map(
    inner.flatMap(([key, item]) => [...flat(item, path === "" ? key : `${path}.${key}`, depth + 1)]),
  );
};

/** Elements with a name are compared by it, so that their order does not count. */
const nameIn = (item: Json, index: number): string =>
  isJsonObject(item) && typeof item["name"] === "string" ? item["name"] : String(index);
