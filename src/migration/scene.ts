import type { RangeVar } from "libpg-query";
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
  readonly tables: Map<string, TableFacts>;
  /** Types, views, functions, sequences, schemas, indexes ...: `type:public.mood` -> file index. */
  readonly made: Map<string, number>;
  file: FileScene;
}

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
}

export const newScene = (version: number, oneRun: boolean): Scene => ({
  version,
  oneRun,
  tables: new Map(),
  made: new Map(),
  file: newFile(0, false),
});

export const newFile = (index: number, repeatable: boolean): FileScene => ({
  index,
  repeatable,
  schema: "public",
  lockTimeout: false,
  transaction: newTransaction(false),
});

export const newTransaction = (explicit: boolean): TransactionScene => ({
  explicit,
  constraints: new Set(),
  enumValues: new Set(),
  locked: null,
});

/** A table's key, with the schema in which an unqualified name is looked for. */
export const keyOf = (scene: Scene, range: RangeVar | undefined): string =>
  keyOfParts(
    scene,
    [range?.schemaname, range?.relname].filter((part) => part !== undefined),
  );

export const keyOfParts = (scene: Scene, parts: readonly string[]): string =>
  parts.length > 1 ? parts.slice(-2).join(".") : `${scene.file.schema}.${parts[0] ?? ""}`;

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

export const madeKey = (scene: Scene, kind: string, parts: readonly string[]): string =>
  kind === "schema" ? `schema:${parts.at(-1) ?? ""}` : `${kind}:${keyOfParts(scene, parts)}`;
