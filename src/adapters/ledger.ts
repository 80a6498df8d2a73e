import { AsyncLocalStorage } from "node:async_hooks";
import type { Kysely } from "kysely";
import { PlumblineError } from "../model/errors.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Database } from "./database.ts";
import { asDatabaseError } from "./database-errors.ts";
import type { Tables } from "./database-tables.ts";
import { alertRows } from "./ledger-alerts.ts";
import { approvalRows } from "./ledger-approvals.ts";
import { auditRows } from "./ledger-audit.ts";
import { backfillRows } from "./ledger-backfills.ts";
import { findingRows } from "./ledger-findings.ts";
import { leaseRows } from "./ledger-leases.ts";
import { lockRows } from "./ledger-locks.ts";
import { migrationRows } from "./ledger-migrations.ts";
import { deliveryRows, outboxRows } from "./ledger-outbox.ts";
import { planRows } from "./ledger-plans.ts";
import { metaRows, pullRows } from "./ledger-pulls.ts";
import { forgeBudgetRows, mergeGroupRows, replicaRows } from "./ledger-replicas.ts";
import { requestRows } from "./ledger-requests.ts";
import { retentionRows } from "./ledger-retention.ts";
import { runLogRows } from "./ledger-run-logs.ts";
import { runRows } from "./ledger-runs.ts";
import { together } from "./ledger-values.ts";
import { workspaceRows } from "./ledger-workspaces.ts";

/**
 * The ledger over an open database, which `close` closes. A transaction that meets another's lock in a deadlock is
 * begun again, so its work must bear a second call.
 */
export const createLedger = (database: Database): Ledger => {
  const open: OpenTransaction = new AsyncLocalStorage();
  const checked = guardedBy(() => {
    if (open.getStore()?.active) throw misuse();
  });
  return {
    ...rowsOver(database.kysely, checked),
    transaction: (work) => transaction(database, open, work),
    close: () => database.close(),
  };
};

/** On PGlite's one connection the outer ledger would wait for the transaction that waits for it: fail at once instead. */
type OpenTransaction = AsyncLocalStorage<{ active: boolean }>;
type Guard = <T extends object>(rows: T) => T;

const transaction = async <T>(
  database: Database,
  open: OpenTransaction,
  work: (ledger: Ledger) => Promise<T>,
): Promise<T> => {
  if (open.getStore()?.active) throw misuse();
  try {
    return await together(database.kysely, async (kysely) => {
      const state = { active: true };
      try {
        return await open.run(state, () => work(ledgerWithin(kysely)));
      } finally {
        state.active = false;
      }
    });
  } catch (thrown) {
    throw asDatabaseError(thrown);
  }
};

const misuse = (): PlumblineError =>
  new PlumblineError("bug", "Inside a transaction only its own ledger may be used.");

/** The ledger within a transaction that is open already; a transaction inside it is part of it. */
export const ledgerWithin = (kysely: Kysely<Tables>): Ledger => {
  const ledger: Ledger = {
    ...rowsOver(
      kysely,
      guardedBy(() => {}),
    ),
    transaction: (work) => work(ledger),
    close: async () => {},
  };
  return ledger;
};

const rowsOver = (kysely: Kysely<Tables>, guard: Guard): Omit<Ledger, "transaction" | "close"> => ({
  workspaces: guard(workspaceRows(kysely)),
  runs: guard(runRows(kysely)),
  runLogs: guard(runLogRows(kysely)),
  leases: guard(leaseRows(kysely)),
  locks: guard(lockRows(kysely)),
  plans: guard(planRows(kysely)),
  approvals: guard(approvalRows(kysely)),
  findings: guard(findingRows(kysely)),
  deliveries: guard(deliveryRows(kysely)),
  outbox: guard(outboxRows(kysely)),
  audit: guard(auditRows(kysely)),
  pulls: guard(pullRows(kysely)),
  meta: guard(metaRows(kysely)),
  replicas: guard(replicaRows(kysely)),
  forgeBudget: guard(forgeBudgetRows(kysely)),
  mergeGroups: guard(mergeGroupRows(kysely)),
  requests: guard(requestRows(kysely)),
  retention: guard(retentionRows(kysely)),
  alerts: guard(alertRows(kysely)),
  migrations: guard(migrationRows(kysely)),
  backfills: guard(backfillRows(kysely)),
});

/** Every call is checked before it starts, and a lost connection gets its own error code. */
export const guardedBy =
  (check: () => void): Guard =>
  (rows) => {
    const wrap =
      (call: (...args: unknown[]) => Promise<unknown>) =>
      async (...args: unknown[]) => {
        check();
        try {
          return await call(...args);
        } catch (thrown) {
          throw asDatabaseError(thrown);
        }
      };
    const wrapped = Object.entries(rows).map(([name, call]) => [name, wrap(call)]);
    return Object.fromEntries(wrapped) as typeof rows;
  };
