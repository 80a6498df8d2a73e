import { z } from "zod";
import { changeClass } from "./leaf-rules.ts";

const text = z.string();
const milliseconds = z.int();
const rows = z.int().nullable().describe("Changed by it, as the server counted; null where it changes none.");

const serverLoad = z.strictObject({
  bytes: z.number().nullable().describe("Of the database."),
  lag: z.number().nullable().describe("Seconds that the replica furthest behind has still to replay."),
  replicas: z.int().nullable(),
  connections: z.int().nullable(),
  connectionsAllowed: z.int(),
});

/** What a second session saw of the server; null of what it may not see. */
const load = z.strictObject({
  before: serverLoad.nullable(),
  after: serverLoad.nullable(),
  walBytes: z.number().nullable().describe("Written to the log by the whole server meanwhile."),
  worstLag: z.number().nullable(),
  note: text.nullable().describe("What could not be seen, and why."),
});

/** Which database was migrated; never how one connects to it. */
export const migratedDatabase = z.strictObject({
  place: text.describe("HOST:PORT/NAME."),
  serverVersion: z.int(),
  user: text.describe("Whom the session that planned belonged to."),
  ranBy: text
    .optional()
    .describe(
      "Whom the session that ran it belonged to; left out where nothing was run, or the tool does not say.",
    ),
  history: text.describe("SCHEMA.TABLE."),
  tool: text,
  toolVersion: text.nullable(),
  load: load.optional().describe("Left out where nothing was run, or the tool does not say."),
});

const rehearsed = z.strictObject({
  milliseconds,
  rows,
  locks: z.array(z.strictObject({ relation: text, mode: text, milliseconds })),
  rewrites: z.array(text).describe("Tables and indexes whose rows were written anew."),
});

/** One migration of a run: what it was, what became of it, and how that compares. */
export const ranMigration = z.strictObject({
  script: text,
  version: text.nullable(),
  checksum: text.describe("As the history keeps it."),
  sha256: text.regex(/^[0-9a-f]{64}$/).describe("Of what ran, placeholders filled."),
  class: changeClass,
  run: text.optional().describe("Which earlier run of the same approval did it; left out: this one."),
  state: text.describe("`planned` where it was never begun."),
  transactional: z.boolean().nullable(),
  statements: z.int(),
  milliseconds: milliseconds.nullable(),
  retries: z.int().describe("Tries that a lock timeout took back."),
  ran: z
    .array(
      z.strictObject({
        ...{ line: z.int(), milliseconds, rows },
        waits: z
          .array(z.strictObject({ relation: text, mode: text, milliseconds, blockers: z.int() }))
          .optional()
          .describe("Locks that it did not get at once; left out where nobody could look."),
      }),
    )
    .nullable()
    .describe("Each statement; null where nobody saw the end, or the tool does not say."),
  held: z
    .array(z.strictObject({ relation: text, mode: text, milliseconds }))
    .optional()
    .describe("The strongest lock of each table that it was seen to hold; left out where nobody could look."),
  rehearsed: rehearsed.nullable(),
  past: z
    .array(z.strictObject({ workspace: text, milliseconds, at: text }))
    .describe("Of the same file elsewhere."),
});

/** What the live database told of a table that migrations touch. */
export const liveTable = z.strictObject({
  indexes: z.array(z.strictObject({ name: text, valid: z.boolean(), unique: z.boolean() })),
  dependants: z.array(z.strictObject({ kind: text, name: text })),
  reads: z.number(),
  writes: z.number(),
  lastRead: text.nullable(),
  countedSince: text.nullable().describe("Reads and writes are counted since then; null: since ever."),
  columns: z.record(text, text).describe("Classification of columns that have one."),
});
