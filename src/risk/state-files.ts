import { isJsonObject, type Json, type JsonObject, jsonEqual } from "../model/json.ts";
import type { FileChange, FileFinding } from "../model/stateful-change.ts";
import { valueAt } from "../model/value-diff.ts";
import { expiresSooner } from "./expiry.ts";
import { fileFinding } from "./file-finding.ts";
import { valuesFindings } from "./helm-values.ts";
import { documentsIn } from "./yaml-documents.ts";

/** Whether the path is that of a workflow model, a record schema or a store's own settings. */
export const isStateFile = (path: string): boolean => isWorkflow(path) || isSchema(path) || isSettings(path);

/**
 * Files that decide about state without being manifests: workflow models, settings of stores and brokers, record
 * schemas, index mappings, retention of indexes and buckets. The last three by content, whatever the file is called.
 */
export const stateFileFindings = (change: FileChange): readonly FileFinding[] => {
  const { path } = change;
  if (isWorkflow(path)) return workflowFindings(change, (text) => text.replaceAll(/\s+/g, " "));
  if (isSettings(path)) return configFindings(change);
  const [before, after] = [documentOf(change.before), documentOf(change.after)];
  if (isSchema(path)) return schemaFindings(change, before, after);
  if (isStateMachine(before) || isStateMachine(after)) return workflowFindings(change, canonical);
  if (before === null || after === null) return [];
  return [
    ...mappingFindings(path, before, after),
    ...retentionFindings(path, before, after),
    ...lifecycleFindings(path, before, after),
  ];
};

const isWorkflow = (path: string): boolean => /\.(bpmn|dmn|cmmn|asl\.json)$/i.test(path);
const isSchema = (path: string): boolean => /\.avsc$/i.test(path);
const isSettings = (path: string): boolean =>
  /(^|\/)(redis|valkey|sentinel|server|broker|kafka|mongod|rabbitmq|postgresql|my)([.-][\w.-]+)?\.(conf|properties|cnf)$/i.test(
    path,
  );

const documentOf = (text: string | null): JsonObject | null => documentsIn(text ?? "")?.[0] ?? null;
const canonical = (text: string): string => JSON.stringify(documentOf(text));

/** Amazon's states language, in a file of any name. */
const isStateMachine = (document: JsonObject | null): boolean =>
  typeof document?.["StartAt"] === "string" && isJsonObject(document["States"]);

const workflowFindings = (
  { path, before, after }: FileChange,
  normal: (text: string) => string,
): readonly FileFinding[] => {
  if (before === null || (after !== null && normal(before) === normal(after))) return [];
  const message =
    after === null
      ? "Removes a workflow model: running instances of it have none to go on with."
      : "Changes a workflow model: running instances keep the old one or meet the new one half way.";
  const wayOut =
    "Deploy it as a new version beside the old one, and let running instances end or migrate them on purpose.";
  return [
    fileFinding(path, "workflow", after === null ? "workflow-removed" : "workflow-changed", message, wayOut),
  ];
};

const configFindings = ({ path, before, after }: FileChange): readonly FileFinding[] =>
  before === null || after === null
    ? []
    : valuesFindings(path, settingsIn(before), settingsIn(after), "settings");

/** `key value`, `key = value`; words for on and off become what they mean. */
const settingsIn = (text: string): JsonObject =>
  Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const [, key, value] = /^\s*([\w.-]+)(?:\s*[=:]\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
      if (key === undefined || value === undefined) return [];
      return [[key, SWITCHES.get(value.toLowerCase()) ?? value] as const];
    }),
  );

const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ["yes", true],
  ["on", true],
  ["true", true],
  ["no", false],
  ["off", false],
  ["false", false],
]);

const schemaFindings = (
  { path, after: text }: FileChange,
  before: JsonObject | null,
  after: JsonObject | null,
): readonly FileFinding[] => {
  if (before === null) return [];
  const wayOut = "Add fields with a default, and take one away only when no record and no reader has it.";
  if (text === null) {
    return [
      fileFinding(
        path,
        "schema",
        "schema-removed",
        "Removes a record schema that readers may still need.",
        wayOut,
      ),
    ];
  }
  const [old, now] = [fieldsOf(before), fieldsOf(after ?? {})];
  const broken = [...old].filter(
    ([name, type]) => !jsonEqual(now.get(name)?.["type"] ?? null, type["type"] ?? null),
  );
  const bare = [...now].filter(([name, field]) => !old.has(name) && field["default"] === undefined);
  const names = [...broken, ...bare].map(([name]) => name);
  if (names.length === 0) return [];
  const message = `Readers and records of the old schema do not fit: ${names.slice(0, 5).join(", ")} is gone, has another type, or is new without a default.`;
  return [fileFinding(path, "schema", "compatibility-lowered", message, wayOut)];
};

const fieldsOf = (schema: JsonObject): ReadonlyMap<string, JsonObject> => {
  const fields = schema["fields"];
  return new Map(
    (Array.isArray(fields) ? fields : []).filter(isJsonObject).map((field) => [String(field["name"]), field]),
  );
};

/** More properties are no harm; a property of another kind is only so for what is indexed from now on. */
const mappingFindings = (path: string, before: JsonObject, after: JsonObject): readonly FileFinding[] =>
  MAPPINGS.flatMap((place) => {
    const [old, now] = [valueAt(before, place), valueAt(after, place)];
    if (!isJsonObject(old)) return [];
    const held = isJsonObject(now) ? now : {};
    const changed = Object.keys(old).filter((name) => !jsonEqual(old[name] ?? null, held[name] ?? null));
    if (changed.length === 0) return [];
    const message = `The mapping of ${changed.slice(0, 5).join(", ")} changes: what is indexed already keeps the old one.`;
    const wayOut =
      "Make a new index, fill it, compare queries, move the alias, and keep the old one for a while.";
    return [fileFinding(path, "mappings", "mapping-changed", message, wayOut)];
  });

const MAPPINGS: readonly (readonly string[])[] = [
  ["mappings", "properties"],
  ["template", "mappings", "properties"],
];

/** Elasticsearch's and OpenSearch's rules of when an index is deleted. */
const retentionFindings = (path: string, before: JsonObject, after: JsonObject): readonly FileFinding[] => {
  const old = valueAt(before, ["policy", "phases"]);
  const now = valueAt(after, ["policy", "phases"]);
  return isJsonObject(old) ? valuesFindings(path, { phases: old }, { phases: now ?? null }, "policy") : [];
};

/** A bucket's lifecycle as Amazon's command line takes it. */
const lifecycleFindings = (path: string, before: JsonObject, after: JsonObject): readonly FileFinding[] => {
  const [old, now] = [rulesIn(before), rulesIn(after)];
  if (old === null || now === null || !expiresSooner(old, now)) return [];
  const message = "Lifecycle rules delete objects that were kept until now, or delete them sooner.";
  const wayOut = "List what would expire, and copy what must stay.";
  return [fileFinding(path, "Rules", "expiry-shortened", message, wayOut, "R4")];
};

const rulesIn = (document: JsonObject): Json | null => {
  const rules = document["Rules"];
  if (!Array.isArray(rules) || !rules.some((one) => isJsonObject(one) && "Status" in one)) return null;
  return rules.map(snakeCased);
};

const snakeCased = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [
      key.replaceAll(/(?<=[a-z])[A-Z]/g, "_$&").toLowerCase(),
      snakeCased(held),
    ]),
  );
};
