import { createHash } from "node:crypto";
import type { JudgedMigration, MigrationStanding, MigrationSummary } from "../model/migration.ts";
import type { SchemaContext, TouchedTable } from "../model/schema-context.ts";
import { type LintedFile, type LintOptions, lintScripts } from "./lint.ts";
import { parseScript } from "./parse-script.ts";

/** What would run, each migration with what the analysis says of it, whichever tool runs it. */
export const judgeStanding = (
  standing: MigrationStanding,
  { parse, today, context }: Pick<LintOptions, "parse" | "today" | "context">,
): MigrationSummary => {
  const { tool, toolVersion, target, history, pending, problems, passedOver = [] } = standing;
  const scripts = pending.map(({ sql }) => parseScript(sql, parse));
  const { files, changes } = lintScripts(
    pending.map(({ script, repeatable }, index) => ({
      file: script,
      script: scripts[index] ?? { statements: [], psql: [], loose: [] },
      repeatable,
    })),
    {
      ...{ parse, today, version: target.version, oneRun: true, ...(context ? { context } : {}) },
      searchPath: searchPathOf(history.table),
    },
  );
  return {
    tool,
    toolVersion,
    target,
    history: { table: history.table, version: history.version },
    migrations: pending.map(({ sql, ...one }, index): JudgedMigration => {
      const report = files[index];
      return {
        ...one,
        sha256: createHash("sha256").update(sql).digest("hex"),
        class: report?.class ?? "R4",
        statements: scripts[index]?.statements.length ?? 0,
        findings: report?.findings ?? [],
        suppressed: report?.suppressed ?? [],
      };
    }),
    changes,
    problems,
    ...(passedOver.length > 0 ? { passedOver } : {}),
    ...(context ? { tables: touchedTables(files, context) } : {}),
  };
};

/** Every tool looks for unqualified names in the schema of its history first. `table`: `app.flyway_schema_history`. */
export const searchPathOf = (table: string): readonly string[] => [
  ...new Set([table.slice(0, table.lastIndexOf(".")), "public"]),
];

/** The largest first. */
const touchedTables = (
  files: readonly LintedFile[],
  { tables, countedSince }: SchemaContext,
): readonly TouchedTable[] => {
  const names = [...new Set(files.flatMap((file) => file.tables))];
  return names
    .flatMap((name): readonly TouchedTable[] => {
      const table = tables[name];
      if (!table) return [];
      const { indexes, lastRead, shape: _, ...rest } = table;
      return [
        {
          ...{ name, ...rest, lastRead: lastRead?.toISOString() ?? null },
          scripts: files.filter((file) => file.tables.includes(name)).map(({ file }) => file),
          indexes: indexes.map(({ name: index, valid, unique }) => ({ name: index, valid, unique })),
          countedSince: countedSince?.toISOString() ?? null,
        },
      ];
    })
    .toSorted((left, right) => right.rows - left.rows || (left.name < right.name ? -1 : 1));
};
