import { isByHand } from "../model/finding.ts";
import { dashboardIssue, dashboardMarker } from "../report/dashboard.ts";
import { keepIssue } from "./kept-issue.ts";
import type { World } from "./world.ts";

/** One issue lists the drifted workspaces that have no pull request of their own; none over the cap, no issue. */
export const keepDashboard = async (world: World, repo: string): Promise<void> => {
  const waiting = await withoutPull(world, repo);
  const kept = {
    marker: dashboardMarker,
    key: `dashboard:${repo}`,
    ending: "No drifted workspace waits for a pull request any more.",
  };
  await keepIssue(world, repo, kept, waiting.length === 0 ? null : dashboardIssue(waiting));
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
