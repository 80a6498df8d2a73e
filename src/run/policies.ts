import type { RepoConfig } from "../model/config.ts";
import { asPlumblineError } from "../model/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { PolicyAnswer, PolicySet, PolicyVerdict } from "../model/policy.ts";
import type { PolicyEnrichment } from "../model/policy-input.ts";
import { policyInput } from "../policy/input.ts";
import { readRego } from "../policy/rego-text.ts";
import { redactedVerdict, togetherOf, verdictOf, withRepositoryExceptions } from "../policy/verdict.ts";
import { bundleOf, setsFor } from "./policy-sets.ts";
import { filesConfigAt } from "./repo-workspaces.ts";
import type { World } from "./world.ts";

export interface JudgedPlan {
  readonly workspace: string;
  readonly repo: string;
  /** Commit of the protected branch whose policies count. */
  readonly commit: string;
  readonly plan: JsonObject;
  readonly enrichment: PolicyEnrichment;
  readonly signal?: AbortSignal;
}

/**
 * Asks every policy set of the repository about a plan; null where there is none. A set that cannot be asked counts as
 * its level has it: one that denies, denies. What is told holds no secret.
 */
export const judgeByPolicies = async (world: World, judged: JudgedPlan): Promise<PolicyVerdict | null> => {
  const sets = setsFor(world, judged.repo);
  if (sets.length === 0) return null;
  const exceptions = await ownExceptions(world, sets, judged);
  const verdicts: PolicyVerdict[] = [];
  for (const plain of sets) {
    const set = withRepositoryExceptions(plain, judged.repo, exceptions);
    const started = performance.now();
    const answer = await askSet(world, set, judged).catch((thrown) => asDenial(world, thrown, judged.signal));
    const ms = performance.now() - started;
    verdicts.push(verdictOf(set, answer, { workspace: judged.workspace, now: world.clock.now(), ms }));
  }
  return redactedVerdict(togetherOf(verdicts), (text) => world.redactor.redact(text));
};

/** Of the protected branch; one that cannot be read makes none. */
const ownExceptions = async (
  world: World,
  sets: readonly PolicySet[],
  { repo, commit }: JudgedPlan,
): Promise<NonNullable<RepoConfig["policyExceptions"]>> => {
  if (!sets.some(({ repositoryExceptions }) => repositoryExceptions)) return [];
  const config = await filesConfigAt(world, repo, commit);
  return config.ok ? (config.value.policyExceptions ?? []) : [];
};

const askSet = async (world: World, set: PolicySet, judged: JudgedPlan): Promise<PolicyAnswer> => {
  const bundle = await bundleOf(world, set, judged);
  // Looking at the plain text first spares reading hundreds of modules for each plan.
  const asPlan = bundle.files.some(
    ({ text }) => /input(\.plan\b|\[)/.test(text) && readRego(text).readsInputPlan,
  );
  const input = policyInput(judged.plan, judged.enrichment, { asPlan });
  const engine = world.policies?.engine;
  if (!engine) throw new Error("Policy sets are configured, and there is nobody to ask them.");
  await engine.load(bundle, set.namespaces);
  return engine.evaluate(bundle, input, set.namespaces, {
    ...(world.server.policies ? { timeoutMs: world.server.policies.timeoutMs } : {}),
    ...(judged.signal ? { signal: judged.signal } : {}),
  });
};

const asDenial = (world: World, thrown: unknown, signal: AbortSignal | undefined): PolicyAnswer => {
  if (signal?.aborted) throw thrown;
  const error = asPlumblineError(thrown);
  world.log.warn("a policy set could not be asked, which counts as a denial", { error });
  const message = `${error.message} ${error.hint}`;
  return { denied: [{ policy: error.code, message }], warned: [], excepted: [], rules: 0, failed: true };
};

/** A run's result with the verdict in it, and read back. */
export const withVerdict = (result: Json, verdict: PolicyVerdict | null): JsonObject => ({
  ...(isJsonObject(result) ? result : {}),
  ...(verdict === null ? {} : { policies: verdict as unknown as JsonObject }),
});

export const verdictIn = (result: Json): PolicyVerdict | null => {
  const kept = isJsonObject(result) ? result["policies"] : undefined;
  return isJsonObject(kept) ? (kept as unknown as PolicyVerdict) : null;
};
