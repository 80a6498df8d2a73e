import { rule } from "./rule.ts";

const FIX_FILE = "Mend the file; until then nobody can say what it does.";

/** How a migration runs: transactions, locks, upkeep, and files that cannot be run at all. */
export const RUN_RULES = {
  "concurrently-in-transaction": rule({
    class: "R1",
    severity: "error",
    message: "{what} cannot run inside a transaction block; the server refuses it.",
    fix: "Put it in a migration of its own without BEGIN and COMMIT.",
  }),
  "mixed-transaction": rule({
    class: "R1",
    severity: "warn",
    message:
      "{what} cannot run in a transaction, other statements of this file want one: a failure leaves half of it.",
    fix: "Put it in a migration of its own; Flyway and `plumbline sql migrate` refuse the mixture.",
  }),
  "slow-after-lock": rule({
    class: "R2",
    severity: "warn",
    lock: "ACCESS EXCLUSIVE",
    message:
      "{what} works on rows in the transaction that still holds the lock on {table}: everybody waits for both.",
    fix: "Split the file: what locks and is brief first, what takes long in a migration of its own.",
  }),
  "dynamic-sql": rule({
    class: "R3",
    severity: "warn",
    message: "{what} runs what cannot be read here: its class, locks and rows are unknown.",
    fix: "Write the statements out, or EXECUTE a text that stands there as a whole; a rehearsal shows what it did.",
  }),
  "newer-syntax": rule({
    class: "R1",
    severity: "error",
    message:
      "{what} is known to servers since version {since}; this is for version {version}, which refuses it.",
    fix: "Write it as the server's version has it, or upgrade the server first; --pg-version says which one a lint is for.",
  }),
  "transaction-left-open": rule({
    class: "R1",
    severity: "error",
    message: "The transaction that begins here is not ended: all of it is taken back with the session.",
    fix: "End it with COMMIT, or leave BEGIN out: each migration has a transaction of its own.",
  }),
  "ends-sessions": rule({
    class: "R2",
    severity: "warn",
    message: "{name} ends statements or sessions of others; what they had not committed is lost.",
    fix: "Set lock_timeout and try again instead: the migration waits, not they.",
  }),
  "lock-timeout-missing": rule({
    class: "R0",
    severity: "warn",
    message: "Nothing limits how long this waits for its lock, and meanwhile everybody waits behind it.",
    fix: "SET lock_timeout = '2s' at the top of the file (`plumbline sql migrate` sets it by itself), and try again on failure.",
  }),
  "lock-table": rule({
    class: "R2",
    severity: "error",
    lock: "ACCESS EXCLUSIVE",
    message: "Locks {name} in {mode} mode until the transaction ends.",
    fix: "Leave it out: each statement takes the lock that it needs. For one runner at a time use an advisory lock.",
  }),
  cluster: rule({
    class: "R2",
    severity: "error",
    lock: "ACCESS EXCLUSIVE",
    rewrite: true,
    message: "CLUSTER writes {name} again in another order while everybody waits.",
    fix: "Use pg_repack or a new table in a maintenance window; a migration is the wrong place.",
  }),
  "vacuum-full": rule({
    class: "R2",
    severity: "error",
    lock: "ACCESS EXCLUSIVE",
    rewrite: true,
    message: "VACUUM FULL writes {name} again while everybody waits.",
    fix: "Plain VACUUM, or pg_repack in a maintenance window.",
  }),
  "reindex-not-concurrent": rule({
    class: "R2",
    severity: "error",
    lock: "SHARE",
    rewrite: true,
    message: "REINDEX of {name} holds writers up, and readers that would use the index.",
    fix: "REINDEX ... CONCURRENTLY (since 12), outside a transaction.",
  }),
  "refresh-not-concurrent": rule({
    class: "R2",
    severity: "warn",
    lock: "ACCESS EXCLUSIVE",
    rewrite: true,
    message: "Refreshes {name} while its readers wait.",
    fix: "REFRESH MATERIALIZED VIEW CONCURRENTLY; it needs a unique index.",
  }),
  "table-rewrite": rule({
    class: "R2",
    severity: "error",
    lock: "ACCESS EXCLUSIVE",
    rewrite: true,
    message: "{what} writes all of {name} again while everybody waits.",
    fix: "Do it in a maintenance window, or build the table anew beside the old one and move rows over.",
  }),
  "set-unlogged": rule({
    class: "R4",
    severity: "error",
    lock: "ACCESS EXCLUSIVE",
    rewrite: true,
    message: "Makes {name} UNLOGGED: a crash empties it, and no replica has it.",
    fix: "Keep it logged unless its rows can be made again.",
  }),
  "psql-command": rule({
    class: "R4",
    severity: "error",
    message: "{name} is a command of psql: no server and no migration tool runs it.",
    fix: "Write it in SQL; for a dump, use pg_dump without --clean options and leave such lines out.",
  }),
  "syntax-error": rule({ class: "R4", severity: "error", message: "{message}", fix: FIX_FILE }),
  "suppression-invalid": rule({
    class: "R0",
    severity: "error",
    message: "This plumbline:ignore does not count: {why}.",
    fix: 'Write -- plumbline:ignore RULE reason="..." owner="..." [until=YYYY-MM-DD] above the statement.',
  }),
  "suppression-expired": rule({
    class: "R0",
    severity: "warn",
    message: "This plumbline:ignore ended on {until}.",
    fix: "Remove it, or have its owner renew the date.",
  }),
  "suppression-unused": rule({
    class: "R0",
    severity: "warn",
    message: "This plumbline:ignore hides nothing: {rule} does not fire here.",
    fix: "Remove it.",
  }),
} as const;
