import { rule } from "./rule.ts";

/** What changes rows rather than shape. */
export const DATA_RULES = {
  "update-without-where": rule({
    class: "R4",
    severity: "error",
    lock: "ROW EXCLUSIVE",
    rewrite: true,
    message: "Updates every row of {table}: old values are gone, and all rows stay locked until the end.",
    fix: "Say which rows with WHERE, and work in batches by key range.",
  }),
  "delete-without-where": rule({
    class: "R4",
    severity: "error",
    lock: "ROW EXCLUSIVE",
    message: "Deletes every row of {table}.",
    fix: "Say which rows with WHERE, with a backup proven, and work in batches by key range.",
  }),
  "delete-rows": rule({
    class: "R4",
    severity: "warn",
    lock: "ROW EXCLUSIVE",
    message: "Deletes rows of {table}; Git cannot bring them back.",
    fix: "Know how many rows there are (rehearse it), keep a copy of them, and work in batches by key range.",
  }),
  "update-unbatched": rule({
    class: "R2",
    severity: "warn",
    lock: "ROW EXCLUSIVE",
    message: "Updates rows of {table} in one go: they all stay locked until the end.",
    fix: "For more than some thousand rows use a backfill in batches by key range, with a checkpoint.",
  }),
  "data-change-not-idempotent": rule({
    class: "R2",
    severity: "warn",
    lock: "ROW EXCLUSIVE",
    message: "{what}: run twice, it gives something else than run once.",
    fix: "Write it so that a second run changes nothing: compare with the target in WHERE, or use ON CONFLICT.",
  }),
  "identifier-rewrite": rule({
    class: "R5",
    severity: "error",
    lock: "ROW EXCLUSIVE",
    message:
      "Rewrites {name}, which others keep as a reference; no backup of this table alone sets that right.",
    fix: "Make a formal migration plan: a mapping table kept for good, every consumer named, each step verified.",
  }),
  "change-catalog": rule({
    class: "R4",
    severity: "error",
    lock: "ROW EXCLUSIVE",
    message:
      "Writes to {table} of the system catalog: the server checks nothing of it, and may not start again.",
    fix: "Use the statement that is meant for it: ALTER, COMMENT, GRANT; ask the server's manual which.",
  }),
  "load-from-program": rule({
    class: "R3",
    severity: "error",
    message: "COPY runs a program on the database server.",
    fix: "Load the rows through the client: COPY ... FROM stdin.",
  }),
  "load-from-server-file": rule({
    class: "R2",
    severity: "warn",
    message: "COPY uses a file of the database server that no review sees.",
    fix: "Load the rows through the client: COPY ... FROM stdin.",
  }),
  "bypass-triggers": rule({
    class: "R3",
    severity: "error",
    message: "session_replication_role = replica turns off foreign keys and triggers for what follows.",
    fix: "Leave it alone: what gets in unchecked is found only much later.",
  }),
} as const;
