import { placeText } from "../model/finding.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { HotFix } from "../model/migration-proposal.ts";
import { parseScript } from "./parse-script.ts";
import { schemaDrift } from "./schema-drift.ts";
import type { SqlParser } from "./script.ts";
import { sameFacts } from "./write-facts.ts";

/** A pending migration between the schemas before and after it. */
export interface PendingStage {
  readonly migration: { readonly path: string; readonly text: string };
  readonly before: SchemaSnapshot;
  readonly after: SchemaSnapshot;
}

/** Null where nobody did by hand what the migration is to do, or where it changes no schema. */
export const hotFixOf = (
  { migration, before, after }: PendingStage,
  live: SchemaSnapshot,
  parse: SqlParser,
): HotFix | null => {
  const findings = schemaDrift({ actual: live, recorded: before, desired: after, changedRepeatable: false });
  const own = findings.filter(({ recorded, desired }) => !sameFacts(recorded, desired));
  const done = own.filter(({ actual, desired }) => sameFacts(actual, desired));
  const otherwise = own.filter(
    ({ actual, desired, recorded }) => !sameFacts(actual, desired) && !sameFacts(actual, recorded),
  );
  const waiting = own.length - done.length - otherwise.length;
  if (done.length === 0 && otherwise.length === 0) return null;
  const { path } = migration;
  const places = [...done, ...otherwise].map(placeText);
  if (otherwise.length > 0)
    return {
      script: path,
      state: "collides",
      places: otherwise.map(placeText),
      advice: `Live has something else there than ${path} makes. Take the change by hand back, or change the file before anybody applies it.`,
    };
  if (waiting > 0)
    return {
      script: path,
      state: "collides",
      places,
      advice: `Live has part of what ${path} makes. Take that part back by hand, or split the file: what is done, guarded, and the rest.`,
    };
  const advice = isSchemaOnly(migration, parse)
    ? `Live has all that ${path} makes. Where no database has run it yet, the guarded text does nothing here and the same elsewhere; where one has, leave the file and mark it as applied here (Flyway: migrate -skipExecutingMigrations).`
    : `Live has the schema that ${path} makes, but the file changes data too, and whether that was done nobody can see. Guard its statements by hand.`;
  return { script: path, state: "matches", places, advice };
};

const DATA = [
  "InsertStmt",
  "UpdateStmt",
  "DeleteStmt",
  "CopyStmt",
  "MergeStmt",
  "DoStmt",
  "CallStmt",
  "SelectStmt",
  "TruncateStmt",
];

/** Whether a file does nothing that two schemas do not show. */
export const isSchemaOnly = ({ text }: Pick<PendingStage["migration"], "text">, parse: SqlParser): boolean =>
  parseScript(text, parse).statements.every(
    ({ nodes, copyData }) => copyData === null && !nodes.some((node) => DATA.some((kind) => kind in node)),
  );
