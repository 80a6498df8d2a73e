import type { Node, RangeVar } from "libpg-query";
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

export interface FileScene {
  readonly index: number;
  /** A repeatable migration runs again whenever it changes. */
  readonly repeatable: boolean;
  schema: string;
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
  readonly savepoints: Map<string, Known>;
  /** Temporary tables that go when it commits. */
  readonly dropped: Set<string>;
}

export const newScene = (version: number, oneRun: boolean): Scene => {
  const known: Known = { tables: new Map(), made: new Map() };
  return { version, oneRun, ...known, routines: new Map(), file: newFile(known, 0, false) };
};

/** A file begins: with its session's temporary tables gone. */
export const newFile = (known: Known, index: number, repeatable: boolean): FileScene => {
  for (const key of known.tables.keys()) if (key.startsWith(TEMPORARY)) known.tables.delete(key);
  const transaction = newTransaction(known, false);
  return { index, repeatable, schema: "public", lockTimeout: false, transaction };
};

export const newTransaction = (known: Known, explicit: boolean): TransactionScene => ({
  explicit,
  constraints: new Set(),
  enumValues: new Set(),
  locked: null,
  before: copyOf(known),
  savepoints: new Map(),
  dropped: new Set(),
});

export const copyOf = ({ tables, made }: Known): Known => ({ tables: new Map(tables), made: new Map(made) });

const TEMPORARY = "pg_temp.";

/** A table's key, with the schema in which an unqualified name is looked for. */
export const keyOf = (scene: Scene, range: RangeVar | undefined): string => {
  const schema = range?.relpersistence === "t" ? "pg_temp" : range?.schemaname;
  return keyOfParts(
    scene,
    [schema, range?.relname].filter((part) => part !== undefined),
  );
};

/** A temporary table stands before every other of its name, and is none that is named with a schema. */
export const keyOfParts = (scene: Scene, parts: readonly string[]): string => {
  if (parts.length > 1) return parts.slice(-2).join(".");
  const temporary = `${TEMPORARY}${parts[0] ?? ""}`;
  return scene.tables.has(temporary) ? temporary : `${scene.file.schema}.${parts[0] ?? ""}`;
};

/** Whether nobody can wait for this table: this run creates it. */
export const isNew = (scene: Scene, range: RangeVar | undefined): boolean =>
  range?.relpersistence === "t" || isNewKey(scene, keyOf(scene, range));

export const isNewKey = (scene: Scene, key: string): boolean => {
  const createdIn = scene.tables.get(key)?.createdIn ?? null;
  return createdIn !== null && (scene.oneRun || createdIn === scene.file.index);
};

/** Whether it holds nothing that could be lost. */
export const isSurelyNew = (scene: Scene, key: string): boolean =>
  isNewKey(scene, key) && scene.tables.get(key)?.surelyNew === true;

/** Whether this run makes an object other than a table. */
export const isMade = (scene: Scene, kind: string, parts: readonly string[]): boolean => {
  const index = scene.made.get(madeKey(scene, kind, parts));
  return index !== undefined && (scene.oneRun || index === scene.file.index);
};

/** The kind under which a domain stands that has a constraint. */
export const CHECKED_DOMAIN = "checked domain";

export const madeKey = (scene: Scene, kind: string, parts: readonly string[]): string =>
  kind === "schema" ? `schema:${parts.at(-1) ?? ""}` : `${kind}:${keyOfParts(scene, parts)}`;
