/** What the target itself tells of what migrations touch, read by an identity that cannot write. */
export interface SchemaContext {
  /** `host:5432/name`. */
  readonly place: string;
  /** Major version of the server. */
  readonly version: number;
  readonly readAt: Date;
  /** Uses are counted since then; null: since the statistics were never reset. */
  readonly countedSince: Date | null;
  /** By name, `app.orders`. */
  readonly tables: Readonly<Record<string, LiveTable>>;
}

export interface LiveTable {
  /** Estimated; of a partitioned table all its partitions'. */
  readonly rows: number;
  /** With indexes and what is stored apart. */
  readonly bytes: number;
  readonly indexes: readonly LiveIndex[];
  readonly dependants: readonly Dependant[];
  /** Scans of the table and of its indexes. */
  readonly reads: number;
  /** Rows inserted, updated and deleted. */
  readonly writes: number;
  /** Null where the server does not say (before 16), or nobody did. */
  readonly lastRead: Date | null;
  /** `classification: pii` in its comment; null where it has none. */
  readonly classification: string | null;
  /** Of columns whose comment has one. */
  readonly columns: Readonly<Record<string, string>>;
  readonly shape: TableShape;
}

/** What tells how far a statement on the table reaches. */
export interface TableShape {
  /** Whether it holds no rows of its own: its partitions do. */
  readonly partitioned: boolean;
  /** Columns each of which is unique by itself. */
  readonly keys: readonly string[];
  /** Tables whose rows a DELETE changes or takes along, by their foreign keys: `app.lines`. */
  readonly followers: readonly string[];
}

export interface LiveIndex {
  /** `app.orders_by_day`. */
  readonly name: string;
  readonly bytes: number;
  readonly valid: boolean;
  readonly unique: boolean;
  readonly scans: number;
  readonly lastScan: Date | null;
}

/** What breaks, or goes along, when a table changes. */
export interface Dependant {
  readonly kind:
    | "view"
    | "materialized view"
    | "function"
    | "foreign key"
    | "publication"
    | "trigger"
    | "policy";
  readonly name: string;
}

/** A live table that migrations change, lock or take away, as it is kept with a plan: dates are ISO texts. */
export interface TouchedTable
  extends Pick<
    LiveTable,
    "rows" | "bytes" | "dependants" | "reads" | "writes" | "classification" | "columns"
  > {
  /** `app.orders`. */
  readonly name: string;
  /** Migrations that touch it. */
  readonly scripts: readonly string[];
  readonly indexes: readonly Pick<LiveIndex, "name" | "valid" | "unique">[];
  readonly lastRead: string | null;
  /** Reads and writes are counted since then; null: since ever. */
  readonly countedSince: string | null;
}

/** A statement that changes rows, with how many that may be. */
export interface DataChange {
  readonly file: string;
  readonly line: number;
  /** What it writes to, `app.orders`. */
  readonly table: string;
  /** The table whose rows were counted; null: its own text tells the number. */
  readonly counted: string | null;
  /** At most; null where nothing tells. */
  readonly rows: number | null;
}
