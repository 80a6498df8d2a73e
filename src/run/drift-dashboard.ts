import { isByHand } from "../model/finding.ts";
import { dashboardIssue, dashboardMarker } from "../report/dashboard.ts";
import type { World } from "./world.ts";

/** One issue lists the drifted workspaces that have no pull request of their own; none over the cap, no issue. */
export const keepDashboard = async (world: World, repo: string): Promise<void> => {
  const waiting = await withoutPull(world, repo);
  const known = await world.ledger.meta.get(`dashboard:${repo}`);
  if (waiting.length === 0) {
    if (known === undefined || known === null) return;
    await world.forge.closeIssue(
      repo,
      dashboardMarker,
      "No drifted workspace waits for a pull request any more.",
    );
    await world.ledger.meta.set(`dashboard:${repo}`, null);
    return;
  }
  const issue = dashboardIssue(waiting);
  if (known === issue.body) return;
  await world.forge.upsertIssue(repo, dashboardMarker, issue);
  await world.ledger.meta.set(`dashboard:${repo}`, issue.body);
};

const withoutPull = async (
  world: World,
  repo: string,
): Promise<readonly { workspace: string; findings: number }[]> => {
  const open = await world.ledger.pulls.list({ repo, state: "open" });
  const covered = new Set(open.map((row) => row.driftOf));
  const waiting: { workspace: string; findings: number }[] = [];
  for (const row of await world.ledger.workspaces.list({ repo, removed: false })) {
    if (covered.has(row.key)) continue;
    const findings = (await world.ledger.findings.open(row.key)).filter(isByHand);
    if (findings.length > 0) waiting.push({ workspace: row.key, findings: findings.length });
  }
  return waiting;
};
