import { createHash } from "node:crypto";
import type { Alert, FollowUp } from "../model/job.ts";
import { canonicalJson, isJsonObject, type JsonObject } from "../model/json.ts";
import { parseJson } from "../model/lossless-json.ts";
import type { PolicyVerdict } from "../model/policy.ts";
import {
  type PolicyAudit,
  policyAuditKey,
  readPolicyAudit,
  writePolicyAudit,
} from "../model/policy-audit.ts";
import type { ResourceContext } from "../model/resource-context.ts";
import { inspectPlan } from "../plan/inspect.ts";
import { readPlan } from "../plan/read.ts";
import { enrichmentOf } from "../policy/input.ts";
import { recordedAsPlan } from "../policy/recorded-plan.ts";
import type { Ledger } from "../ports/ledger.ts";
import { policyAlert } from "../report/policy-audit.ts";
import { judgedByContext } from "../risk/context-judgement.ts";
import { alertMark } from "./alerts.ts";
import type { Scratch } from "./frame.ts";
import type { SavedPlan } from "./plan-step.ts";
import { judgeByPolicies } from "./policies.ts";
import { setsFor } from "./policy-sets.ts";
import { whereOf } from "./policy-step.ts";
import type { ProtectedRules } from "./protected-rules.ts";
import type { RunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/** An audit beside the one before it; `audit` is null where no policy set judges the repository. */
export interface NewAudit {
  readonly audit: PolicyAudit | null;
  readonly before: PolicyAudit | null;
}

/** What exists, as a plan that would make it, and what it is judged beside. */
export interface Existing {
  readonly document: JsonObject;
  readonly rules: Pick<ProtectedRules, "catalogue">;
  readonly context: ResourceContext;
  /** Taken from the recorded state alone. */
  readonly recordedOnly?: true;
}

/** Asks every policy set about a workspace as it is now, from the refreshed plan of a look for drift. */
export const auditPolicies = (
  world: World,
  scratch: Scratch,
  input: RunInput,
  { json, rules, context }: Pick<SavedPlan, "json" | "rules" | "context">,
): Promise<NewAudit> =>
  auditWith(world, scratch, input, async () => {
    const plan = parseJson(json);
    return { document: recordedAsPlan(isJsonObject(plan) ? plan : {}), rules, context };
  });

/**
 * The same about what `read` finds, which is asked only where a set judges the repository. A set that cannot be asked
 * counts as denying here too.
 */
export const auditWith = async (
  world: World,
  scratch: Scratch,
  input: RunInput,
  read: () => Promise<Existing>,
): Promise<NewAudit> => {
  const { run, workspace } = scratch;
  const before = readPolicyAudit(await world.ledger.meta.get(policyAuditKey(workspace.key)));
  if (setsFor(world, workspace.repo).length === 0) return { audit: null, before };
  const existing = await read();
  const verdict = await scratch.step("policies", () => judgeExisting(world, scratch, input, existing));
  if (verdict === null) return { audit: null, before };
  const at = world.clock.now();
  const same = before !== null && sealOf(before.verdict) === sealOf(verdict);
  const deniedSince = verdict.denied.length === 0 ? null : same ? before.deniedSince : at;
  const { recordedOnly } = existing;
  return {
    before,
    audit: {
      ...{ workspace: workspace.key, run: run.id, commit: input.commit, at, deniedSince, verdict },
      ...(recordedOnly ? { recordedOnly } : {}),
    },
  };
};

const judgeExisting = async (
  world: World,
  { workspace, signal }: Scratch,
  input: RunInput,
  { document, rules, context }: Existing,
): Promise<PolicyVerdict | null> => {
  const found = inspectPlan(readPlan(JSON.stringify(document)), rules.catalogue);
  return judgeByPolicies(world, {
    workspace: workspace.key,
    repo: workspace.repo,
    commit: input.commit,
    plan: document,
    enrichment: enrichmentOf(judgedByContext(found, context), {
      workspace: await whereOf(world, workspace, input, input.commit),
      occasion: "audit",
      context,
    }),
    signal,
  });
};

/** Keeps the audit, or forgets the last one where no set judges the repository any more. */
export const storeAudit = async (
  ledger: Ledger,
  workspace: string,
  { audit, before }: NewAudit,
): Promise<void> => {
  if (audit || before) await ledger.meta.set(policyAuditKey(workspace), audit && writePolicyAudit(audit));
};

/** One message when the denials become others, one when they end; none while they stay. */
export const auditAlerts = ({ audit, before }: NewAudit): readonly FollowUp[] => {
  const ended = before?.deniedSince && audit?.deniedSince == null ? [alertOf("ended", before)] : [];
  const news = audit?.deniedSince && audit.deniedSince === audit.at ? [alertOf("opened", audit)] : [];
  return [...ended, ...news].map((alert) => ({ job: { kind: "alert", alert }, dedupeKey: alertMark(alert) }));
};

const alertOf = (event: Alert["event"], audit: PolicyAudit): Alert => ({
  event,
  fingerprint: createHash("sha256")
    .update(`policy-audit\0${audit.workspace}\0${sealOf(audit.verdict)}\0${audit.deniedSince?.toISOString()}`)
    .digest("hex"),
  id: audit.deniedSince?.toISOString() ?? "",
  workspace: audit.workspace,
  url: null,
  ...policyAlert(event, audit),
});

const sealOf = ({ denied }: PolicyVerdict): string =>
  canonicalJson(denied.map(({ set, policy, message }) => [set, policy, message]).toSorted(byText));

const byText = (left: readonly string[], right: readonly string[]): number =>
  left.join("\0") < right.join("\0") ? -1 : 1;
