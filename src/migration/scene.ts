import type { Node, RangeVar } from "libpg-query";
import type { LiveTable } from "../model/schema-context.ts";
import type { SqlType } from "./nodes.ts";

/** What is known of a table from the statements read so far. */
export interface TableFacts {
  /** Index of the file that creates it; null where no file read so far does. */
  readonly createdIn: number | null;
  /** False after `CREATE TABLE IF NOT EXISTS`: it may have been there, rows and all. */
  readonly surelyNew: boolean;
  readonly partitioned: boolean;
  readonly partition: boolean;
  readonly columns: ReadonlyMap<string, SqlType>;
  /** Columns that this file adds. */
  readonly added: ReadonlyMap<string, number>;
  /** Constraint name -> what it proves not to be NULL; `valid` once every row is checked. */
  readonly proofs: ReadonlyMap<string, { readonly columns: readonly string[]; readonly valid: boolean }>;
}

/** What statements before this one tell about it. Changed by `learn` only. */
export interface Scene {
  /** Major version of the server, 9 to whatever comes. */
  readonly version: number;
  /** All files belong to one run that has not begun: what one creates is empty for the others. */
  readonly oneRun: boolean;
  /** Where unqualified names are looked for when a file begins; the first one is where they are made. */
  readonly searchPath: readonly string[];
  /** What the target has, by name; null where no target was asked. */
  readonly live: Readonly<Record<string, LiveTable>> | null;
  tables: Map<string, TableFacts>;
  /** Types, views, functions, sequences, schemas, indexes ...: `type:public.mood` -> file index. */
  made: Map<string, number>;
  /** Routines that the files so far make, by name, with every signature: what they do counts where they are called. */
  readonly routines: Map<string, readonly Written[]>;
  file: FileScene;
}

/** A statement with its text, from which its PL/pgSQL can be read. */
export interface Written {
  readonly text: string;
  readonly node: Node;
}

/** What is known at one moment, to go back to. */
export type Known = Pick<Scene, "tables" | "made">;

export interface Paths {
  /** Where unqualified names are looked for, as the statement finds it. */
  searchPath: readonly string[];
  /** As the session keeps it when a transaction ends. */
  sessionPath: readonly string[];
}

export interface FileScene extends Paths {
  readonly index: number;
  /** A repeatable migration runs again whenever it changes. */
  readonly repeatable: boolean;
  lockTimeout: boolean;
  transaction: TransactionScene;
}

export interface TransactionScene {
  /** Between BEGIN and COMMIT in the file; else the transaction that the migration tool puts around the file. */
  readonly explicit: boolean;
  /** `table constraint` added in it. */
  readonly constraints: Set<string>;
  readonly enumValues: Set<string>;
  /** The table whose readers wait until the transaction ends. */
  locked: string | null;
  /** What was known when it began, and at each savepoint. */
  readonly before: Known;
  readonly pathBefore: readonly string[];
  readonly savepoints: Map<string, Known & Paths>;
  /** Temporary tables that go when it commits. */
  readonly dropped: Set<string>;
}

export const newScene = (world: Pick<Scene, "version" | "oneRun" | "searchPath" | "live">): Scene => {
  const known = { ...world, tables: new Map(), made: new Map() };
  return { ...known, routines: new Map(), file: newFile(known, 0, false) };
};

/** A file begins: with its session's temporary tables gone. */
export const newFile = (
  known: Known & Pick<Scene, "searchPath">,
  index: number,
  repeatable: boolean,
): FileScene => {
  for (const key of known.tables.keys()) if (key.startsWith(TEMPORARY)) known.tables.delete(key);
  const { searchPath } = known;
  const transaction = newTransaction(known, false, searchPath);
  return { index, repeatable, searchPath, sessionPath: searchPath, lockTimeout: false, transaction };
};

export const newTransaction = (
  known: Known,
  explicit: boolean,
  pathBefore: readonly string[],
): TransactionScene => ({
  explicit,
  constraints: new Set(),
  enumValues: new Set(),
  locked: null,
  before: copyOf(known),
  pathBefore,
  savepoints: new Map(),
  dropped: new Set(),
});

export const copyOf = ({ tables, made }: Known): Known => ({ tables: new Map(tables), made: new Map(made) });

const TEMPORARY = "pg_temp.";

/** A table's key, with the schema in which an unqualified name is found. */
export const keyOf = (scene: Scene, range: RangeVar | undefined): string => keyOfParts(scene, partsOf(range));

/** The key of a table that is made here: an unqualified name is made in the first schema of the search path. */
export const keyMade = (scene: Scene, range: RangeVar | undefined): string =>
  keyIn(scene.file.searchPath[0], partsOf(range));

const partsOf = (range: RangeVar | undefined): readonly string[] => {
  const schema = range?.relpersistence === "t" ? "pg_temp" : range?.schemaname;
  return [schema, range?.relname].filter((part) => part !== undefined);
};

const keyIn = (schema: string | undefined, parts: readonly string[]): string =>
  parts.length > 1 ? parts.slice(-2).join(".") : `${schema ?? "public"}.${parts[0] ?? ""}`;

/** A temporary table stands before every other of its name, and is none that is named with a schema. */
export const keyOfParts = (scene: Scene, parts: readonly string[]): string => {
  const { tables, live, file } = scene;
  const [first = "public", ...rest] = file.searchPath;
  const isThere = (schema: string): boolean => {
    const key = keyIn(schema, parts);
    return tables.has(key) || (live !== null && Object.hasOwn(live, key));
  };
  if (tables.has(keyIn("pg_temp", parts))) return keyIn("pg_temp", parts);
  // Without a target nobody knows whether the first schema has one of that name, too.
  const found = isThere(first) || live === null ? first : rest.find(isThere);
  return keyIn(found ?? first, parts);
};

/** Whether this run surely creates the table: nobody can wait for it, and it holds nothing that could be lost. */
export const isNew = (scene: Scene, range: RangeVar | undefined): boolean =>
  range?.relpersistence === "t" || isNewKey(scene, keyOf(scene, range));

export const isNewKey = (scene: Scene, key: string): boolean => {
  const { createdIn, surelyNew } = scene.tables.get(key) ?? { createdIn: null, surelyNew: false };
  if (createdIn === null || !(surelyNew || key.startsWith(TEMPORARY))) return false;
  return scene.oneRun || createdIn === scene.file.index;
};

/** Whether a table that is made only where it is not there is surely made: the target has none. */
export const isLacking = ({ live, tables }: Scene, key: string): boolean =>
  live !== null && !Object.hasOwn(live, key) && !tables.has(key);

/** Whether this run makes an object other than a table. */
export const isMade = (scene: Scene, kind: string, parts: readonly string[]): boolean => {
  const index = scene.made.get(madeKey(scene, kind, parts));
  return index !== undefined && (scene.oneRun || index === scene.file.index);
};

/** The kind under which a domain stands that has a constraint. */
export const CHECKED_DOMAIN = "checked domain";

export const madeKey = (scene: Scene, kind: string, parts: readonly string[]): string =>
  kind === "schema" ? `schema:${parts.at(-1) ?? ""}` : `${kind}:${keyIn(scene.file.searchPath[0], parts)}`;
