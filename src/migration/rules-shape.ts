import { rule } from "./rule.ts";

const lock = "ACCESS EXCLUSIVE";
const EXPAND =
  "Expand and contract: add the new one, write both, backfill, move readers, and remove the old one in a later pull request.";

/** What changes the shape of what running code reads and writes. */
export const SHAPE_RULES = {
  "change-column-type": rule({
    class: "R3",
    severity: "error",
    lock,
    rewrite: "depends",
    message: "Changes the type of {name} to {type}; {cost}.",
    fix: EXPAND,
  }),
  "set-not-null": rule({
    class: "R3",
    severity: "error",
    lock,
    message:
      "Sets {name} NOT NULL: the whole table is read while everybody waits, and one NULL makes it fail.",
    fix: "Backfill, then ADD CONSTRAINT ... CHECK ({column} IS NOT NULL) NOT VALID, VALIDATE it in a later migration, then SET NOT NULL (it trusts the check since 12).",
  }),
  "add-column-not-null": rule({
    class: "R3",
    severity: "error",
    lock,
    message:
      "Adds {name} NOT NULL without a default: it fails on a table with rows, and old code cannot insert.",
    fix: "Add it nullable or with a constant default, backfill in batches, then set it NOT NULL with a validated check.",
  }),
  "add-column-rewrite": rule({
    class: "R2",
    severity: "error",
    lock,
    rewrite: true,
    message: "Adds {name} with {what}: every row is written again while everybody waits.",
    fix: "Add the column nullable without it, SET DEFAULT for new rows, and backfill in batches.",
  }),
  "add-column-unknown-default": rule({
    class: "R2",
    severity: "warn",
    lock,
    rewrite: "depends",
    message:
      "Adds {name} with a default from {what}: if that function is volatile, every row is written again.",
    fix: "Make sure that the function is STABLE or IMMUTABLE, or add the column without a default and backfill in batches.",
  }),
  "drop-not-null": rule({
    class: "R1",
    severity: "warn",
    lock,
    message: "{name} may be NULL from now on: readers that count on a value fail at the first one without.",
    fix: "Deploy readers that bear NULL first; going back needs every NULL filled.",
  }),
  "drop-default": rule({
    class: "R3",
    severity: "warn",
    lock,
    message: "Drops the default of {name}: old code that leaves the column out writes NULL or fails.",
    fix: "Deploy code that always writes the column first.",
  }),
  "rename-column": rule({
    class: "R3",
    severity: "error",
    lock,
    message: "Renames {name}: code that runs now, and any rollback, still uses the old name.",
    fix: EXPAND,
  }),
  "rename-table": rule({
    class: "R3",
    severity: "error",
    lock,
    message: "Renames {name}: code that runs now, and any rollback, still uses the old name.",
    fix: `${EXPAND} A view under the old name carries readers over.`,
  }),
  "rename-object": rule({
    class: "R3",
    severity: "error",
    message: "Renames {name}: whoever uses the old name fails.",
    fix: EXPAND,
  }),
  "move-schema": rule({
    class: "R3",
    severity: "error",
    lock,
    message: "Moves {name} to another schema: whoever names the old one fails.",
    fix: `${EXPAND} A view in the old schema carries readers over.`,
  }),
  "enum-add-value": rule({
    class: "R3",
    severity: "warn",
    message: "Adds a value to {name}: code that runs now may not know it, and it can never be dropped.",
    fix: "Deploy readers that bear an unknown value first; write the new value in a later migration.",
  }),
  "enum-add-value-in-transaction": rule({
    class: "R3",
    severity: "warn",
    message: "Adds a value to {name} in a transaction: {why}.",
    fix: "Put ALTER TYPE ... ADD VALUE in a migration of its own, outside a transaction.",
  }),
  "enum-value-used-too-early": rule({
    class: "R3",
    severity: "error",
    message: "Uses the value {name} in the transaction that adds it; the server refuses that.",
    fix: "Use the value in the next migration.",
  }),
  "enum-rename-value": rule({
    class: "R3",
    severity: "error",
    message: "Renames a value of {name}: code that runs now writes and compares the old text.",
    fix: "Add the new value, move the rows, and leave the old value unused.",
  }),
  "alter-type": rule({
    class: "R3",
    severity: "error",
    rewrite: "depends",
    message:
      "Changes the attributes of composite type {name}: stored values and code must both understand it.",
    fix: EXPAND,
  }),
  "alter-domain": rule({
    class: "R2",
    severity: "error",
    lock: "SHARE",
    message: "Tightens domain {name}: every column that uses it is read, and one bad value makes it fail.",
    fix: "Add the constraint NOT VALID, mend the rows, VALIDATE it in a later migration.",
  }),
  "change-generated": rule({
    class: "R3",
    severity: "error",
    lock,
    rewrite: "depends",
    message: "Changes how {name} is generated.",
    fix: EXPAND,
  }),
  "expand-and-contract": rule({
    class: "R4",
    severity: "error",
    message:
      "Adds to {name} and takes away from it in one file: no state is left that old and new code both bear.",
    fix: "Keep what is added here; take away in a later pull request, after the deprecation window.",
  }),
  "sequence-restart": rule({
    class: "R3",
    severity: "error",
    message: "Sets the counter of {name}: numbers that exist already come again.",
    fix: "Set it to at least the highest key in use, computed in the same statement, and say who checked it.",
  }),
  "alter-sequence": rule({
    class: "R3",
    severity: "warn",
    message: "Changes sequence {name}: {what}.",
    fix: "Check the range left and that column and sequence have one type.",
  }),
  "change-identity": rule({
    class: "R3",
    severity: "error",
    lock,
    message: "Changes the identity of {name}: {what}.",
    fix: "Deploy code that no longer gives (or counts on) the number first.",
  }),
  "change-inheritance": rule({
    class: "R3",
    severity: "warn",
    lock,
    message: "Changes which rows a query on the parent of {name} sees.",
    fix: "Check every reader of the parent.",
  }),
  "replica-identity": rule({
    class: "R3",
    severity: "warn",
    lock,
    message: "Changes what logical replication sends for {name}.",
    fix: "Check every subscriber, and that updates and deletes still find a key.",
  }),
} as const;
