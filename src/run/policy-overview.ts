import { coversWorkspace } from "../gate/access.ts";
import { asPlumblineError } from "../model/errors.ts";
import type { PolicyRuleView, PolicySet, PolicySetView, SetMessage } from "../model/policy.ts";
import type { PolicyAudit } from "../model/policy-audit.ts";
import { parseWorkspaceKey } from "../model/workspace.ts";
import { readBundle } from "../policy/bundle.ts";
import { rulesOf } from "../policy/question.ts";
import { judgesRepo } from "../policy/verdict.ts";
import { lastAudits } from "./policy-issue.ts";
import { bundleOf } from "./policy-sets.ts";
import type { World } from "./world.ts";

type Place = Pick<World, "server" | "ledger" | "git" | "forge" | "policies" | "redactor">;

/** Repositories whose own folder is read for a set that stands in each of them. */
const MOST_REPOS = 20;

/**
 * Every configured policy set with its rules, and what each rule said of the workspaces that `visible` covers when they
 * were looked at last. A set that cannot be read is told with the reason.
 */
export const policyOverview = async (
  world: Place,
  visible: readonly string[],
): Promise<readonly PolicySetView[]> => {
  const sets = world.server.policies?.sets ?? [];
  if (sets.length === 0) return [];
  const audits = (await lastAudits(world.ledger)).filter(({ workspace }) =>
    visible.some((pattern) => coversWorkspace(pattern, workspace)),
  );
  return Promise.all(sets.map((set) => viewOf(world, set, audits)));
};

const viewOf = async (
  world: Place,
  set: PolicySet,
  audits: readonly PolicyAudit[],
): Promise<PolicySetView> => {
  const { name, level, repos, owners, approvals, repositoryExceptions, exceptions } = set;
  const { written, problem } = await writtenIn(world, set, audits);
  const spoken = audits.flatMap(({ verdict: { denied, warned, dryRun, excepted } }) =>
    [...denied, ...warned, ...dryRun, ...excepted].filter((one) => one.set === name),
  );
  const policies = [...new Set([...written, ...spoken.map(({ policy }) => policy)])].toSorted();
  return {
    ...{ name, level, repos, owners, approvals, repositoryExceptions, exceptions },
    source: sourceText(set),
    rules: policies.map((policy) => ruleOf(policy, name, audits)),
    problem,
  };
};

const sourceText = ({ source }: PolicySet): string => {
  if (source.kind === "server") return `the server's folder ${source.path}`;
  if (source.kind === "workspace") return `${source.folder} in each repository, from its protected branch`;
  return `${source.repo}, folder ${source.folder}, ${source.ref ?? "its default branch"}`;
};

/** Names of the rules that its files hold. */
const writtenIn = async (
  world: Place,
  set: PolicySet,
  audits: readonly PolicyAudit[],
): Promise<{ readonly written: readonly string[]; readonly problem: string | null }> => {
  try {
    const names: string[] = [];
    for (const own of placesOf(set, audits)) {
      const { modules } = readBundle(await bundleOf(world, set, own));
      for (const asked of rulesOf(modules, set.namespaces))
        if (asked.rule !== "exception") names.push([...asked.package, asked.rule].join("."));
    }
    return { written: names, problem: null };
  } catch (thrown) {
    return { written: [], problem: world.redactor.redact(asPlumblineError(thrown).message) };
  }
};

/** Whose branch it is read from: one place for all, or each repository at the commit that was judged last. */
const placesOf = (
  set: PolicySet,
  audits: readonly PolicyAudit[],
): readonly { readonly repo: string; readonly commit: string }[] => {
  if (set.source.kind !== "workspace") return [{ repo: "", commit: "" }];
  const byRepo = new Map<string, string>();
  for (const { workspace, commit } of audits) {
    const repo = parseWorkspaceKey(workspace)?.repo;
    if (repo !== undefined && judgesRepo(set, repo)) byRepo.set(repo, commit);
  }
  return [...byRepo].slice(0, MOST_REPOS).map(([repo, commit]) => ({ repo, commit }));
};

const ruleOf = (policy: string, set: string, audits: readonly PolicyAudit[]): PolicyRuleView => {
  const on = (pick: (audit: PolicyAudit) => readonly SetMessage[]): readonly string[] =>
    audits
      .filter((audit) => pick(audit).some((one) => one.set === set && one.policy === policy))
      .map(({ workspace }) => workspace);
  return {
    policy,
    denied: on(({ verdict }) => verdict.denied),
    warned: on(({ verdict }) => verdict.warned),
    dryRun: on(({ verdict }) => verdict.dryRun),
    excepted: on(({ verdict }) => verdict.excepted),
  };
};
