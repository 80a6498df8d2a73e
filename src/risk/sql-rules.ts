import type { ChangeClass } from "../model/change-class.ts";

export interface StatementRule {
  readonly rule: string;
  readonly class: ChangeClass;
  readonly matches: RegExp;
  readonly except?: RegExp;
  readonly message: string;
  readonly wayOut: string;
  readonly phase?: "expand" | "contract";
}

const LATER =
  "Take it away in a later pull request, once nothing reads it and the time to roll back is over.";
const BACKFILL = "Add it empty, fill it in batches, verify, and demand it later.";
const EXPAND =
  "Add the new shape beside the old one, write both, move readers over, take the old one away later.";

/** What single statements do, by their words. Several may fire for one statement. */
export const STATEMENT_RULES: readonly StatementRule[] = [
  {
    rule: "sql-drop-table",
    class: "R4",
    matches: /^drop\s+(foreign\s+)?table\b/i,
    message: "Drops a table and the rows in it.",
    wayOut: LATER,
    phase: "contract",
  },
  {
    rule: "sql-drop-database",
    class: "R4",
    matches: /^drop\s+(database|schema|tablespace)\b/i,
    message: "Drops a whole schema or database.",
    wayOut: LATER,
    phase: "contract",
  },
  {
    rule: "sql-drop-column",
    class: "R4",
    matches:
      /^alter\s+table\b[\s\S]*\bdrop\s+(column\b|(if\s+exists\s+)?(?!constraint\b|default\b|not\b|index\b|key\b|primary\b|foreign\b|check\b|expression\b|identity\b|partition\b)["`\w])/i,
    except: /\balter\s+(column\s+)?["`\w]+\s+drop\b(?![\s\S]*\bdrop\s+column\b)/i,
    message: "Drops a column and the values in it.",
    wayOut: LATER,
    phase: "contract",
  },
  {
    rule: "sql-drop-partition",
    class: "R4",
    matches: /^alter\s+table\b[\s\S]*\bdrop\s+partition\b/i,
    message: "Drops a partition and the rows in it.",
    wayOut: LATER,
    phase: "contract",
  },
  {
    rule: "sql-drop-materialized",
    class: "R3",
    matches: /^drop\s+(materialized\s+)?view\b/i,
    message: "Drops a view; what reads it breaks.",
    wayOut: LATER,
    phase: "contract",
  },
  {
    rule: "sql-drop-other",
    class: "R3",
    matches:
      /^drop\s+(type|domain|function|procedure|aggregate|trigger|sequence|extension|policy|role|user|publication|subscription|rule)\b/i,
    message: "Drops something that others may use.",
    wayOut: LATER,
    phase: "contract",
  },
  {
    rule: "sql-drop-index",
    class: "R2",
    matches: /^drop\s+index\b/i,
    message: "Drops an index: queries that used it become slow.",
    wayOut: "See first that nothing uses it; drop it concurrently.",
  },
  {
    rule: "sql-truncate",
    class: "R4",
    matches: /^truncate\b/i,
    message: "Empties a table.",
    wayOut: "Delete what is meant, in batches, with a backup.",
  },
  {
    rule: "sql-delete",
    class: "R4",
    matches: /^(with\b[\s\S]*\)\s*)?delete\s+from\b/i,
    message: "Deletes rows.",
    wayOut: "Copy them first, and delete in batches under a condition.",
  },
  {
    rule: "sql-update-all",
    class: "R4",
    matches: /^update\b/i,
    except: /\bwhere\b/i,
    message: "Rewrites every row of a table; nothing tells the old values from the new ones.",
    wayOut: "Write into a new column, in batches, and compare.",
  },
  {
    rule: "sql-update",
    class: "R3",
    matches: /^(with\b[\s\S]*\)\s*)?update\b[\s\S]*\bwhere\b/i,
    message: "Rewrites rows: Git cannot bring the old values back.",
    wayOut: "Write into a new column, in batches, and compare.",
  },
  {
    rule: "sql-merge",
    class: "R3",
    matches: /^(merge\s+into|replace\s+into)\b/i,
    message: "Rewrites rows: Git cannot bring the old values back.",
    wayOut: "Write into a new table, and compare.",
  },
  {
    rule: "sql-change-type",
    class: "R3",
    matches:
      /^alter\s+table\b[\s\S]*(\balter\s+(column\s+)?["`\w.]+\s+(set\s+data\s+)?type\b|\bmodify\s+(column\s+)?|\bchange\s+(column\s+)?["`\w]+\s+["`\w]+\s)/i,
    message:
      "Changes a column's type: the table may be rewritten under a lock, and old code may not read it.",
    wayOut: EXPAND,
  },
  {
    rule: "sql-rename",
    class: "R3",
    matches: /^(alter\s+(table|view|type|schema|materialized\s+view)\b[\s\S]*\brename\b|rename\s+table\b)/i,
    except: /\brename\s+constraint\b/i,
    message: "Renames what running code still knows by its old name.",
    wayOut: EXPAND,
    phase: "contract",
  },
  {
    rule: "sql-set-not-null",
    class: "R3",
    matches: /^alter\s+table\b[\s\S]*\bset\s+not\s+null\b/i,
    message: "Demands a value: the table is scanned under a lock, and old code that leaves it out fails.",
    wayOut: BACKFILL,
    phase: "contract",
  },
  {
    rule: "sql-add-not-null",
    class: "R3",
    matches: /^alter\s+table\b[\s\S]*\badd\s+(column\s+)?[\s\S]*\bnot\s+null\b/i,
    except: /\bdefault\b|\bgenerated\b|\badd\s+constraint\b|\bset\s+not\s+null\b/i,
    message: "Adds a column that must have a value and has no default: it fails on a table with rows.",
    wayOut: BACKFILL,
  },
  {
    rule: "sql-add-column",
    class: "R1",
    matches:
      /^alter\s+table\b[\s\S]*\badd\s+(column\b|(if\s+not\s+exists\s+)?(?!constraint\b|primary\b|foreign\b|unique\b|check\b|index\b|key\b|partition\b|value\b)["`\w])/i,
    message: "Adds a column.",
    wayOut: "Nothing to do.",
    phase: "expand",
  },
  {
    rule: "sql-add-constraint",
    class: "R2",
    matches: /^alter\s+table\b[\s\S]*\badd\s+(constraint\b|primary\b|foreign\b|unique\b|check\b)/i,
    except: /\bnot\s+valid\b|\busing\s+index\b/i,
    message: "Adds a constraint: the table is scanned under a lock, and rows that break it make it fail.",
    wayOut: "Add it NOT VALID, mend the rows, validate it later.",
  },
  {
    rule: "sql-drop-constraint",
    class: "R3",
    matches: /^alter\s+table\b[\s\S]*\bdrop\s+(constraint|primary|foreign)\b/i,
    message: "Drops a constraint: wrong rows can come in from now on.",
    wayOut: "Confirm that nothing relies on it.",
    phase: "contract",
  },
  {
    rule: "sql-create-index",
    class: "R2",
    matches: /^create\s+(unique\s+)?index\b/i,
    except: /\bconcurrently\b|\bonline\s*=\s*on\b|\balgorithm\s*=?\s*inplace\b/i,
    message: "Builds an index under a lock that keeps writers out.",
    wayOut: "CREATE INDEX CONCURRENTLY, outside of a transaction.",
  },
  {
    rule: "sql-create-index-online",
    class: "R1",
    matches: /^create\s+(unique\s+)?index\b[\s\S]*\bconcurrently\b/i,
    message: "Builds an index beside the traffic.",
    wayOut: "Watch disk and replication.",
    phase: "expand",
  },
  {
    rule: "sql-create",
    class: "R1",
    matches:
      /^create\s+(or\s+replace\s+)?(global\s+|local\s+|temp(orary)?\s+|unlogged\s+)*(table|view|materialized\s+view|schema|sequence|type|domain|function|procedure|trigger|extension|database)\b/i,
    message: "Creates something new.",
    wayOut: "Nothing to do.",
    phase: "expand",
  },
  {
    rule: "sql-lock",
    class: "R2",
    matches: /^lock\s+(table\b|\w)/i,
    message: "Locks a table.",
    wayOut: "Leave it out, or set a short lock_timeout.",
  },
  {
    rule: "sql-rewrite",
    class: "R2",
    matches:
      /^(vacuum\s+\(?full|cluster\b|reindex\b(?![\s\S]*concurrently)|alter\s+table\b[\s\S]*\bset\s+(tablespace|logged|unlogged)\b|refresh\s+materialized\s+view\b(?![\s\S]*concurrently))/i,
    message: "Rewrites a table or index under a lock.",
    wayOut: "Do it in a window, or concurrently.",
  },
  {
    rule: "sql-enum-value",
    class: "R3",
    matches: /^alter\s+type\b[\s\S]*\badd\s+value\b/i,
    message: "Adds a value that old readers may not know; it cannot be taken away again.",
    wayOut: "Teach every reader first.",
    phase: "expand",
  },
  {
    rule: "sql-revoke",
    class: "R3",
    matches: /^revoke\b/i,
    message: "Takes access away.",
    wayOut: "See first that nobody uses it.",
  },
  {
    rule: "sql-grant",
    class: "R2",
    matches: /^grant\b/i,
    message: "Gives access.",
    wayOut: "Name the narrowest right.",
  },
  {
    rule: "sql-grant-public",
    class: "R3",
    matches: /^grant\b[\s\S]*\bto\s+public\b/i,
    message: "Gives access to everybody.",
    wayOut: "Name who needs it.",
  },
  {
    rule: "sql-body",
    class: "R2",
    matches: /^(do\b[\s\S]*\$body\$|execute\b|call\b|exec\b)/i,
    message: "Runs code that Plumbline cannot judge.",
    wayOut: "Write the statements out, or say in the `stateful_change` block what it does.",
  },
  {
    rule: "sql-insert",
    class: "R1",
    matches: /^(insert\s+into|copy)\b/i,
    message: "Adds rows.",
    wayOut: "Nothing to do.",
    phase: "expand",
  },
];
