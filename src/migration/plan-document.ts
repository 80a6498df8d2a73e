import type { PlannedBackfill } from "../model/backfill-plan.ts";
import { worstClass } from "../model/change-class.ts";
import type { JsonObject } from "../model/json.ts";
import type { JudgedMigration, MigrationSummary } from "../model/migration.ts";
import type { InspectedChange, Inspection, PlanSummary, RiskReason } from "../model/plan.ts";
import type { SqlFinding } from "../model/sql-lint.ts";

import { phaseOfRule } from "./phase.ts";

/** Resource types and provider under which policies and pages meet a migration and a backfill. */
export const MIGRATION_TYPE = "postgres_migration";
export const BACKFILL_TYPE = "postgres_backfill";
const PROVIDER = "plumbline/postgres";

/**
 * A plan of migrations in the shape of an engine's plan: one resource per file, created where it runs. Digest, gates and
 * policies read it as they read any other plan; `configuration` says for which database it is.
 */
export const planDocument = (
  summary: Pick<MigrationSummary, "migrations" | "backfills">,
  { judged = true }: { readonly judged?: boolean } = {},
): JsonObject => ({
  format_version: "1.2",
  resource_changes: [
    ...summary.migrations.map((one, index) =>
      created(MIGRATION_TYPE, one.script, one.version ?? one.description, {
        ...valuesOf(one, index),
        ...(judged ? judgementOf(one) : {}),
      }),
    ),
    ...(summary.backfills ?? []).map((one) =>
      created(BACKFILL_TYPE, one.file, one.name, {
        ...backfillValues(one),
        ...(judged ? { class: one.class, rows: one.rows } : {}),
      }),
    ),
  ],
});

const created = (type: string, address: string, name: string, after: JsonObject): JsonObject => ({
  ...{ address, mode: "managed", type, name, provider_name: PROVIDER },
  change: {
    actions: ["create"],
    before: null,
    after,
    after_unknown: {},
    before_sensitive: false,
    after_sensitive: {},
  },
});

const backfillValues = ({ checksum, table, key, after, batch }: PlannedBackfill): JsonObject => {
  return { checksum, table, key, after, batch };
};

const valuesOf = (one: JudgedMigration, index: number): JsonObject => ({
  position: index + 1,
  version: one.version,
  description: one.description,
  checksum: one.checksum,
  sha256: one.sha256,
  repeatable: one.repeatable,
  transactional: one.transactional,
  statements: one.statements,
});

/** Hangs on what the tables hold, which moves between review and apply. */
const judgementOf = (one: JudgedMigration): JsonObject => ({
  class: one.class,
  hazards: [
    ...one.findings.map((finding) => ({ ...hazardOf(finding), accepted: null })),
    ...one.suppressed.map(({ owner, reason, ...finding }) => ({
      ...hazardOf(finding),
      accepted: { owner, reason },
    })),
  ],
});

const hazardOf = ({
  rule,
  severity,
  line,
  lock,
  rewrite,
  tables = [],
}: Pick<SqlFinding, "rule" | "severity" | "line" | "lock" | "rewrite" | "tables">): JsonObject => {
  return { rule, severity, line, lock, rewrite, tables: [...tables] };
};

export const inspectionOf = ({
  migrations,
  backfills = [],
}: Pick<MigrationSummary, "migrations" | "backfills">): Inspection => ({
  formatVersion: "1.2",
  errored: false,
  counts: {
    ...{ create: migrations.length + backfills.length, update: 0, delete: 0, replace: 0, forget: 0 },
    ...{ read: 0, noop: 0, move: 0, import: 0, drift: 0 },
  },
  class: worstClass([...migrations, ...backfills].map((one) => one.class)),
  changes: [...migrations.map(changeOf), ...backfills.map(backfillChange)],
  drift: [],
  revertsDrift: [],
});

const changeOf = (one: JudgedMigration): InspectedChange => ({
  address: one.script,
  type: MIGRATION_TYPE,
  provider: PROVIDER,
  actions: ["create"],
  action: "create",
  class: one.class,
  stateful: true,
  destructive: one.class >= "R4",
  reasons: [
    ...one.findings.map(reasonOf),
    ...one.suppressed.map((finding) => {
      const { owner, reason } = finding;
      return { ...reasonOf(finding), message: `${finding.message} Accepted by ${owner}: ${reason}.` };
    }),
  ],
});

const backfillChange = ({ file, class: level, table, rows, batches }: PlannedBackfill): InspectedChange => ({
  ...{ address: file, type: BACKFILL_TYPE, provider: PROVIDER, actions: ["create"], action: "create" },
  ...{ class: level, stateful: true, destructive: level >= "R4" },
  reasons: [
    {
      rule: "backfill",
      message:
        rows === null
          ? `Changes rows of ${table} in batches.`
          : `Changes about ${rows} rows of ${table} in ${batches} batches.`,
      ...(level >= "R4" ? { oneWay: true as const } : {}),
    },
  ],
});

const reasonOf = ({
  rule,
  line,
  message,
  fix,
  class: level,
}: JudgedMigration["findings"][number]): RiskReason => ({
  rule,
  message: `Line ${line}: ${message}`,
  ...(fix === "" ? {} : { wayOut: fix }),
  ...(level >= "R4" ? { oneWay: true as const } : {}),
  ...(phaseOfRule(rule) === "contract" ? { phase: "contract" as const } : {}),
});

/** What the ledger keeps and reports show. */
export const summaryOf = (migration: MigrationSummary, inspection: Inspection): PlanSummary => ({
  inspection,
  resources: inspection.changes.map((change) => ({ ...change, diff: [] })),
  outputs: [],
  migration,
});
