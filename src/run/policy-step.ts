import { readClaims } from "../config/stateful-change.ts";
import { isJsonObject } from "../model/json.ts";
import { parseJson } from "../model/lossless-json.ts";
import type { PolicyVerdict } from "../model/policy.ts";
import type { PolicyEnrichment } from "../model/policy-input.ts";
import type { PullRequest } from "../model/pull.ts";
import { enrichmentOf } from "../policy/input.ts";
import type { Scratch } from "./frame.ts";
import type { SavedPlan } from "./plan-step.ts";
import { judgeByPolicies } from "./policies.ts";
import { setsFor } from "./policy-sets.ts";
import { keptPullFiles } from "./pull-files.ts";
import type { RunInput } from "./run-input.ts";
import { judgedOwners } from "./workspace-owners.ts";
import type { World } from "./world.ts";

/** The step of a run that asks the policies about its plan; null where none are configured. */
export const policyStep = async (
  world: World,
  scratch: Scratch,
  input: RunInput,
  saved: SavedPlan,
): Promise<PolicyVerdict | null> => {
  const { run, workspace } = scratch;
  if (setsFor(world, workspace.repo).length === 0) return null;
  return scratch.step("policies", async () => {
    const commit = run.base ?? input.commit;
    const pull = run.pull ? await world.forge.pull(run.pull) : null;
    const plan = parseJson(saved.json);
    const verdict = await judgeByPolicies(world, {
      workspace: workspace.key,
      repo: workspace.repo,
      commit,
      plan: isJsonObject(plan) ? plan : {},
      enrichment: enrichmentOf(saved.inspection, {
        workspace: await whereOf(world, workspace, input, commit),
        ...(pull ? await saidInPull(world, pull) : {}),
        context: saved.context,
      }),
      signal: scratch.signal,
    });
    for (const line of verdict ? linesOf(verdict) : []) scratch.log.line(line);
    return verdict;
  });
};

export const whereOf = async (
  world: Pick<World, "git">,
  { repo, dir, name }: Scratch["workspace"],
  { config }: Pick<RunInput, "config">,
  commit: string,
): Promise<NonNullable<PolicyEnrichment["workspace"]>> => ({
  repo,
  dir,
  name,
  owners: await judgedOwners(world, repo, commit, config),
});

const NO_ROLLOUT = { images: [], migrations: [], identities: [], unsized: [] };

/** The pull request, what its author says, and what its files do beside the plan. */
const saidInPull = async (
  world: World,
  pull: PullRequest,
): Promise<Pick<PolicyEnrichment, "pull" | "claim" | "claimProblems" | "files">> => {
  const { number, author, base, body, head } = pull;
  const files = await keptPullFiles(world, pull, head.sha);
  const { claim, problems } = readClaims(body, files?.metadata ?? []);
  return {
    pull: { number, author, base: base.ref },
    claim,
    claimProblems: problems,
    files: files && { ...NO_ROLLOUT, ...files.rollout, findings: files.findings },
  };
};

const linesOf = ({ denied, warned, dryRun, excepted, ms }: PolicyVerdict): readonly string[] => [
  ...denied.map(({ set, policy, message }) => `denied by ${set}, ${policy}: ${message}`),
  ...warned.map(({ set, policy, message }) => `warning of ${set}, ${policy}: ${message}`),
  ...dryRun.map(({ set, policy, message }) => `would be denied by ${set}, ${policy}: ${message}`),
  ...excepted.map(
    ({ set, policy, owner, reason, until }) =>
      `excepted: ${set}, ${policy}, by ${owner}: ${reason}${until === "" ? "" : `, until ${until}`}`,
  ),
  `policies took ${ms} ms`,
];
