import { PlumblineError } from "../model/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { OutputChange, Plan, ResourceChange } from "../model/plan.ts";
import { plannedAction } from "./action.ts";
import { sentenceForDocument, sentenceForText } from "./not-a-plan.ts";
import { documentsIn } from "./plan-text.ts";

/**
 * Reads the output of `show -json` for one saved plan; numbers stay exact.
 * Throws `plan-unreadable` with one sentence, or `plan-format-unknown`.
 */
export const readPlan = (text: string): Plan => {
  const plans = readPlans(text);
  if (plans.length > 1) {
    throw unreadable(
      `The file holds ${plans.length} plans (Terragrunt writes one per unit); give them one by one.`,
    );
  }
  return plans[0]!;
};

/** Every plan in the text, at least one. Throws as `readPlan` does. */
export const readPlans = (text: string): readonly Plan[] => {
  const documents = documentsIn(text);
  if (documents.length === 0) throw unreadable(sentenceForText(text));
  const plans = documents.filter((document) => sentenceForDocument(document) === undefined);
  if (plans.length === 0) throw unreadable(sentenceForDocument(documents[0]!)!);
  return plans.map(toPlan);
};

const unreadable = (message: string): PlumblineError => new PlumblineError("plan-unreadable", message);

const toPlan = (document: JsonObject): Plan => {
  const formatVersion = knownFormat(document);
  const configuration = objectOf(document["configuration"]);
  return {
    formatVersion,
    engineVersion: textOf(document["terraform_version"]),
    errored: document["errored"] === true,
    applyable: flagOf(document["applyable"]),
    complete: flagOf(document["complete"]),
    changes: listOf(document, "resource_changes").map(toChange),
    drift: listOf(document, "resource_drift").map(toChange),
    outputs: outputsOf(document),
    variables: variablesOf(document["variables"]),
    sensitiveVariables: sensitiveVariablesOf(configuration),
    configuration,
    priorState: objectOf(document["prior_state"]),
    timestamp: textOf(document["timestamp"]),
  };
};

/** The document's `format_version`, `""` for none. Throws `plan-format-unknown`. */
export const knownFormat = (document: JsonObject): string => {
  const version = String(document["format_version"] ?? "");
  // 0.1 and 0.2 came before 1.0 and differ in what they lack, not in what it means.
  if (version === "" || /^[01](\.|$)/.test(version)) return version;
  throw new PlumblineError(
    "plan-format-unknown",
    `The plan's format_version ${JSON.stringify(version)} is not known.`,
  );
};

/** One entry of `resource_changes` or `resource_drift`. */
export const toChange = (entry: JsonObject): ResourceChange => {
  const change = objectOf(entry["change"]) ?? {};
  const actions = actionsOf(change);
  const previousAddress = textOf(entry["previous_address"]);
  const importing = change["importing"] ?? null;
  const address = textOf(entry["address"]) ?? "";
  const mode = textOf(entry["mode"]) ?? (/(^|\.)data\.[^.]+\.[^.]+$/.test(address) ? "data" : "managed");
  return {
    address,
    previousAddress,
    deposed: textOf(entry["deposed"]),
    mode,
    type: textOf(entry["type"]) ?? "",
    name: textOf(entry["name"]) ?? "",
    index: indexOf(entry["index"]),
    module: textOf(entry["module_address"]),
    provider: textOf(entry["provider_name"]) ?? "",
    actions,
    action: plannedAction(actions, { mode, moved: previousAddress !== null, importing: importing !== null }),
    actionReason: textOf(entry["action_reason"]),
    importing,
    ...valuesOf(change),
    replacePaths: replacePathsOf(change["replace_paths"]),
  };
};

type ChangeValues = Pick<
  ResourceChange,
  "before" | "after" | "afterUnknown" | "beforeSensitive" | "afterSensitive"
>;

const valuesOf = (change: JsonObject): ChangeValues => ({
  before: change["before"] ?? null,
  after: change["after"] ?? null,
  afterUnknown: change["after_unknown"] ?? false,
  beforeSensitive: change["before_sensitive"] ?? false,
  afterSensitive: change["after_sensitive"] ?? false,
});

const actionsOf = (change: JsonObject): readonly string[] => {
  const actions = change["actions"];
  return Array.isArray(actions) ? actions.map(String) : [];
};

const replacePathsOf = (value: Json | undefined): ResourceChange["replacePaths"] =>
  Array.isArray(value) ? value.filter((path) => Array.isArray(path)).map((path) => path.filter(isStep)) : [];

const isStep = (step: Json): step is string | number => typeof step === "string" || typeof step === "number";

const outputsOf = (document: JsonObject): readonly OutputChange[] =>
  Object.entries(objectOf(document["output_changes"]) ?? {}).map(([name, value]) => {
    const change = objectOf(value) ?? {};
    return { name, actions: actionsOf(change), ...valuesOf(change) };
  });

const variablesOf = (value: Json | undefined): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(objectOf(value) ?? {}).map(([name, held]) => [name, objectOf(held)?.["value"] ?? null]),
  );

const sensitiveVariablesOf = (configuration: JsonObject | null): readonly string[] =>
  Object.entries(objectOf(objectOf(configuration?.["root_module"])?.["variables"]) ?? {})
    .filter(([, declared]) => objectOf(declared)?.["sensitive"] === true)
    .map(([name]) => name);

const listOf = (document: JsonObject, key: string): readonly JsonObject[] => {
  const value = document[key] ?? [];
  if (!Array.isArray(value) || !value.every(isJsonObject)) {
    throw unreadable(`The file is no plan that can be read: ${key} is not a list of changes.`);
  }
  return value;
};

const objectOf = (value: Json | undefined): JsonObject | null => (isJsonObject(value) ? value : null);
const textOf = (value: Json | undefined): string | null =>
  typeof value === "string" && value !== "" ? value : null;
const flagOf = (value: Json | undefined): boolean | null => (typeof value === "boolean" ? value : null);
const indexOf = (value: Json | undefined): string | number | null =>
  typeof value === "string" || typeof value === "number" ? value : null;
