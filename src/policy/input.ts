import type { JsonObject } from "../model/json.ts";
import type { Inspection } from "../model/plan.ts";
import type { PolicyEnrichment } from "../model/policy-input.ts";
import { contextOf, type ResourceContext } from "../model/resource-context.ts";

/**
 * The document that rules see as `input`: the plan as the engine wrote it, numbers exact, and what Plumbline knows
 * beside it under `plumbline`. The plan stands there once more as `plan` where a rule reads it so.
 */
export const policyInput = (
  plan: JsonObject,
  enrichment: PolicyEnrichment,
  { asPlan = false }: { readonly asPlan?: boolean } = {},
): string =>
  JSON.stringify({
    ...plan,
    ...(asPlan ? { plan } : {}),
    plumbline: enrichment as unknown as JsonObject,
  });

/** What an inspection adds for rules; who owns the workspace and what the operator knows of its resources come with it. */
export const enrichmentOf = (
  inspection: Inspection,
  more: Partial<
    Pick<PolicyEnrichment, "workspace" | "pull" | "occasion" | "claim" | "claimProblems" | "files">
  > & {
    readonly context?: ResourceContext;
  } = {},
): PolicyEnrichment => ({
  workspace: more.workspace ?? null,
  pull: more.pull ?? null,
  occasion: more.occasion ?? "plan",
  claim: more.claim ?? null,
  claimProblems: more.claimProblems ?? [],
  files: more.files ?? null,
  known: more.context?.entries ?? [],
  class: inspection.class,
  changes: inspection.changes.map(
    ({ address, type, deposed, action, class: level, stateful, destructive, reasons }) => ({
      address,
      type,
      deposed: deposed ?? null,
      action,
      class: level,
      stateful,
      destructive,
      findings: reasons.map(({ rule, message, path }) => ({ rule, message, path: path ?? "" })),
    }),
  ),
  context: Object.fromEntries(
    inspection.changes.flatMap(({ address }) => {
      const known = more.context ? contextOf(more.context, address) : [];
      return known.length > 0 ? [[address, known] as const] : [];
    }),
  ),
  contextProblem: more.context?.problem ?? null,
});
