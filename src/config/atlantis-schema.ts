import { z } from "zod";
import { stepProblem } from "./atlantis-step.ts";
import {
  dirRule,
  ignorePathRule,
  lockMode,
  patternRule,
  projectRule,
  requirement,
  silenced,
  slashedRegexRule,
  versionRule,
  workspaceRule,
} from "./leaf-rules.ts";
import type { Shape } from "./yaml.ts";

export const autodiscoverSchema = z.strictObject({
  mode: z.enum(["auto", "enabled", "disabled"]).optional(),
  ignore_paths: z.array(ignorePathRule).optional(),
});
const autoplan = z.strictObject({
  when_modified: z.array(patternRule).optional(),
  enabled: z.boolean().optional(),
});
export const repoLocksSchema = z.strictObject({ mode: lockMode.optional() });

const project = z.strictObject({
  name: projectRule.optional(),
  branch: slashedRegexRule.optional(),
  dir: dirRule,
  workspace: workspaceRule.optional(),
  workflow: z.string().optional(),
  terraform_distribution: z.enum(["terraform", "opentofu"]).optional(),
  terraform_version: versionRule.optional(),
  autoplan: autoplan.optional(),
  plan_requirements: z.array(requirement).optional(),
  apply_requirements: z.array(requirement).optional(),
  import_requirements: z.array(requirement).optional(),
  depends_on: z.array(z.string()).optional(),
  delete_source_branch_on_merge: z.boolean().optional(),
  repo_locking: z.boolean().optional(),
  repo_locks: repoLocksSchema.optional(),
  execution_order_group: z.int().optional(),
  policy_check: z.boolean().optional(),
  custom_policy_check: z.boolean().optional(),
  silence_pr_comments: silenced.optional(),
});

const step = z.unknown().check((context) => {
  const message = stepProblem(context.value);
  if (message) context.issues.push({ code: "custom", input: context.value, message });
});
const stage = z.strictObject({ steps: z.array(step).optional() });
const workflow = z.strictObject({
  plan: stage.optional(),
  apply: stage.optional(),
  policy_check: stage.optional(),
  import: stage.optional(),
  state_rm: stage.optional(),
});

/** The workflows of either file by their names. */
export const workflowsSchema = z.record(z.string(), workflow.nullable());

const policyOwners = z.strictObject({
  users: z.array(z.string()).optional(),
  teams: z.array(z.string()).optional(),
});
export const policiesSchema = z.strictObject({
  conftest_version: z.string().optional(),
  owners: policyOwners.optional(),
  policy_sets: z
    .array(
      z.strictObject({
        path: z.string().optional(),
        source: z.string().optional(),
        name: z.string().optional(),
        owners: policyOwners.optional(),
        approve_count: z.int().optional(),
        sticky_policy_approvals: z.boolean().optional(),
        policy_item_regex: z.string().optional(),
        prevent_self_approve: z.boolean().optional(),
      }),
    )
    .optional(),
  sticky_policy_approvals: z.boolean().optional(),
  policy_item_regex: z.string().optional(),
  approve_count: z.int().optional(),
});

/** Every key of a repository's atlantis.yaml. Version 2 differs from 3 only in how custom steps are split. */
export const atlantisSchema = z.strictObject({
  version: z.union([z.literal(3), z.literal(2)]),
  projects: z.array(project).optional(),
  workflows: workflowsSchema.optional(),
  policies: policiesSchema.optional(),
  autodiscover: autodiscoverSchema.optional(),
  automerge: z.boolean().optional(),
  parallel_apply: z.boolean().optional(),
  parallel_plan: z.boolean().optional(),
  delete_source_branch_on_merge: z.boolean().optional(),
  emoji_reaction: z.string().optional(),
  allowed_regexp_prefixes: z.array(z.string()).optional(),
  abort_on_execution_order_fail: z.boolean().optional(),
  repo_locks: repoLocksSchema.optional(),
  silence_pr_comments: silenced.optional(),
});

export type AtlantisYaml = z.infer<typeof atlantisSchema>;
export type ProjectYaml = z.infer<typeof project>;

export const atlantisShape = z.toJSONSchema(atlantisSchema, { target: "draft-7" }) as Shape;
