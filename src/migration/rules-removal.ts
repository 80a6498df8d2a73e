import { rule } from "./rule.ts";

const lock = "ACCESS EXCLUSIVE";
const KEEP =
  "Prove that nothing reads it any more, keep a tested backup, and drop it in a pull request of its own after the deprecation window.";

/** What takes away data, or what others stand on. */
export const REMOVAL_RULES = {
  "drop-table": rule({
    class: "R4",
    severity: "error",
    lock,
    message: "Drops table {name} with all its rows; Git cannot bring them back.",
    fix: KEEP,
  }),
  "drop-partition": rule({
    class: "R4",
    severity: "error",
    lock,
    message:
      "Drops partition {name}: a retention change, its rows are gone and the parent is locked meanwhile.",
    fix: "Detach it CONCURRENTLY first, keep a copy for as long as the data's classification asks, then drop it.",
  }),
  "drop-chunks": rule({
    class: "R4",
    severity: "error",
    lock,
    message: "{name} deletes old chunks: a retention change, their rows are gone.",
    fix: "Have whoever owns the data agree to the retention, and keep a copy for as long as its classification asks.",
  }),
  "drop-column": rule({
    class: "R4",
    severity: "error",
    lock,
    message: "Drops column {name} and what it holds; running code that names it fails at once.",
    fix: "Stop reading and writing it first, wait for the deprecation window, then drop it in a pull request of its own.",
  }),
  "drop-schema": rule({
    class: "R4",
    severity: "error",
    lock,
    message: "Drops schema {name}.",
    fix: "Drop its objects one by one where each can be reviewed, and the empty schema last.",
  }),
  "drop-database": rule({
    class: "R4",
    severity: "error",
    message: "Drops database {name} with everything in it.",
    fix: "A migration never needs this; do it by hand with a restore tested before.",
  }),
  truncate: rule({
    class: "R4",
    severity: "error",
    lock,
    message: "Empties {name}: every row is gone, and readers wait.",
    fix: "Delete what is meant by key ranges in batches, with a backup proven, or say why the whole table is disposable.",
  }),
  "drop-cascade": rule({
    class: "R4",
    severity: "error",
    lock,
    message:
      "CASCADE also drops whatever depends on {name}: columns, views, functions, constraints nobody named.",
    fix: "Name each dependent object and drop it explicitly, without CASCADE.",
  }),
  "drop-type": rule({
    class: "R3",
    severity: "warn",
    message: "Drops type {name}; code that casts to it fails.",
    fix: KEEP,
  }),
  "drop-view": rule({
    class: "R3",
    severity: "warn",
    lock,
    message: "Drops view {name}; whoever reads it fails.",
    fix: "Use CREATE OR REPLACE VIEW to change it; drop it once nobody reads it.",
  }),
  "drop-function": rule({
    class: "R3",
    severity: "warn",
    message: "Drops {name}; whoever calls it fails.",
    fix: "Use CREATE OR REPLACE to change it; drop it once nobody calls it.",
  }),
  "drop-sequence": rule({
    class: "R4",
    severity: "error",
    lock,
    message: "Drops sequence {name}: the number that it had reached is lost, and inserts that use it fail.",
    fix: KEEP,
  }),
  "drop-trigger": rule({
    class: "R3",
    severity: "warn",
    lock,
    message: "Drops trigger {name}: what it guarded or copied no longer is.",
    fix: "Make sure that the code has taken over what it did; CREATE OR REPLACE TRIGGER changes one in place.",
  }),
  "drop-extension": rule({
    class: "R3",
    severity: "warn",
    message: "Drops extension {name} with its types and functions.",
    fix: KEEP,
  }),
  "drop-replication": rule({
    class: "R3",
    severity: "warn",
    message: "Drops {name}: whoever follows these changes no longer gets them.",
    fix: "Move the followers first and watch their lag.",
  }),
  "drop-owned": rule({
    class: "R4",
    severity: "error",
    lock,
    message: "Drops everything that {name} owns, whatever it is.",
    fix: "REASSIGN OWNED to another role, then drop what is meant by name.",
  }),
  "drop-constraint": rule({
    class: "R2",
    severity: "warn",
    lock,
    message: "Drops constraint {name}: rows that break it get in, and ON CONFLICT that counts on it fails.",
    fix: "Set lock_timeout, and know how the rows are kept right from now on.",
  }),
  "drop-index-not-concurrent": rule({
    class: "R2",
    severity: "warn",
    lock,
    message: "Drops index {name} while readers and writers of its table wait.",
    fix: "DROP INDEX CONCURRENTLY, in a migration of its own outside a transaction, after its use counted zero.",
  }),
  "replication-change": rule({
    class: "R3",
    severity: "warn",
    message: "Changes what comes through {name}: whoever follows it may miss rows that nobody sends again.",
    fix: "Say who follows it, wait until their lag is zero, and copy anew what they missed.",
  }),
} as const;
