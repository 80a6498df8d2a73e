import type { Command } from "./command.ts";
import {
  SQL_BACKFILL_OPTIONS,
  SQL_DRIFT_OPTIONS,
  SQL_MIGRATE_OPTIONS,
  SQL_PLAN_OPTIONS,
  SQL_PROPOSE_OPTIONS,
  SQL_TOOL_OPTIONS,
  SQL_WORKSPACE_OPTIONS,
} from "./sql-options.ts";

/** What is asked of SQL migrations and of their databases. */
export const SQL_COMMANDS: readonly Command[] = [
  {
    words: ["sql", "lint"],
    argsUsage: "FILE...",
    argsCount: [1, Number.POSITIVE_INFINITY],
    about: "find what is dangerous in PostgreSQL migrations, before they run",
    options: {
      "pg-version": { type: "text", value: "MAJOR", about: "the server's version; 16 where left out" },
    },
    load: async () => (await import("./sql-lint.ts")).sqlLint,
  },
  {
    words: ["sql", "plan"],
    argsUsage: "DIR...",
    argsCount: [1, Number.POSITIVE_INFINITY],
    about: "show which migrations are pending, what they do and what speaks against them; changes nothing",
    options: { ...SQL_WORKSPACE_OPTIONS, ...SQL_TOOL_OPTIONS, ...SQL_PLAN_OPTIONS },
    load: async () => (await import("./sql-plan.ts")).sqlPlan,
  },
  {
    words: ["sql", "migrate"],
    argsUsage: "DIR...",
    argsCount: [1, Number.POSITIVE_INFINITY],
    about: "run pending migrations and keep the history as Flyway does",
    options: { ...SQL_WORKSPACE_OPTIONS, ...SQL_TOOL_OPTIONS, ...SQL_MIGRATE_OPTIONS },
    load: async () => (await import("./sql-migrate.ts")).sqlMigrate,
  },
  {
    words: ["sql", "drift"],
    argsUsage: "DIR",
    argsCount: [1, 1],
    about: "compare the live schema with history and folder, and write the migration that puts them at one",
    options: { ...SQL_WORKSPACE_OPTIONS, ...SQL_TOOL_OPTIONS, ...SQL_DRIFT_OPTIONS },
    load: async () => (await import("./sql-drift.ts")).sqlDrift,
  },
  {
    words: ["sql", "propose"],
    argsUsage: "DIR",
    argsCount: [1, 1],
    about: "write the migration from a folder's end to the desired schema; no database is asked",
    options: SQL_PROPOSE_OPTIONS,
    load: async () => (await import("./sql-propose.ts")).sqlPropose,
  },
  {
    words: ["sql", "backfill"],
    argsUsage: "DIR",
    argsCount: [1, 1],
    about: "run, watch, pause or resume the folder's backfills: data changed in batches that survive a kill",
    options: SQL_BACKFILL_OPTIONS,
    load: async () => (await import("./sql-backfill.ts")).sqlBackfill,
  },
];
