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

/** A deposed object only waits for its end: the code cannot make it better. */
const standing = (entry: JsonObject): readonly JsonObject[] => {
  const change = entry["change"];
  if (entry["mode"] !== "managed" || entry["deposed"] !== undefined) return [];
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
