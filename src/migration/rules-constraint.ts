import { rule } from "./rule.ts";

/** Indexes, constraints and partitions of tables that hold rows already. */
export const CONSTRAINT_RULES = {
  "index-not-concurrent": rule({
    class: "R2",
    severity: "error",
    lock: "SHARE",
    message: "Builds index {name} on {table} while writers wait.",
    fix: "CREATE INDEX CONCURRENTLY, in a migration of its own outside a transaction.",
  }),
  "index-concurrently-partitioned": rule({
    class: "R1",
    severity: "error",
    message: "{table} is partitioned, and the server refuses CONCURRENTLY on it.",
    fix: "CREATE INDEX ON ONLY the parent, build each partition's index CONCURRENTLY, then ATTACH them.",
  }),
  "add-unique": rule({
    class: "R2",
    severity: "error",
    lock: "ACCESS EXCLUSIVE",
    message:
      "Adds {what} on {table}: its index is built while readers and writers wait, and a duplicate makes it fail.",
    fix: "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT ... USING INDEX.",
  }),
  "add-exclusion": rule({
    class: "R2",
    severity: "error",
    lock: "ACCESS EXCLUSIVE",
    message:
      "Adds an exclusion constraint on {table}: its index is built while everybody waits; there is no online way.",
    fix: "Plan a window, or build the table anew beside the old one and move rows over.",
  }),
  "constraint-not-valid": rule({
    class: "R2",
    severity: "error",
    lock: "ACCESS EXCLUSIVE",
    message: "Adds {what} on {table} and reads the whole table while everybody waits.",
    fix: "Add it NOT VALID; VALIDATE CONSTRAINT in a later migration, which lets readers and writers work.",
  }),
  "foreign-key-lock": rule({
    class: "R2",
    severity: "error",
    lock: "SHARE ROW EXCLUSIVE",
    message: "Adds a foreign key from {table} to {target}: {cost}.",
    fix: "Add it NOT VALID; VALIDATE CONSTRAINT in a later migration.",
  }),
  "validate-in-same-transaction": rule({
    class: "R2",
    severity: "warn",
    lock: "ACCESS EXCLUSIVE",
    message:
      "Validates {name} in the transaction that adds it: the strong lock is held while every row is read.",
    fix: "VALIDATE CONSTRAINT in a migration of its own.",
  }),
  "attach-partition": rule({
    class: "R2",
    severity: "warn",
    lock: "ACCESS EXCLUSIVE",
    message:
      "Attaches {name} to {table}: its rows are read under lock unless a valid CHECK proves that they fit.",
    fix: "Add and validate a CHECK that repeats the partition's bounds first, and drop it afterwards.",
  }),
  "create-partition": rule({
    class: "R1",
    severity: "warn",
    lock: "ACCESS EXCLUSIVE",
    message:
      "Creates {name} as a partition of {table}: everybody waits for the lock, and the rows of a default partition are read under it.",
    fix: "CREATE TABLE ... (LIKE the parent), then ATTACH PARTITION, which lets readers and writers work (since 12).",
  }),
  "detach-partition": rule({
    class: "R4",
    severity: "error",
    lock: "ACCESS EXCLUSIVE",
    message:
      "Detaches {name} from {table}: a retention change, its rows vanish from every query, and everybody waits.",
    fix: "DETACH PARTITION ... CONCURRENTLY (since 14), with whoever owns the data agreeing to the retention.",
  }),
  "detach-partition-concurrently": rule({
    class: "R4",
    severity: "warn",
    lock: "SHARE UPDATE EXCLUSIVE",
    message: "Detaches {name} from {table}: a retention change, its rows vanish from every query.",
    fix: "Have whoever owns the data agree to the retention; keep the detached table until then.",
  }),
  "create-trigger": rule({
    class: "R2",
    severity: "warn",
    lock: "SHARE ROW EXCLUSIVE",
    message:
      "Adds trigger {name} on {table}: writers wait for the lock, and every write pays for it from now on.",
    fix: "Set lock_timeout, and measure the trigger's cost in a rehearsal.",
  }),
  "event-trigger": rule({
    class: "R3",
    severity: "warn",
    message: "Event trigger {name} runs at statements of everybody, later migrations too.",
    fix: "Rehearse with it in place, and know how to turn it off: ALTER EVENT TRIGGER ... DISABLE.",
  }),
  "create-rule": rule({
    class: "R3",
    severity: "warn",
    lock: "ACCESS EXCLUSIVE",
    message: "Rule {name} makes statements on {table} do something else, or nothing, for every application.",
    fix: "Use a trigger, or a view with INSTEAD OF triggers; a rule loses rows without a word.",
  }),
  "triggers-off": rule({
    class: "R3",
    severity: "error",
    lock: "SHARE ROW EXCLUSIVE",
    message: "Turns off {what} on {table}: foreign keys or what triggers keep right may break unseen.",
    fix: "Leave them on and work in batches; if it must be, turn them on again and check the rows in the same migration.",
  }),
} as const;
