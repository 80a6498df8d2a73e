import { z } from "zod";
import { autodiscoverSchema, policiesSchema, repoLocksSchema, workflowsSchema } from "./atlantis-schema.ts";
import { requirement, ruled, silenced, slashedRegexRule } from "./leaf-rules.ts";
import { regexMatches, regexProblem } from "./safe-regex.ts";
import type { Shape } from "./yaml.ts";

const idRule = ruled((id) => {
  if (id === "") return "This must not be empty.";
  if (!id.startsWith("/")) return undefined;
  if (id.length < 2 || !id.endsWith("/")) return "An expression ends with a slash too: /.*/.";
  const problem = regexProblem(id.slice(1, -1));
  return problem && `This expression cannot be used: ${problem}.`;
});

const hook = z.record(z.string(), z.unknown());

const repo = z.strictObject({
  id: idRule,
  branch: slashedRegexRule.optional(),
  repo_config_file: z.string().optional(),
  plan_requirements: z.array(requirement).optional(),
  apply_requirements: z.array(requirement).optional(),
  import_requirements: z.array(requirement).optional(),
  pre_workflow_hooks: z.array(hook).optional(),
  post_workflow_hooks: z.array(hook).optional(),
  workflow: z.string().optional(),
  allowed_workflows: z.array(z.string()).optional(),
  allowed_overrides: z.array(z.string()).optional(),
  allow_custom_workflows: z.boolean().optional(),
  delete_source_branch_on_merge: z.boolean().optional(),
  repo_locking: z.boolean().optional(),
  repo_locks: repoLocksSchema.optional(),
  policy_check: z.boolean().optional(),
  custom_policy_check: z.boolean().optional(),
  autodiscover: autodiscoverSchema.optional(),
  silence_pr_comments: silenced.optional(),
});

/** Every key of Atlantis's server-side repo configuration, YAML or JSON. */
export const atlantisServerSchema = z.strictObject({
  repos: z.array(repo).optional(),
  workflows: workflowsSchema.optional(),
  policies: policiesSchema.optional(),
  metrics: z
    .strictObject({
      statsd: z.strictObject({ host: z.string().optional(), port: z.string().optional() }).optional(),
      prometheus: z.strictObject({ endpoint: z.string().optional() }).optional(),
    })
    .optional(),
  team_authz: z
    .strictObject({ command: z.string().optional(), args: z.array(z.string()).optional() })
    .optional(),
  external_stores: z
    .strictObject({
      plan_store: z
        .strictObject({
          type: z.string().optional(),
          s3: z
            .strictObject({
              bucket: z.string().optional(),
              region: z.string().optional(),
              prefix: z.string().optional(),
              endpoint: z.string().optional(),
              force_path_style: z.boolean().optional(),
              profile: z.string().optional(),
            })
            .optional(),
        })
        .optional(),
    })
    .optional(),
});

export type AtlantisServerYaml = z.infer<typeof atlantisServerSchema>;
export type AtlantisServerRepo = NonNullable<AtlantisServerYaml["repos"]>[number];

export const atlantisServerShape = z.toJSONSchema(atlantisServerSchema, { target: "draft-7" }) as Shape;

/**
 * Whether an entry is for the repository, by Atlantis's rules: an expression may match anywhere in HOST/OWNER/NAME, any
 * other id is that name itself. Of an unknown repository only that is certain which every one matches.
 */
export const isForRepository = (id: string, repository: string | null): boolean => {
  if (EVERYTHING.has(id)) return true;
  if (repository === null) return false;
  return id.startsWith("/") ? regexMatches(id.slice(1, -1), repository) : id === repository;
};

const EVERYTHING = new Set(["/.*/", "/.+/", "/^.*$/", "/.*$/", "/^.*/"]);

/** The entries that are for the repository laid over each other: key by key, the last one wins. */
export const forRepository = (
  yaml: AtlantisServerYaml,
  repository: string | null,
): Partial<AtlantisServerRepo> =>
  Object.assign({}, ...(yaml.repos ?? []).filter(({ id }) => isForRepository(id, repository)));

/** Policy sets in the words of Plumbline's server file. */
export const policySetsOf = (
  policies: NonNullable<AtlantisServerYaml["policies"]>,
  organization: string | null,
): readonly Readonly<Record<string, unknown>>[] =>
  (policies.policy_sets ?? []).map((set, index) => {
    const owners = [...ownersOf(policies.owners, organization), ...ownersOf(set.owners, organization)];
    const approvals = set.approve_count ?? policies.approve_count;
    return {
      name: set.name || `set-${index + 1}`,
      path: set.path || ".",
      ...(owners.length > 0 ? { owners: [...new Set(owners)] } : {}),
      ...(approvals !== undefined && approvals > 1 ? { approvals: Math.min(approvals, 20) } : {}),
    };
  });

type Owners = {
  readonly users?: readonly string[] | undefined;
  readonly teams?: readonly string[] | undefined;
};

const ownersOf = (owners: Owners | undefined, organization: string | null): readonly string[] => [
  ...(owners?.users ?? []),
  ...(owners?.teams ?? []).flatMap((team) => (organization === null ? [] : [`@${organization}/${team}`])),
];
