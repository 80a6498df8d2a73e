/** A migration file's name, read as Flyway reads it. */
export type MigrationName =
  | {
      readonly kind: "versioned" | "baseline" | "undo";
      /** As written, underscores as dots: `1.2.3`, `001`. */
      readonly version: string;
      readonly description: string;
    }
  | { readonly kind: "repeatable"; readonly version: null; readonly description: string }
  | {
      readonly kind: "callback";
      readonly version: null;
      readonly description: string;
      readonly event: CallbackEvent;
    };

/** Those of Flyway's migrate; it knows others for commands that are not here. */
export const CALLBACK_EVENTS = [
  "beforeValidate",
  "afterValidate",
  "afterValidateError",
  "createSchema",
  "beforeCreateSchema",
  "beforeBaseline",
  "afterBaseline",
  "afterBaselineError",
  "beforeMigrate",
  "afterVersioned",
  "beforeRepeatables",
  "beforeEachMigrate",
  "beforeEachMigrateStatement",
  "afterEachMigrateStatement",
  "afterEachMigrateStatementError",
  "afterEachMigrate",
  "afterEachMigrateError",
  "afterMigrateApplied",
  "afterMigrate",
  "afterMigrateError",
  "afterMigrateOperationFinish",
] as const;
export type CallbackEvent = (typeof CALLBACK_EVENTS)[number];

const KINDS = { V: "versioned", B: "baseline", U: "undo" } as const;

/** Flyway compares endings without regard to case. */
export const isSqlFile = (path: string): boolean => /\.sql$/i.test(path);

/** `fileName` without its folder. Null for a file that Flyway would pass over, or where the version is none. */
export const readMigrationName = (fileName: string): MigrationName | null => {
  if (!isSqlFile(fileName)) return null;
  const base = fileName.slice(0, -".sql".length);
  const cut = base.indexOf("__");
  const head = cut === -1 ? base : base.slice(0, cut);
  const description = cut === -1 ? "" : base.slice(cut + 2).replaceAll("_", " ");
  const event = CALLBACK_EVENTS.find((known) => known === head);
  if (event) return { kind: "callback", version: null, description, event };
  if (head === "R") return cut === -1 ? null : { kind: "repeatable", version: null, description };
  const kind = head.startsWith("V")
    ? KINDS.V
    : head.startsWith("B")
      ? KINDS.B
      : head.startsWith("U")
        ? KINDS.U
        : null;
  const version = head.slice(1).replaceAll("_", ".");
  return kind !== null && isVersion(version) ? { kind, version, description } : null;
};

export const isVersion = (text: string): boolean => /^\d+(\.\d+)*$/.test(text);

/** Number by number; `1`, `1.0` and `01` are the same version. */
export const compareVersions = (a: string, b: string): number => {
  const [left, right] = [a.split("."), b.split(".")];
  for (let part = 0; part < Math.max(left.length, right.length); part += 1) {
    const difference = BigInt(left[part] || 0) - BigInt(right[part] || 0);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
};

/** The order in which a run takes files: versions first, then repeatables by description. */
export const compareNames = (a: MigrationName, b: MigrationName): number => {
  if (a.version !== null && b.version !== null) return compareVersions(a.version, b.version);
  if (a.version !== null || b.version !== null) return a.version === null ? 1 : -1;
  return a.description < b.description ? -1 : a.description > b.description ? 1 : 0;
};
