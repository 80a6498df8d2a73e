import type { ChangeClass } from "./change-class.ts";

/** Table locks of PostgreSQL that hold somebody up, the strongest first. */
export const SQL_LOCKS = [
  "ACCESS EXCLUSIVE",
  "EXCLUSIVE",
  "SHARE ROW EXCLUSIVE",
  "SHARE",
  "SHARE UPDATE EXCLUSIVE",
  "ROW EXCLUSIVE",
] as const;
export type SqlLock = (typeof SQL_LOCKS)[number];

/** Whether every row is written again; `depends` where only the live table could tell. */
export type SqlRewrite = boolean | "depends";

export type SqlSeverity = "error" | "warn";

/** One hazard of one statement of a migration. */
export interface SqlFinding {
  /** As it was named. */
  readonly file: string;
  /** Both count from 1, the column in characters. */
  readonly line: number;
  readonly column: number;
  /** As it is written, passwords hidden. */
  readonly statement: string;
  readonly rule: string;
  readonly class: ChangeClass;
  readonly severity: SqlSeverity;
  readonly lock: SqlLock | null;
  readonly rewrite: SqlRewrite;
  readonly message: string;
  readonly fix: string;
  /** Live tables that the statement touches, `app.orders`; left out where no target was asked. */
  readonly tables?: readonly string[];
}

/** A finding that a comment in the file accepts. Its class still counts. */
export interface SuppressedSqlFinding extends SqlFinding {
  readonly owner: string;
  readonly reason: string;
  /** `YYYY-MM-DD`, the last day on which it counts; null for good. */
  readonly until: string | null;
}

export interface SqlLintReport {
  /** The worst of all statements, whether they are findings or not. */
  readonly class: ChangeClass;
  readonly findings: readonly SqlFinding[];
  readonly suppressed: readonly SuppressedSqlFinding[];
}
