import type { Plan, ResourceChange } from "../../src/model/plan.ts";
import { readPlan } from "../../src/plan/read.ts";

/** The JSON text of a plan with the given parts over an empty one. */
export const planText = (parts: object): string =>
  JSON.stringify({ format_version: "1.2", terraform_version: "1.11.4", ...parts });

/** One entry of `resource_changes` or `resource_drift`; `entry` goes over the whole, `change` over its change. */
export const changeEntry = (
  address: string,
  actions: readonly string[],
  change: object,
  entry: object = {},
) => {
  const [type = "", name = ""] = address.split(".");
  return {
    address,
    mode: "managed",
    type,
    name,
    provider_name: "registry.terraform.io/hashicorp/aws",
    change: { actions, before: null, after: null, after_unknown: {}, ...change },
    ...entry,
  };
};

export const planOf = (...entries: object[]): Plan => readPlan(planText({ resource_changes: entries }));

export const changeOf = (...given: Parameters<typeof changeEntry>): ResourceChange =>
  planOf(changeEntry(...given)).changes[0]!;

/** A plan in which each resource drifted from `before` to `after`, with what the plan does about it. */
export const driftedPlan = (drift: object[], changes: object[] = []): Plan =>
  readPlan(planText({ resource_drift: drift, resource_changes: changes }));
