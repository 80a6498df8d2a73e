import { z } from "zod";
import type { ConfigProblem } from "../model/config.ts";
import type { PolicyException, PolicySet, PolicySettings } from "../model/policy.ts";
import { parseDuration } from "./duration.ts";
import { dateRule, durationRule, endOfDate, filledRule } from "./leaf-rules.ts";
import { repoPatternRule } from "./server-rules.ts";

const exception = z.strictObject({
  policy: filledRule.describe("Package and rule, such as main.deny_public; `*` stands for any part."),
  workspace: filledRule.optional().describe("OWNER/REPO//DIR#NAME with `*`; every workspace where left out."),
  owner: filledRule.describe("Who answers for it."),
  reason: filledRule.describe("Why it is let pass."),
  until: dateRule.describe("The last day on which it holds."),
});

/** `policy_exceptions` of plumbline.yaml: the same, of one repository, for sets that take them from there. */
export const repositoryExceptions = z
  .array(
    exception.extend({
      set: filledRule.describe("Name of the policy set that denies."),
      workspace: filledRule.optional().describe("DIR or DIR#NAME with `*`; every workspace where left out."),
    }),
  )
  .describe("Denials that are let pass for a time, for policy sets that take exceptions from repositories.");

const set = z.strictObject({
  name: filledRule.describe("For comments, statuses and approvals."),
  path: filledRule.optional().describe("A folder on the server."),
  repo: filledRule
    .optional()
    .describe("OWNER/REPO of a policy repository on the same forge; its default branch or `ref` counts."),
  ref: filledRule.optional().describe("Branch, tag or commit of `repo`."),
  folder: filledRule
    .optional()
    .describe(
      "Folder in that repository; without `repo`, in the workspace's own, from its protected branch.",
    ),
  level: z
    .enum(["deny", "warn", "dry_run"])
    .optional()
    .describe("deny where left out; warn: only tells; dry_run: tells what it would deny."),
  repos: z
    .array(repoPatternRule)
    .optional()
    .describe("Repositories that it judges; all of the allow list where left out."),
  owners: z
    .array(filledRule)
    .optional()
    .describe("Logins and @org/team who may approve what it denies; nobody where left out."),
  approvals: z.int().min(1).max(20).optional().describe("How many owners it takes; 1 where left out."),
  namespaces: z.array(filledRule).min(1).optional().describe("Packages that are asked; all where left out."),
  exceptions: z.array(exception).optional().describe("Denials that are let pass for a time."),
  repository_exceptions: z
    .boolean()
    .optional()
    .describe(
      "Whether `policy_exceptions` in plumbline.yaml of the protected branch count; no where left out.",
    ),
});

/** `policies` of the server's file. */
export const policySchema = z.strictObject({
  opa: filledRule.optional().describe("The opa to use; looked for on the PATH, else built, where left out."),
  timeout: durationRule.optional().describe("How long one set may take for one plan; 10s where left out."),
  sets: z.array(set).optional().describe("Each comes from one place."),
});

export type PolicyYaml = z.infer<typeof policySchema>;

/** What no single value tells: each set comes from one place and has a name of its own. */
export const policyProblems = (policies: unknown): readonly ConfigProblem[] => {
  const read = policySchema.safeParse(policies);
  if (!read.success) return [];
  const names = (read.data.sets ?? []).map(({ name }) => name);
  return (read.data.sets ?? []).flatMap((one, index) => {
    const at = `policies.sets[${index}]`;
    const twice = names.indexOf(one.name) !== index;
    const mixed = one.path !== undefined && (one.repo !== undefined || one.folder !== undefined);
    const none = one.path === undefined && one.repo === undefined && one.folder === undefined;
    return [
      ...(twice ? [{ path: `${at}.name`, message: "Another set has this name." }] : []),
      ...(mixed || none
        ? [
            {
              path: at,
              message:
                "Give one place: `path` on the server, `repo` (with `folder` in it), or `folder` in the workspace's own repository.",
            },
          ]
        : []),
      ...(one.ref !== undefined && one.repo === undefined
        ? [
            {
              path: `${at}.ref`,
              message: "Only a policy repository (`repo`) has a ref; else the protected branch counts.",
            },
          ]
        : []),
    ];
  });
};

const TIMEOUT_MS = 10_000;

/** The settings with every default filled in. */
export const policySettings = ({ opa, timeout, sets = [] }: PolicyYaml): PolicySettings => ({
  opa: opa ?? null,
  timeoutMs: (timeout === undefined ? undefined : parseDuration(timeout)) ?? TIMEOUT_MS,
  sets: sets.map((one) => ({
    name: one.name,
    source: sourceOf(one),
    level: one.level ?? "deny",
    repos: one.repos ?? [],
    owners: one.owners ?? [],
    approvals: one.approvals ?? 1,
    namespaces: one.namespaces ?? null,
    exceptions: (one.exceptions ?? []).map(exceptionOf),
    repositoryExceptions: one.repository_exceptions ?? false,
  })),
});

/** An exception whose shape is right; it lasts to the end of its last day. */
export const exceptionOf = ({
  policy,
  workspace,
  owner,
  reason,
  until,
}: z.infer<typeof exception>): PolicyException => ({
  policy,
  workspace: workspace ?? null,
  owner,
  reason,
  until: endOfDate(until) ?? new Date(0),
});

const sourceOf = ({ path, repo, ref, folder }: z.infer<typeof set>): PolicySet["source"] => {
  if (path !== undefined) return { kind: "server", path };
  const clean = (folder ?? ".").replace(/^\.\//, "").replace(/\/+$/, "") || ".";
  return repo === undefined
    ? { kind: "workspace", folder: clean }
    : { kind: "repository", repo, ref: ref ?? null, folder: clean };
};
