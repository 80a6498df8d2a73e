import { worstClass } from "../model/change-class.ts";
import type { JsonObject } from "../model/json.ts";
import type { JudgedMigration, MigrationSummary } from "../model/migration.ts";
import type { InspectedChange, Inspection, PlanSummary, RiskReason } from "../model/plan.ts";
import type { SqlFinding } from "../model/sql-lint.ts";

/** Resource type and provider under which policies and pages meet a migration. */
export const MIGRATION_TYPE = "postgres_migration";
const PROVIDER = "plumbline/postgres";

/**
 * A plan of migrations in the shape of an engine's plan: one resource per file, created where it runs. Digest, gates and
 * policies read it as they read any other plan; `configuration` says for which database it is.
 */
export const planDocument = (
  summary: Pick<MigrationSummary, "migrations">,
  { judged = true }: { readonly judged?: boolean } = {},
): JsonObject => ({
  format_version: "1.2",
  resource_changes: summary.migrations.map((one, index) => ({
    address: one.script,
    mode: "managed",
    type: MIGRATION_TYPE,
    name: one.version ?? one.description,
    provider_name: PROVIDER,
    change: {
      actions: ["create"],
      before: null,
      after: { ...valuesOf(one, index), ...(judged ? judgementOf(one) : {}) },
      after_unknown: {},
      before_sensitive: false,
      after_sensitive: {},
    },
  })),
});

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

export const inspectionOf = ({ migrations }: Pick<MigrationSummary, "migrations">): Inspection => ({
  formatVersion: "1.2",
  errored: false,
  counts: {
    ...{ create: migrations.length, update: 0, delete: 0, replace: 0, forget: 0 },
    ...{ read: 0, noop: 0, move: 0, import: 0, drift: 0 },
  },
  class: worstClass(migrations.map((one) => one.class)),
  changes: migrations.map(changeOf),
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
});

/** What the ledger keeps and reports show. */
export const summaryOf = (migration: MigrationSummary, inspection: Inspection): PlanSummary => ({
  inspection,
  resources: inspection.changes.map((change) => ({ ...change, diff: [] })),
  outputs: [],
  migration,
});
