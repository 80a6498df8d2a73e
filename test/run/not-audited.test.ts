import { expect, test } from "vitest";
import type { Ledger } from "../../src/ports/ledger.ts";
import { notAudited } from "../../src/run/policy-issue.ts";

const AUDIT = {
  run: "r",
  commit: "c",
  at: "2026-11-21T00:00:00.000Z",
  deniedSince: null,
  verdict: { denied: [] },
};
const row = (key: string, more: object = {}) => ({ key, frozen: null, config: {}, ...more });

test("workspaces that no scheduled look audits are named, with why", async () => {
  const ledger = {
    workspaces: {
      list: async () => [
        row("audited"),
        row("frozen", { frozen: { why: "state-unsaved" } }),
        row("off", { config: { schedule: "off" } }),
        row("new"),
      ],
    },
    meta: {
      get: async (key: string) =>
        /audited|frozen/.test(key) ? { ...AUDIT, workspace: key.replace("policy-audit:", "") } : undefined,
    },
  } as unknown as Pick<Ledger, "workspaces" | "meta">;
  expect(await notAudited(ledger)).toEqual([
    { workspace: "frozen", why: "frozen; its last audit is from before" },
    { workspace: "off", why: "its schedule is off" },
    { workspace: "new", why: "not looked at yet, or no policy set judges it" },
  ]);
});
