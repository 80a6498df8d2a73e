import type { MigrationSummary } from "../../src/model/migration.ts";
import type { Rehearsal, RehearsedMigration, RehearsedStatement } from "../../src/model/rehearsal.ts";

export const statement = (line: number, more: Partial<RehearsedStatement> = {}): RehearsedStatement => ({
  ...{ line, column: 1, statement: `alter table t${line} add column a int;`, milliseconds: 1.5 },
  ...{ rows: 0, locks: [], rewrites: [], ...more },
});
export const migration = (script: string, statements: readonly RehearsedStatement[]): RehearsedMigration => ({
  ...{ script, version: "2", checksum: 1, transactional: true, milliseconds: 12.3, statements },
});
/** Names and texts in it try to be markup, mentions and ends of cells. */
export const rehearsal: Rehearsal = {
  server: { place: "pglite:memory", version: 18 },
  copy: null,
  current: {
    migrations: [
      migration("V2__wider.sql", [
        statement(1, {
          locks: [{ relation: "public.orders", mode: "ACCESS EXCLUSIVE", milliseconds: 4.2 }],
          rewrites: ["public.orders"],
        }),
        statement(2, { statement: "update lines\n set a = '|@bob <b>';", rows: 41_000 }),
      ]),
      migration("V3__index.sql", [statement(1, { rows: null, locks: null })]),
    ],
    failure: null,
  },
  empty: { migrations: Array.from({ length: 7 }, () => migration("V1__a.sql", [])), failure: null },
  diff: [
    {
      address: "table public.orders",
      path: "columns.total.type",
      what: "changed",
      text: "column total: integer -> bigint",
    },
    { address: "view public.v", path: "", what: "added", text: "SELECT 1 AS a,\n```\n@carol" },
  ],
  again: { pending: [], changes: [], failure: null },
  notes: ["The live schema has @dave."],
  milliseconds: 3210,
};

export const migrationSummary: MigrationSummary = {
  ...{ tool: "builtin", toolVersion: null, target: { place: "db:5432/orders", version: 15, user: "r" } },
  ...{ history: { table: "public.h", version: "1" }, migrations: [], changes: [], problems: [] },
};
