/** Who runs the files of a folder of migrations. */
export type MigrationTool = "builtin" | "flyway" | "liquibase";

/**
 * `read_only` plans and looks for drift, `migration` runs, `backfill` changes rows in batches; a server for rehearsals is
 * none of them.
 */
export type DatabaseIdentity = "read_only" | "migration" | "backfill" | "rehearsal";

/** Where a connection's URL is held on the operator's side: Git names the place, never the URL. */
export type HeldUrl = { readonly env: string } | { readonly file: string };

/** The database of a workspace of kind `postgres-migrations`, every default filled in. */
export interface DatabaseConfig {
  readonly tool: MigrationTool;
  readonly url: { readonly [identity in DatabaseIdentity]: HeldUrl | null };
  /** Plain names, the first one holds the history; empty: the first schema of the search path. */
  readonly schemas: readonly string[];
  /** Null: the tool's own default. */
  readonly historyTable: string | null;
  readonly placeholders: Readonly<Record<string, string>>;
  readonly outOfOrder: boolean;
  /** The version at which a database with something in it, but without history, is; null: it is refused. */
  readonly baselineVersion: string | null;
  /** Liquibase's root changelog, relative to the folder; null: the only one that is there. */
  readonly changelog: string | null;
  /** As PostgreSQL writes times: `5s`; `0` for none. */
  readonly lockTimeout: string;
  readonly statementTimeout: string;
  readonly rehearsal: RehearsalConfig;
  /** Declarative mode: the file, relative to the folder, that says what the schema is to be. */
  readonly desired?: string;
}

/** What may hold the URLs of the workspaces that a pattern covers: the operator's word, by identity. */
export interface DatabaseRule {
  readonly workspaces: readonly string[];
  readonly may: {
    readonly [identity in DatabaseIdentity]: {
      readonly env: readonly string[];
      /** Files, or folders where they end with a slash. */
      readonly files: readonly string[];
    };
  };
}

export interface RehearsalConfig {
  readonly enabled: boolean;
  /** Data changes that are estimated to touch more rows want a rehearsal on a copy of production's size. */
  readonly rowLimit: number;
  readonly timeoutSeconds: number;
}
