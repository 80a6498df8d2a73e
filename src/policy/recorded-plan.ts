import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/**
 * What exists now, written as the plan that would make it: every object that a refreshed plan found is a `create` of
 * exactly that, whatever the plan itself would do to it. Rules look at what is created or updated, so that those written for
 * plans judge it unchanged. What is gone outside of Git and what the code merely wants are no part of it.
 */
export const recordedAsPlan = (plan: JsonObject): JsonObject => {
  const changes = Array.isArray(plan["resource_changes"]) ? plan["resource_changes"] : [];
  const priorState = isJsonObject(plan["prior_state"]) ? plan["prior_state"] : {};
  const { resource_drift: _drift, output_changes: _outputs, ...rest } = plan;
  return {
    ...rest,
    resource_changes: changes.flatMap((change) => (isJsonObject(change) ? standing(change) : [])),
    planned_values: priorState["values"] ?? {},
    errored: false,
  };
};

/** A deposed object exists as well, and may cost or leak: it stands there with its key. */
const standing = (entry: JsonObject): readonly JsonObject[] => {
  const change = entry["change"];
  if (entry["mode"] !== "managed") return [];
  if (!isJsonObject(change) || !isJsonObject(change["before"])) return [];
  const { previous_address: _moved, action_reason: _why, ...rest } = entry;
  return [{ ...rest, change: asCreate(change) }];
};

const asCreate = (change: JsonObject): JsonObject => ({
  actions: ["create"],
  before: null,
  after: change["before"] ?? null,
  after_unknown: {},
  before_sensitive: false,
  after_sensitive: sensitive(change["before_sensitive"]),
});

const sensitive = (marks: Json | undefined): Json => marks ?? false;

/**
 * The same of a recorded state alone (`show -json` without a plan), for workspaces in which nobody plans: what was
 * changed outside of Git since is not in it, nor is the configuration.
 */
export const stateAsPlan = (state: JsonObject): JsonObject => {
  const values = isJsonObject(state["values"]) ? state["values"] : {};
  return recordedAsPlan({
    format_version: "1.2",
    ...(state["terraform_version"] === undefined ? {} : { terraform_version: state["terraform_version"] }),
    prior_state: state,
    resource_changes: [...resourcesIn(values["root_module"])],
  });
};

const resourcesIn = (module: Json | undefined): readonly JsonObject[] => {
  if (!isJsonObject(module)) return [];
  const { address, resources, child_modules: children } = module;
  const where = address === undefined ? {} : { module_address: address };
  return [
    ...objectsIn(resources).map((resource) => ({ ...where, ...asUnchanged(resource) })),
    ...objectsIn(children).flatMap(resourcesIn),
  ];
};

const objectsIn = (list: Json | undefined): readonly JsonObject[] =>
  Array.isArray(list) ? list.filter(isJsonObject) : [];

const asUnchanged = ({
  values,
  sensitive_values: marks,
  deposed_key: deposed,
  schema_version: _version,
  depends_on: _dependsOn,
  ...rest
}: JsonObject): JsonObject => ({
  ...rest,
  ...(deposed === undefined ? {} : { deposed }),
  change: { actions: ["no-op"], before: values ?? null, before_sensitive: marks ?? {} },
});
