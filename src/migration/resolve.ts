import { flywayChecksum } from "./checksum.ts";
import { compareNames, compareVersions, type MigrationName, readMigrationName } from "./names.ts";
import { fillPlaceholders, type Placeholders } from "./placeholders.ts";

/** A file of a migrations folder, as it was found. */
export interface MigrationFile {
  /** Relative to the folder, with slashes. */
  readonly path: string;
  readonly text: string;
  /** The `.sql.conf` beside it, null where there is none. */
  readonly settings: string | null;
  /** The `.sql.compensate` beside it; left out or null where there is none. */
  readonly compensation?: string | null;
}

export interface Migration {
  readonly name: MigrationName;
  readonly path: string;
  /** As Git has it. */
  readonly source: string;
  /** With its placeholders filled: what runs. */
  readonly text: string;
  readonly checksum: number;
  /** A repeatable's checksum before its placeholders are filled; Flyway takes either for unchanged. */
  readonly plainChecksum: number;
  /** `executeInTransaction` of its settings; null where they do not say. */
  readonly inTransaction: boolean | null;
  /** The first setting beside it that is not followed here; null where there is none. */
  readonly strangeSetting: string | null;
  readonly missingPlaceholders: readonly string[];
  /** What takes it back, with its placeholders filled; null where nobody wrote that. */
  readonly compensation: string | null;
}

export interface Resolved {
  /** Versioned, then repeatable, in the order in which they run. */
  readonly migrations: readonly Migration[];
  readonly baselines: readonly Migration[];
  readonly callbacks: readonly Migration[];
  /** `.sql` files whose names Flyway passes over. */
  readonly passedOver: readonly string[];
  /** Files that share a version, or repeatables that share a description. */
  readonly twins: readonly (readonly [Migration, Migration])[];
}

/** Reads names, order, placeholders and checksums. */
export const resolveMigrations = (files: readonly MigrationFile[], placeholders: Placeholders): Resolved => {
  const read = files.map((file) => ({ file, name: readMigrationName(baseName(file.path)) }));
  const all = read
    .flatMap(({ file, name }) => (name ? [migrationOf(file, name, placeholders)] : []))
    .toSorted((a, b) => compareNames(a.name, b.name) || (a.path < b.path ? -1 : 1));
  const of = (...kinds: readonly MigrationName["kind"][]) =>
    all.filter(({ name }) => kinds.includes(name.kind));
  const migrations = of("versioned", "repeatable");
  return {
    migrations,
    baselines: of("baseline"),
    callbacks: of("callback"),
    passedOver: read.filter(({ name }) => name === null).map(({ file }) => file.path),
    twins: [...twinsIn(migrations), ...twinsIn(of("baseline"))],
  };
};

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const migrationOf = (file: MigrationFile, name: MigrationName, placeholders: Placeholders): Migration => {
  const values = new Map(placeholders).set("flyway:filename", baseName(file.path));
  const asItIs = switchIn(file.settings, "placeholderReplacement") === false;
  const fill = (text: string) => (asItIs ? { text, missing: [] } : fillPlaceholders(text, values));
  const filled = fill(file.text);
  const { compensation = null } = file;
  const plainChecksum = flywayChecksum(file.text);
  return {
    name,
    path: file.path,
    source: file.text,
    text: filled.text,
    checksum: name.kind === "repeatable" ? flywayChecksum(filled.text) : plainChecksum,
    plainChecksum,
    inTransaction: switchIn(file.settings, "executeInTransaction"),
    strangeSetting: strangeIn(file.settings),
    missingPlaceholders: filled.missing,
    compensation: compensation === null ? null : fill(compensation).text,
  };
};

const switchIn = (settings: string | null, name: string): boolean | null => {
  const said = settingIn(settings, name);
  return said === null ? null : said.toLowerCase() === "true";
};

const FOLLOWED = ["executeintransaction", "encoding", "placeholderreplacement"];

const strangeIn = (settings: string | null): string | null => {
  const lines = (settings ?? "").split(/\r?\n/).map((line) => line.trim());
  const keys = lines
    .filter((line) => line !== "" && !/^[#!]/.test(line))
    .map((line) => line.split(/\s*[=:]/)[0]);
  return keys.find((key) => key !== undefined && !FOLLOWED.includes(key.toLowerCase())) ?? null;
};

/** A value of a `.sql.conf`; null where it says nothing of it. */
export const settingIn = (settings: string | null, name: string): string | null =>
  new RegExp(`^\\s*${name}\\s*[=:]\\s*(\\S+)\\s*$`, "im").exec(settings ?? "")?.[1] ?? null;

const twinsIn = (sorted: readonly Migration[]): Resolved["twins"] =>
  sorted.flatMap((migration, index) => {
    const before = sorted[index - 1];
    return before && isTwin(before.name, migration.name) ? [[before, migration] as const] : [];
  });

const isTwin = (a: MigrationName, b: MigrationName): boolean => {
  if (a.version !== null && b.version !== null) return compareVersions(a.version, b.version) === 0;
  return a.version === null && b.version === null && a.description === b.description;
};
