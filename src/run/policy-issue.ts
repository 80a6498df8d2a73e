import { type PolicyAudit, policyAuditKey, readPolicyAudit } from "../model/policy-audit.ts";
import type { Ledger } from "../ports/ledger.ts";
import { policyIssue, policyIssueMarker } from "../report/policy-audit.ts";
import { keepIssue } from "./kept-issue.ts";
import type { World } from "./world.ts";

/** One issue per repository lists the workspaces that break policies as they are now; none, no issue. */
export const keepPolicyIssue = async (world: World, repo: string): Promise<void> => {
  const audits = await lastAudits(world.ledger, repo);
  const broken = audits.filter(({ verdict }) => verdict.denied.length > 0);
  const issue = broken.length === 0 ? null : policyIssue(broken);
  await keepIssue(
    world,
    repo,
    {
      marker: policyIssueMarker,
      key: `policy-issue:${repo}`,
      ending: "What exists breaks no policy any more.",
    },
    issue && { ...issue, body: world.redactor.redact(issue.body) },
  );
};

/** The last audit of each known workspace, of one repository or of all. */
export const lastAudits = async (
  ledger: Pick<Ledger, "workspaces" | "meta">,
  repo?: string,
): Promise<readonly PolicyAudit[]> => {
  const rows = await ledger.workspaces.list({ removed: false, ...(repo === undefined ? {} : { repo }) });
  const kept = await Promise.all(rows.map(({ key }) => ledger.meta.get(policyAuditKey(key))));
  return kept.flatMap((one) => readPolicyAudit(one) ?? []);
};

/** Workspaces that were not audited yet: that nothing is told of them does not mean all is well. */
export const notAudited = async (
  ledger: Pick<Ledger, "workspaces" | "meta">,
  repo?: string,
): Promise<readonly { readonly workspace: string; readonly why: string }[]> => {
  const rows = await ledger.workspaces.list({ removed: false, ...(repo === undefined ? {} : { repo }) });
  const audited = new Set((await lastAudits(ledger, repo)).map(({ workspace }) => workspace));
  return rows
    .filter(({ key }) => !audited.has(key))
    .map(({ key: workspace }) => ({ workspace, why: "not looked at yet, or no policy set judges it" }));
};
