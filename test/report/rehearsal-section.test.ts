import { describe, expect, test } from "vitest";
import type { MigrationSummary } from "../../src/model/migration.ts";
import { pullComment } from "../../src/report/pull-comment.ts";
import { migration, migrationSummary, rehearsal, statement } from "./rehearsed.ts";
import { summaryOf, view, workspace } from "./views.ts";

const comment = (
  more: Partial<MigrationSummary>,
  { logUrl = "https://p.example/runs/1/log", commentLength = 60_000 } = {},
) => {
  const planned = { ...summaryOf([]), migration: { ...migrationSummary, ...more } };
  return pullComment(view([workspace("db", { summary: planned, logUrl })]), { commentLength });
};

describe("what was rehearsed", () => {
  const [text = ""] = comment({ rehearsal });

  test("both ways, where, how long, and that nothing is left to do", () => {
    expect(text).toContain(
      "**Rehearsed** on `pglite:memory` (PostgreSQL 18, schema only) in 3.2 s: 2 migrations from the schema that the target has now, 7 from an empty database. A second run finds nothing to do.",
    );
  });

  test("a table per migration: statement, time, locks taken, rows and rewrites", () => {
    expect(text).toContain("`V2__wider.sql` took 12.3 ms");
    expect(text).toContain(
      "| 1 | `1: alter table t1 add column a int;` | 1.5 ms | ACCESS EXCLUSIVE on `public.orders`, held 4.2 ms | 0 | `public.orders` |",
    );
    expect(text).toContain("| 41,000 |  |");
    expect(text).toContain(
      "| 1 | `1: alter table t1 add column a int;` | 1.5 ms | not seen outside a transaction | not seen |  |",
    );
  });

  test("what the schema becomes, as a diff", () => {
    expect(text).toContain("! table public.orders: column total: integer -> bigint");
    expect(text).toMatch(/^\+ view public\.v: SELECT 1 AS a, ``` @carol$/m);
  });

  test("nothing in it calls anybody, ends a cell or is markup", () => {
    expect(text).toContain("`2: update lines set a = '\\|@bob <b>';`");
    expect(text).not.toContain("has @dave");
  });
});

test("failures and what a second run would do are said beside the table", () => {
  const failure = { script: "V3__index.sql", line: 2, column: 8, message: "no such column", state: "42703" };
  const [failed = ""] = comment({
    rehearsal: { ...rehearsal, again: null, empty: { migrations: [], failure } },
  });
  expect(failed).toContain("From an empty database it stops at `V3__index.sql:2:8`: no such column");
  const again = { pending: ["R__v.sql"], changes: [], failure: null };
  expect(comment({ rehearsal: { ...rehearsal, again } })[0]).toContain(
    "A second run still does something: `R__v.sql`.",
  );
  const copied = comment({ rehearsal: { ...rehearsal, copy: { rows: { "public.orders": 5 } } } });
  expect(copied[0]).toContain("(PostgreSQL 18, a copy with rows)");
});

test("whether files are taken back is told, with what they leave or why they fail", () => {
  const failure = { script: "V4__d.sql.compensate", line: 2, column: 8, message: "no @dave", state: "42704" };
  const left = [
    { address: "table public.t", path: "columns.b", what: "added", text: "column b int" },
  ] as const;
  const [told = ""] = comment({
    rehearsal: {
      ...rehearsal,
      compensations: [
        { script: "V2__b.sql.compensate", goesBack: "yes", tried: 3, after: null, failure: null, left: [] },
        { script: "V3__c.sql.compensate", goesBack: "partly", tried: 1, after: 2, failure: null, left },
        { script: failure.script, goesBack: "no", tried: 1, after: 0, failure, left: [] },
      ],
    },
  });
  expect(told).toContain(
    "- V2__b.sql.compensate goes back: yes, from 3 states in which its migration may stop",
  );
  expect(told).toContain(
    "- ⚠️ V3__c.sql.compensate goes back: partly, behind 2 statements it leaves + table public.t column b int",
  );
  expect(told).toContain("- ❌ V4__d.sql.compensate goes back: no, behind 0 statements it fails: 2:8: no ");
  expect(told).not.toContain("no @dave");
});

test("a long rehearsal is cut, and says where all of it is", () => {
  const migrations = Array.from({ length: 300 }, (_, index) =>
    migration(
      `V${index}__step.sql`,
      Array.from({ length: 10 }, (_, line) => statement(line + 1)),
    ),
  );
  const long = { ...rehearsal, current: { migrations, failure: null } };
  const parts = comment({ rehearsal: long });
  expect(parts.length).toBeLessThanOrEqual(3);
  expect(parts.join("\n")).toMatch(
    /[\d,]+ more statements: see \[the log\]\(https:\/\/p\.example\/runs\/1\/log\)\./,
  );
  for (const part of parts) expect(part.length).toBeLessThanOrEqual(60_000);
});

test("what the tables hold that are touched: rows, size, indexes, who uses them, last use, classification", () => {
  const tables = [
    {
      ...{ name: "app.orders", scripts: ["V2__wider.sql"], rows: 420_000_000, bytes: 310 * 1024 ** 3 },
      indexes: [
        { name: "app.orders_pkey", bytes: 1, valid: true, unique: true, scans: 1, lastScan: null },
        { name: "app.orders_bad", bytes: 1, valid: false, unique: false, scans: 0, lastScan: null },
      ],
      dependants: [{ kind: "view" as const, name: "app.v" }],
      ...{ reads: 12, writes: 3, lastRead: "2026-05-01T00:00:00.000Z", countedSince: null },
      ...{ classification: "pii", columns: { email: "confidential" } },
    },
  ];
  expect(comment({ tables })[0]).toContain(
    "| `app.orders` | 420 million | 310 GB | 2, 1 invalid | view `app.v` | 12 reads, last 2026-05-01 | pii, `email` confidential |",
  );
});
