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

test("workspaces that were not audited yet are named; a frozen one counts like every other", async () => {
  const ledger = {
    workspaces: {
      list: async () => [row("audited"), row("frozen", { frozen: { why: "state-unsaved" } }), row("new")],
    },
    meta: {
      get: async (key: string) =>
        /audited|frozen/.test(key) ? { ...AUDIT, workspace: key.replace("policy-audit:", "") } : undefined,
    },
  } as unknown as Pick<Ledger, "workspaces" | "meta">;
  expect(await notAudited(ledger)).toEqual([
    { workspace: "new", why: "not looked at yet, or no policy set judges it" },
  ]);
});
