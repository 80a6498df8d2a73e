import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** What a text without any JSON object in it seems to be, as one sentence. */
export const sentenceForText = (text: string): string => {
  if (text.trim() === "") return "The file is empty.";
  if (text.startsWith("PK\u0003\u0004")) {
    return "This is the saved plan file itself; give the output of `terraform show -json` for it.";
  }
  if (/^\s*\{/.test(text)) return "The file begins as JSON but does not end as JSON; it seems to be cut off.";
  if (/will perform the following actions|Resource actions are indicated with|^Plan: \d+ to /m.test(text)) {
    return "This is the engine's text output; save the plan with -out and give the output of `terraform show -json` for it.";
  }
  return "The file is no plan: there is no JSON object in it.";
};

/** Why a JSON object is no plan, or undefined when it can be read as one. */
export const sentenceForDocument = (document: JsonObject): string | undefined => {
  if (typeof document["@message"] === "string" || typeof document["@level"] === "string") {
    return "This is the event stream of `plan -json`, which holds no values; save the plan with -out and give the output of `terraform show -json` for it.";
  }
  if (isStateFile(document)) {
    return "This is a state file; give the output of `terraform show -json` for a saved plan.";
  }
  if (document["plan_format_version"] !== undefined) {
    return "This is the redacted plan that HCP Terraform keeps for display; give its `json-output` instead.";
  }
  const version = document["format_version"];
  if (typeof version === "string" && version !== "") return stateSentence(document);
  return holdsChanges(document) ? undefined : "The file is no plan: it has no format_version.";
};

// Plans cut down by other tools may lack their version; changes with actions cannot be mistaken for anything else.
const holdsChanges = (document: JsonObject): boolean => {
  const changes = document["resource_changes"];
  return Array.isArray(changes) && changes.length > 0 && changes.every(hasActions);
};

const hasActions = (entry: Json): boolean => {
  const change = isJsonObject(entry) ? entry["change"] : undefined;
  return isJsonObject(change) && Array.isArray(change["actions"]);
};

const isStateFile = (document: JsonObject): boolean =>
  typeof document["version"] === "number" &&
  (document["lineage"] !== undefined ||
    document["serial"] !== undefined ||
    document["modules"] !== undefined);

// `show -json` without a plan file prints the state; of an empty state it prints nothing but its version.
const stateSentence = (document: JsonObject): string | undefined => {
  const isState = document["values"] !== undefined && !PLAN_KEYS.some((key) => document[key] !== undefined);
  if (isState || Object.keys(document).length === 1) {
    return "This is the JSON of a state, not of a plan: name the saved plan file in `terraform show -json PLANFILE`.";
  }
  if (document["provider_schemas"] !== undefined && document["resource_changes"] === undefined) {
    return "This is the output of `providers schema -json`, not a plan.";
  }
  if (typeof document["valid"] === "boolean" && document["diagnostics"] !== undefined) {
    return "This is the output of `validate -json`, not a plan.";
  }
  return undefined;
};

const PLAN_KEYS = ["planned_values", "resource_changes", "resource_drift", "configuration", "output_changes"];
