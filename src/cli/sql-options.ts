import type { OptionSpec } from "./command.ts";

/** Options that every command on a folder and a database has. */
export const SQL_WORKSPACE_OPTIONS = {
  url: {
    type: "text",
    value: "URL",
    about: "postgres://..., pglite:DIRECTORY, or env:NAME of a variable that holds it",
  },
  schema: {
    type: "texts",
    value: "NAME",
    about: "made where it is not there; the first one holds the history, else the first of the search path",
  },
  table: { type: "text", value: "NAME", about: "the history table; flyway_schema_history where left out" },
  placeholder: { type: "texts", value: "NAME=VALUE", about: "a value for a placeholder; may be repeated" },
  "out-of-order": { type: "switch", about: "let versions run that are older than the newest applied one" },
  ignore: {
    type: "texts",
    value: "PATTERN",
    about: "what may be passed over, such as *:missing; *:future where left out",
  },
  mixed: {
    type: "switch",
    about: "run a file without a transaction if only some of its statements refuse one",
  },
  encoding: { type: "text", value: "NAME", about: "of the files; UTF-8 where left out" },
  "baseline-version": {
    type: "text",
    value: "VERSION",
    about: "take a database that holds something but no history as being at this version",
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Options of plan, migrate, drift and propose: who runs the files. */
export const SQL_TOOL_OPTIONS = {
  tool: {
    type: "text",
    value: "NAME",
    about: "builtin (where left out), or the team's own flyway or liquibase",
  },
  changelog: {
    type: "text",
    value: "FILE",
    about: "Liquibase's root changelog in the folder; the only one where left out",
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Options of `sql migrate` alone. */
export const SQL_MIGRATE_OPTIONS = {
  "lock-timeout": {
    type: "text",
    value: "TIME",
    about: "how long a statement waits for a lock; 5s where left out",
  },
  "statement-timeout": {
    type: "text",
    value: "TIME",
    about: "how long a statement may take; 1h where left out",
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Options of `sql drift` alone. */
export const SQL_DRIFT_OPTIONS = {
  "rehearsal-url": {
    type: "text",
    value: "URL",
    about: "a server where a database may be made to replay the files; PGlite where left out",
  },
  formalize: { type: "switch", about: "the migration that makes the history explain what is live" },
  revert: { type: "switch", about: "the migration that takes back what was done by hand" },
  write: { type: "switch", about: "put the migration into the folder, once it is proven" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Options of `sql propose` alone. */
export const SQL_PROPOSE_OPTIONS = {
  desired: {
    type: "text",
    value: "FILE",
    about: "the desired schema, relative to the folder; schema.sql where left out",
  },
  schema: {
    type: "text",
    value: "NAME",
    about: "the schema that names without one mean; public where left out",
  },
  placeholder: { type: "texts", value: "NAME=VALUE", about: "a value for a placeholder; may be repeated" },
  ...SQL_TOOL_OPTIONS,
  "rehearsal-url": SQL_DRIFT_OPTIONS["rehearsal-url"],
  write: SQL_DRIFT_OPTIONS.write,
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Options of `sql plan` alone. */
export const SQL_PLAN_OPTIONS = {
  rehearse: {
    type: "switch",
    about: "run everything on a database that is thrown away, and say what it does",
  },
  "rehearsal-url": {
    type: "text",
    value: "URL",
    about: "where to rehearse: a copy of production, or a server where databases may be made; else PGlite",
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Options of `sql backfill`. */
export const SQL_BACKFILL_OPTIONS = {
  ...SQL_WORKSPACE_OPTIONS,
  name: { type: "text", value: "NAME", about: "only this one" },
  status: { type: "switch", about: "say how far they are; changes nothing" },
  pause: { type: "switch", about: "end after the batch that is under way, wherever it runs" },
  resume: { type: "switch", about: "let a paused or stopped one go on; the next call runs it" },
  retry: { type: "switch", about: "try the keys again that were left out, then go on" },
} as const satisfies Readonly<Record<string, OptionSpec>>;
