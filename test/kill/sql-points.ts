import { allPoints } from "./points.ts";
import type { KillPoint } from "./service-program.ts";
import type { SqlPoint } from "./sql-bench.ts";
import type { STORIES } from "./sql-stories.ts";

const before = (label: string, nth = 1): KillPoint => ({ when: "before", label, nth });
const after = (label: string, nth = 1): KillPoint => ({ when: "after", label, nth });
const inside = (statement: number): SqlPoint => ({ when: "statement", statement });
const PUT = "ledger.migrations.put";

export interface StatePoint {
  readonly state: string;
  readonly story: keyof typeof STORIES;
  readonly point: SqlPoint;
}

/** A death in each state that a migration goes through, before and after it is written down. */
export const STATE_POINTS: readonly StatePoint[] = [
  { state: "planned, the start not written", story: "transaction", point: before("artifacts.put") },
  { state: "planned, the start written", story: "transaction", point: before("migration.migrate") },
  { state: "running, not written", story: "transaction", point: before(PUT) },
  { state: "running, nothing sent", story: "transaction", point: after(PUT) },
  { state: "running, in its last statement", story: "transaction", point: inside(2) },
  { state: "committed, not written", story: "transaction", point: before(PUT, 2) },
  { state: "applied", story: "transaction", point: after(PUT, 2) },
  { state: "applied, measured", story: "transaction", point: after(PUT, 3) },
  { state: "verifying", story: "transaction", point: after(PUT, 4) },
  { state: "verifying, looking", story: "transaction", point: before("migration.drift") },
  { state: "verified", story: "transaction", point: after(PUT, 5) },
  { state: "verified, evidence kept", story: "transaction", point: after("artifacts.put", 4) },
  { state: "running statement 1, not written", story: "alone", point: before(PUT) },
  { state: "running statement 1, not sent", story: "alone", point: after(PUT) },
  { state: "running statement 1", story: "alone", point: inside(1) },
  { state: "running statement 2, not written", story: "alone", point: before(PUT, 2) },
  { state: "running statement 2, not sent", story: "alone", point: after(PUT, 2) },
  { state: "done, not written", story: "alone", point: before(PUT, 3) },
  { state: "running statement 1 of unknown end, not sent", story: "unseen", point: after(PUT) },
  { state: "running statement 2 of unknown end, not sent", story: "unseen", point: after(PUT, 2) },
  { state: "refused, not written", story: "clean", point: before(PUT, 2) },
  { state: "failed-clean", story: "clean", point: after(PUT, 2) },
  { state: "refused half-way, not written", story: "partial", point: before(PUT, 3) },
  { state: "failed at once, history knows", story: "first", point: after(PUT, 2) },
  { state: "failed-partial", story: "partial", point: after(PUT, 3) },
  { state: "failed-partial, not stopped", story: "partial", point: before("ledger.workspaces.freeze") },
  { state: "failed-partial, stopped", story: "partial", point: after("ledger.workspaces.freeze") },
];

/** Around every call of a dry run, and inside every statement that waits for who reads the table. */
export const everyPoint = (story: keyof typeof STORIES, calls: readonly string[]): readonly SqlPoint[] => {
  const waits = { transaction: [2], alone: [1], unseen: [], clean: [], first: [], partial: [1] }[story];
  return [...allPoints(calls, 0), ...waits.map(inside)];
};
