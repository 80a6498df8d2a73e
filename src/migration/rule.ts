import type { ChangeClass } from "../model/change-class.ts";
import type { SqlLock, SqlRewrite, SqlSeverity } from "../model/sql-lint.ts";

/** A rule as data. `{name}` in a text stands for a value of the hit. */
export interface Rule {
  readonly class: ChangeClass;
  readonly severity: SqlSeverity;
  readonly lock: SqlLock | null;
  readonly rewrite: SqlRewrite;
  readonly message: string;
  readonly fix: string;
}

type Terse = Omit<Rule, "lock" | "rewrite"> & Partial<Pick<Rule, "lock" | "rewrite">>;

/** Most hazards rewrite nothing, and some lock nothing. */
export const rule = ({ lock = null, rewrite = false, ...rest }: Terse): Rule => ({ ...rest, lock, rewrite });
