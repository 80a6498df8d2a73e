import { z } from "zod";
import type { DatabaseConfig, DatabaseRule, HeldUrl } from "../model/database.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { parseDuration } from "./duration.ts";
import { absoluteRule } from "./isolation-schema.ts";
import { durationRule, filledRule, ruled } from "./leaf-rules.ts";
import { variableName } from "./server-rules.ts";

const NO_URL =
  "A connection does not belong in Git: name what holds it, as {env: NAME} or {file: /PATH}, and put the URL there.";

const isHeld = (value: unknown): value is { env: string } | { file: string } =>
  isJsonObject(value as Json) && Object.keys(value as object).length === 1;

/** What holds a URL, never the URL: also where somebody writes one, nothing of it is repeated. */
const held = z
  .union([z.strictObject({ env: variableName }), z.strictObject({ file: absoluteRule }), z.string()])
  .check((context) => {
    if (!isHeld(context.value))
      context.issues.push({ code: "custom", input: context.value, message: NO_URL });
  });

const identifierRule = ruled((name) =>
  /^[\p{L}_][\p{L}\p{N}_$]*$/u.test(name) && Buffer.byteLength(name) < 64
    ? undefined
    : "This is no plain name of a schema or table.",
);

const pgTimeRule = ruled((time) =>
  /^\d+(ms|s|min|h)?$/.test(time) ? undefined : "This is no time such as 500ms, 5s, 10min or 1h; 0 for none.",
);

const sqlVersionRule = ruled((version) =>
  /^\d+([._]\d+)*$/.test(version) ? undefined : "This is no version such as 1 or 2.3.",
);

const changelogRule = ruled((path) =>
  path !== "" && !path.startsWith("/") && !path.split("/").includes("..")
    ? undefined
    : "Write a path in the workspace's folder.",
);

export const databaseSchema = z
  .strictObject({
    tool: z
      .enum(["builtin", "flyway", "liquibase"])
      .optional()
      .describe(
        "Who runs the files: Plumbline itself (Flyway's names, order and history), or a command line.",
      ),
    url: z
      .strictObject({
        read_only: held.optional().describe("Plans and looks for drift: {env: NAME} or {file: /PATH}."),
        migration: held.optional().describe("Runs migrations."),
        backfill: held
          .optional()
          .describe("Changes rows in batches, and may do no more; `migration` does where left out."),
        rehearsal: held
          .optional()
          .describe("A server on which migrations may be tried; PGlite where left out."),
      })
      .optional()
      .describe("What holds the URL of each identity; the server's `databases` allow it."),
    schema: identifierRule.optional().describe("Where the history is, and names without a schema."),
    schemas: z
      .array(identifierRule)
      .min(1)
      .optional()
      .describe("The same for several; the first is meant above."),
    history_table: identifierRule
      .optional()
      .describe("flyway_schema_history (databasechangelog) where left out."),
    placeholders: z
      .record(z.string().regex(/^[\w.:-]+$/), z.string())
      .optional()
      .describe("Values for placeholders in the files. They are in Git: no secrets."),
    out_of_order: z.boolean().optional().describe("Versions older than the newest applied one may run."),
    baseline_version: sqlVersionRule
      .optional()
      .describe("A database with something in it but no history is at this version."),
    changelog: changelogRule.optional().describe("Liquibase's root changelog."),
    desired: changelogRule
      .optional()
      .describe(
        "A file such as schema.sql that says what the schema is to be: migrations to it are proposed.",
      ),
    lock_timeout: pgTimeRule.optional().describe("How long a statement waits for a lock: 5s where left out."),
    statement_timeout: pgTimeRule.optional().describe("How long a statement may run: 1h where left out."),
    rehearsal: z
      .strictObject({
        enabled: z.boolean().optional().describe("true where left out."),
        row_limit: z
          .int()
          .min(0)
          .optional()
          .describe("Data changes of more rows want a rehearsal on a copy of production's size: 10000."),
        timeout: durationRule.optional().describe("How long a rehearsal may take: 10m where left out."),
      })
      .optional()
      .describe("Trying migrations on a scratch database first."),
  })
  .describe("The database of a workspace of kind postgres-migrations.");

const holders = z.strictObject({
  env: z.array(variableName).optional().describe("Variables of the service."),
  files: z.array(absoluteRule).optional().describe("Files, or folders where they end with a slash."),
});

export const databasesSchema = z
  .array(
    z.strictObject({
      workspaces: z
        .array(filledRule)
        .min(1)
        .describe("Keys such as acme/infra//db/*, with `*` for anything."),
      read_only: holders.optional().describe("For plans and looks for drift."),
      migration: holders.optional().describe("For migrations."),
      backfill: holders.optional().describe("For backfills as an identity of their own."),
      rehearsal: holders.optional().describe("For rehearsals on a copy."),
    }),
  )
  .describe("What holds connection URLs, and which workspace may name it for which identity.");

type DatabaseYaml = z.infer<typeof databaseSchema>;

/** A workspace's `database:` over that of the defaults; what neither says has its default. */
export const databaseOf = (base: DatabaseConfig | undefined, yaml: DatabaseYaml): DatabaseConfig => {
  const from = base ?? DEFAULTS;
  const desired = yaml.desired ?? from.desired;
  return {
    tool: yaml.tool ?? from.tool,
    url: {
      read_only: heldOf(yaml.url?.read_only) ?? from.url.read_only,
      migration: heldOf(yaml.url?.migration) ?? from.url.migration,
      backfill: heldOf(yaml.url?.backfill) ?? from.url.backfill,
      rehearsal: heldOf(yaml.url?.rehearsal) ?? from.url.rehearsal,
    },
    schemas: yaml.schemas ?? (yaml.schema === undefined ? from.schemas : [yaml.schema]),
    historyTable: yaml.history_table ?? from.historyTable,
    placeholders: { ...from.placeholders, ...yaml.placeholders },
    outOfOrder: yaml.out_of_order ?? from.outOfOrder,
    baselineVersion: yaml.baseline_version ?? from.baselineVersion,
    changelog: yaml.changelog ?? from.changelog,
    lockTimeout: yaml.lock_timeout ?? from.lockTimeout,
    statementTimeout: yaml.statement_timeout ?? from.statementTimeout,
    ...(desired === undefined ? {} : { desired }),
    rehearsal: {
      enabled: yaml.rehearsal?.enabled ?? from.rehearsal.enabled,
      rowLimit: yaml.rehearsal?.row_limit ?? from.rehearsal.rowLimit,
      timeoutSeconds: secondsOf(yaml.rehearsal?.timeout) ?? from.rehearsal.timeoutSeconds,
    },
  };
};

const heldOf = (value: unknown): HeldUrl | null => (isHeld(value) ? value : null);

const secondsOf = (time: string | undefined): number | undefined => {
  const milliseconds = time === undefined ? undefined : parseDuration(time);
  return milliseconds === undefined ? undefined : milliseconds / 1000;
};

const DEFAULTS: DatabaseConfig = {
  tool: "builtin",
  url: { read_only: null, migration: null, backfill: null, rehearsal: null },
  schemas: [],
  historyTable: null,
  placeholders: {},
  outOfOrder: false,
  baselineVersion: null,
  changelog: null,
  lockTimeout: "5s",
  statementTimeout: "1h",
  rehearsal: { enabled: true, rowLimit: 10_000, timeoutSeconds: 600 },
};

/** The operator's side of `database.url`. */
export const databaseRulesOf = (yaml: z.infer<typeof databasesSchema>): readonly DatabaseRule[] => {
  const all = (given: z.infer<typeof holders> | undefined) => ({
    env: given?.env ?? [],
    files: given?.files ?? [],
  });
  return yaml.map(({ workspaces, read_only, migration, backfill, rehearsal }) => ({
    workspaces,
    may: {
      ...{ read_only: all(read_only), migration: all(migration) },
      ...{ backfill: all(backfill), rehearsal: all(rehearsal) },
    },
  }));
};
