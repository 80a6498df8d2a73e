import type { SchemaFacts } from "../drift/provider-schema.ts";
import { canonicalJson } from "../model/json.ts";
import type { Inspection, Plan, PlanDigest, PlanSummary } from "../model/plan.ts";
import type { ResourceContext } from "../model/resource-context.ts";
import { planDigest } from "../plan/digest.ts";
import { inspectPlan } from "../plan/inspect.ts";
import { readPlan } from "../plan/read.ts";
import { redactPlan } from "../plan/redact.ts";
import { summarize } from "../plan/summary.ts";
import type { PlanOptions } from "../ports/engine.ts";
import { contextOfChanges, judgedByContext } from "../risk/context-judgement.ts";
import type { Scratch } from "./frame.ts";
import { inputTreeHash } from "./inputs.ts";
import { mustWork, type Prepared } from "./prepare.ts";
import { type ProtectedRules, protectedRules } from "./protected-rules.ts";
import { resourceContext } from "./resource-context.ts";
import type { RunInput } from "./run-input.ts";
import { schemasOf } from "./schemas.ts";
import { sha256 } from "./sha256.ts";
import type { World } from "./world.ts";

/** One saved plan, read and judged. `plan` holds secrets and never leaves the run; the rest is safe to show. */
export interface SavedPlan {
  readonly file: string;
  readonly plan: Plan;
  readonly json: string;
  readonly inspection: Inspection;
  readonly summary: PlanSummary;
  readonly digest: PlanDigest;
  readonly lockFileHash: string | null;
  readonly inputTree: string;
  /** What the protected branch said of types and people before this change. */
  readonly rules: ProtectedRules;
  /** What is known of the plan's resources beside it. */
  readonly context: ResourceContext;
  /** What the providers say of their attributes, asked for when it is needed; null where they cannot be asked. */
  readonly schema: () => Promise<SchemaFacts | null>;
}

/** Plans, reads the plan's JSON, teaches its secrets to the redactor, and digests it. */
export const makePlan = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  input: RunInput,
  options: { readonly name: string; readonly lock: boolean },
): Promise<SavedPlan> => {
  const file = `${scratch.folder}/${options.name}.tfplan`;
  const wish: PlanOptions = {
    out: file,
    lock: options.lock,
    destroy: input.destroy,
    varFiles: prepared.varFiles,
    extraArgs: [...input.flags, ...input.targets.map((address) => `-target=${address}`)],
  };
  const json = await scratch.step(options.name, async () => {
    mustWork("plan", await prepared.engine.plan(prepared.call, wish));
    return mustWork("show", await prepared.engine.show(prepared.call, file)).json;
  });
  return judge(world, scratch, prepared, input, { file, json });
};

const judge = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  input: RunInput,
  saved: { readonly file: string; readonly json: string },
): Promise<SavedPlan> => {
  const plan = readPlan(saved.json);
  const redacted = redactPlan(plan);
  for (const secret of redacted.secrets) world.redactor.learn(secret);
  const { run, workspace } = scratch;
  const base = run.base ?? prepared.tree.commit;
  const rules = await protectedRules(world, workspace.repo, base);
  const context = await resourceContext(world, { repo: workspace.repo, base, rules, workspace, plan });
  const inspection = judgedByContext(inspectPlan(plan, rules.catalogue), context);
  const inputTree = await inputTreeHash(world, workspace.repo, prepared.tree.commit, input.config);
  const digest = planDigest({
    plan,
    engine: prepared.engine.version,
    lockFile: prepared.lockFile,
    inputTree,
    variables: Object.fromEntries(
      Object.entries(plan.variables).map(([name, value]) => [name, canonicalJson(value)]),
    ),
    flags: [...input.flags, ...input.targets, ...(input.destroy ? ["-destroy"] : [])],
    key: world.key,
    ignore: input.config.digestIgnore,
    catalogue: rules.catalogue,
  });
  const known = contextOfChanges(context, inspection);
  const summary = {
    ...summarize(redacted.plan, inspection),
    ...(known.length > 0 ? { context: known } : {}),
  };
  return {
    ...saved,
    schema: () => schemasOf(prepared),
    plan,
    inspection,
    summary,
    digest,
    inputTree,
    rules,
    context,
    lockFileHash: prepared.lockFile && sha256(prepared.lockFile),
  };
};

/** Whether applying this plan would do anything at all. */
export const changesSomething = ({
  inspection,
  summary,
}: {
  readonly inspection: Inspection;
  readonly summary: Pick<PlanSummary, "outputs">;
}): boolean => {
  const { create, update, delete: removed, replace, forget, move } = inspection.counts;
  const unknown = inspection.changes.some((change) => change.action === "unknown");
  return (
    create + update + removed + replace + forget + move + inspection.counts.import > 0 ||
    unknown ||
    summary.outputs.length > 0
  );
};
