import type { AlertChannel } from "../../src/model/alert.ts";
import type { PolicySetView } from "../../src/model/policy.ts";

export const CHANNELS: readonly AlertChannel[] = [
  { type: "slack", name: "chat", url: "https://hooks.example/x" },
  { type: "issue", name: "issues", repo: null },
];

/** One set, one of whose rules denied a workspace. */
export const policiesOn = (workspace: string): PolicySetView => ({
  ...{ name: "base", level: "deny", repos: [], owners: ["@acme/sec"], approvals: 1, problem: null },
  ...{ repositoryExceptions: false, source: "acme/policies, folder base, its default branch" },
  rules: [
    { policy: "main.deny_open", denied: [workspace], warned: [], dryRun: [], excepted: [] },
    { policy: "main.deny_public", denied: [], warned: [], dryRun: [], excepted: [] },
  ],
  exceptions: [
    {
      policy: "main.deny_old",
      workspace: null,
      owner: "ann",
      reason: "until it moves",
      until: new Date("2026-03-01T12:00:00Z"),
    },
  ],
});
