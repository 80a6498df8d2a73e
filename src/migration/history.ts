/** One row of `flyway_schema_history`. */
export interface HistoryRow {
  readonly rank: number;
  /** Null for a repeatable migration. */
  readonly version: string | null;
  readonly description: string;
  /** `SQL`, `BASELINE`, `SQL_BASELINE`, `UNDO_SQL`, `JDBC`, `SCHEMA`, `DELETE` ... */
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
  readonly success: boolean;
  readonly installedBy: string;
  readonly installedOn: Date | null;
  readonly milliseconds: number;
}

export type NewHistoryRow = Omit<HistoryRow, "installedBy" | "installedOn">;

/** The statements that make the history table as Flyway makes it; `table` and `schema` are plain names. */
export const historyTable = (schema: string, table: string): readonly string[] => {
  const name = `${quoted(schema)}.${quoted(table)}`;
  return [
    `CREATE TABLE ${name} (
  "installed_rank" INT NOT NULL,
  "version" VARCHAR(50),
  "description" VARCHAR(200) NOT NULL,
  "type" VARCHAR(20) NOT NULL,
  "script" VARCHAR(1000) NOT NULL,
  "checksum" INTEGER,
  "installed_by" VARCHAR(100) NOT NULL,
  "installed_on" TIMESTAMP NOT NULL DEFAULT now(),
  "execution_time" INTEGER NOT NULL,
  "success" BOOLEAN NOT NULL
)`,
    `ALTER TABLE ${name} ADD CONSTRAINT ${quoted(`${table}_pk`)} PRIMARY KEY ("installed_rank")`,
    `CREATE INDEX ${quoted(`${table}_s_idx`)} ON ${name} ("success")`,
  ];
};

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A description or script as the table's columns hold it. */
export const shortened = (text: string, length: number, keep: "start" | "end"): string => {
  if (text.length <= length) return text;
  return keep === "start" ? `${text.slice(0, length - 3)}...` : `...${text.slice(3 - length)}`;
};

// Flyway's own number, so that its runs and ours exclude each other.
const FLYWAY_LOCK = 77431708279161n;

/** The key of the advisory lock that Flyway takes for a history table. */
export const historyLock = (schema: string, table: string): bigint =>
  FLYWAY_LOCK + BigInt(javaHash(`${quoted(schema)}.${quoted(table)}`));

const javaHash = (text: string): number => {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1)
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
};
