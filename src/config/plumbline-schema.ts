import { z } from "zod";
import { databaseSchema } from "./database-schema.ts";
import { governanceSchema } from "./governance-schema.ts";
import {
  branchRule,
  changeClass,
  dateRule,
  digestIgnoreRule,
  dirRule,
  durationRule,
  filledRule,
  ignorePathRule,
  lockMode,
  patternRule,
  projectRule,
  requirement,
  scheduleRule,
  silenced,
  varFileRule,
  versionRule,
  workspaceRule,
} from "./leaf-rules.ts";
import { repositoryExceptions } from "./policy-schema.ts";
import type { Shape } from "./yaml.ts";

const distribution = z.enum(["terraform", "tofu", "opentofu"]);

const defaults = {
  kind: z
    .enum(["terraform", "postgres-migrations"])
    .optional()
    .describe("What the folder holds: a root module, or migrations of a PostgreSQL schema."),
  engine: z
    .strictObject({
      distribution: distribution.optional().describe("Which engine plans it."),
      version: versionRule.optional().describe("Exact version of the engine, such as 1.11.4."),
      timeout: durationRule
        .optional()
        .describe("How long one engine process may run, such as 30m; an apply is never cut off."),
    })
    .optional()
    .describe("Terraform or OpenTofu; what the server finds where left out."),
  terraform_version: versionRule.optional().describe("The same as engine.version, under Atlantis's name."),
  terraform_distribution: distribution
    .optional()
    .describe("The same as engine.distribution, under Atlantis's name."),
  var_files: z
    .array(varFileRule)
    .optional()
    .describe(
      "Variable files from the workspace's folder, in order. `env/NAME.tfvars` is always taken first where it exists.",
    ),
  when_modified: z
    .array(patternRule)
    .optional()
    .describe(
      "Patterns as in .dockerignore, from the workspace's folder: which changed files plan it. Local modules and the files that they read count anyway.",
    ),
  autoplan: z
    .union([
      z.boolean(),
      z.strictObject({ enabled: z.boolean().optional(), when_modified: z.array(patternRule).optional() }),
    ])
    .optional()
    .describe("Whether a push plans it by itself."),
  apply: z
    .enum(["on_merge", "on_comment"])
    .optional()
    .describe("When the reviewed plan is applied: after the merge, or by comment before it."),
  lock: lockMode.optional().describe("When a pull request takes the workspace's lock."),
  schedule: scheduleRule
    .optional()
    .describe("When to look for drift: five cron fields in UTC, an interval such as 6h, or `off`."),
  drift: z
    .strictObject({
      ignore: z
        .array(
          z.strictObject({
            target: filledRule.describe("ADDRESS or ADDRESS.PATH; `*` stands for one step."),
            until: dateRule.optional().describe("Last day on which it is ignored."),
            reason: z.string().optional().describe("Why, for those who ask later."),
          }),
        )
        .optional()
        .describe("Drift that is not told."),
      // Kept as a word so that whoever relies on it is told, and is not left to think that drift is undone.
      auto_revert: z
        .array(changeClass)
        .refine((classes) => classes.length === 0, {
          error:
            "Nothing is reverted by itself in this version: leave it out, and comment `plumbline revert`.",
        })
        .optional()
        .describe(
          "Not in this version: drift is reverted by `plumbline revert` alone. Any class is refused.",
        ),
    })
    .optional()
    .describe("What a look for drift passes over."),
  database: databaseSchema.optional(),
  execution_order_group: z.int().optional().describe("Smaller groups are planned and applied first."),
  plan_requirements: z.array(requirement).optional().describe("What must hold before a plan is made."),
  apply_requirements: z.array(requirement).optional().describe("What must hold before an apply."),
  owners: z
    .array(filledRule)
    .optional()
    .describe(
      "Who may approve and is told of drift: logins or @org/team; those of CODEOWNERS where left out.",
    ),
  digest_ignore: z
    .array(digestIgnoreRule)
    .optional()
    .describe(
      "ADDRESS:PATH of values that tick and may differ between review and apply; never paths of stateful resources.",
    ),
  branch: branchRule
    .optional()
    .describe("Base branches that count for it: a name or a /regular expression/."),
};

const workspace = z.strictObject({
  dir: dirRule.describe("Folder from the repository's root, `.` for the root itself; may be a glob."),
  name: workspaceRule.optional().describe("Engine workspace or database name; `default` where left out."),
  project: projectRule.optional().describe("Name for -p and depends_on; needed where dir and name repeat."),
  depends_on: z
    .array(filledRule)
    .optional()
    .describe("Workspaces that must be applied before: their project, DIR#NAME, or DIR where that is clear."),
  ...defaults,
});

const oneByOne = (what: string): string =>
  `false: ${what} of one pull request go one after another. Side by side where left out, within \`concurrency\` and \`accounts\` of the server.`;

export const plumblineSchema = z
  .strictObject({
    version: z.literal(1).describe("The form of this file."),
    defaults: z
      .strictObject(defaults)
      .optional()
      .describe("What every workspace starts from, discovered ones too."),
    workspaces: z.array(workspace).optional().describe("What differs from the defaults, or is not found."),
    autodiscover: z
      .strictObject({
        enabled: z
          .boolean()
          .optional()
          .describe(
            "Whether root modules without an entry are found; by default only where no workspace is listed.",
          ),
        ignore_paths: z.array(ignorePathRule).optional().describe("Folders, or globs, that are left out."),
      })
      .optional()
      .describe("Finding root modules."),
    automerge: z
      .boolean()
      .optional()
      .describe(
        "Merges a pull request once every workspace that it touches is applied by comment and verified, where the forge allows that. For workspaces with `apply: on_comment`.",
      ),
    parallel_plan: z.boolean().optional().describe(oneByOne("plans")),
    parallel_apply: z.boolean().optional().describe(oneByOne("applies")),
    delete_source_branch_on_merge: z
      .boolean()
      .optional()
      .describe("Deletes the branch after a merge by `automerge`; never a fork's, nor one that others need."),
    silence_pr_comments: silenced
      .optional()
      .describe(
        "Phases without a comment while all is well: statuses tell them. What failed, was stopped or takes something away is told all the same.",
      ),
    stateful: z
      .array(
        z.strictObject({
          type: filledRule.describe("Resource type."),
          stateful: z.boolean().optional().describe("Whether its loss would lose something."),
          destroy: changeClass.optional().describe("Class of a delete or replace."),
          rules: z
            .record(filledRule, z.enum(["R0", "R1", "R2", "R3", "R4", "R5", "off"]))
            .optional()
            .describe("Class of single rules of the type by their id, or `off`."),
          reason: filledRule.describe("Why, for those who ask later."),
        }),
      )
      .optional()
      .describe("What the stateful catalogue should know about this repository's resource types."),
    governance: governanceSchema.optional(),
    policy_exceptions: repositoryExceptions.optional(),
    resource_context: z
      .strictObject({
        files: z
          .array(dirRule)
          .optional()
          .describe(
            "Files of the protected branch that say what resources hold (schemas/resource-context.schema.json).",
          ),
        sensitive: z
          .array(filledRule)
          .optional()
          .describe("Data classifications that raise R3 to R4; pii, phi, pci and the like where left out."),
      })
      .optional()
      .describe("What is known of resources beside plan and code."),
  })
  .describe("plumbline.yaml: the workspaces of a repository.");

export type PlumblineYaml = z.infer<typeof plumblineSchema>;
export type WorkspaceYaml = z.infer<typeof workspace>;
export type DefaultsYaml = Omit<WorkspaceYaml, "dir" | "name" | "project" | "depends_on">;

export const plumblineShape = z.toJSONSchema(plumblineSchema, { target: "draft-7" }) as Shape;
