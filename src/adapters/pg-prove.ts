import { executionOf } from "../migration/execution.ts";
import { parseScript } from "../migration/parse-script.ts";
import { schemaDrift } from "../migration/schema-drift.ts";
import type { SqlParser } from "../migration/script.ts";
import { writeSchemaChange } from "../migration/write-change.ts";
import { scriptsOf } from "../migration/write-script.ts";
import type { Finding } from "../model/finding.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { ProofSide, Unwritten } from "../model/migration-proposal.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import { runScript } from "./flyway-statements.ts";
import { type Owners, withoutOwnGrants } from "./pg-owners.ts";
import { serverWords, type Target } from "./pg-session.ts";
import { takeSnapshot } from "./pg-snapshot.ts";
import { inWordsOf } from "./pg-words.ts";

export interface ScratchWords {
  readonly place: HistoryPlace;
  readonly parse: SqlParser;
  readonly owners: Owners;
}

/** What there is, without what owners have anyway. */
export const snapshotOf = async (target: Target, { place, owners }: ScratchWords): Promise<SchemaSnapshot> =>
  withoutOwnGrants(await takeSnapshot(target, place), owners);

/** How one schema differs from another; empty where they are the same. */
export const differences = (actual: SchemaSnapshot, wanted: SchemaSnapshot): readonly Finding[] =>
  schemaDrift({ actual, recorded: wanted, desired: wanted, changedRepeatable: false });

/** Makes a schema in an empty database, without rows. Gives what could be made, and what could not. */
export const copySchema = async (
  scratch: Target,
  live: SchemaSnapshot,
  words: ScratchWords,
): Promise<{ readonly made: SchemaSnapshot; readonly error: string | null }> => {
  const empty = await snapshotOf(scratch, words);
  const change = writeSchemaChange(empty, live, { version: scratch.version });
  const texts = scriptsOf(change, { guarded: false }).map(({ text }) => ({ path: "copy.sql", text }));
  const error = await runFiles(scratch, texts, words);
  return { made: await snapshotOf(scratch, words), error };
};

/** Runs files on a database that nobody uses, and compares with what they are to make. */
export const proveFiles = async (
  scratch: Target,
  files: readonly { readonly path: string; readonly text: string }[],
  wanted: SchemaSnapshot,
  unwritten: readonly Unwritten[],
  words: ScratchWords,
): Promise<ProofSide> => {
  const error = await runFiles(scratch, files, words);
  const made = await snapshotOf(scratch, words);
  const left = differences(await inWordsOf(scratch, made, [wanted]), wanted);
  const told = new Set(unwritten.map(({ address }) => address));
  return { proven: error === null && left.every(({ address }) => told.has(address)), left, error };
};

/** As a migration tool runs them: each in a transaction wherever it bears one. Null, or the server's words. */
const runFiles = async (
  scratch: Target,
  files: readonly { readonly path: string; readonly text: string }[],
  { place, parse }: ScratchWords,
): Promise<string | null> => {
  for (const { path, text } of files) {
    await scratch.query("select set_config('search_path', quote_ident($1) || ', public', false)", [
      place.schema,
    ]);
    const script = parseScript(text, parse);
    const { way } = executionOf(script, { version: scratch.version, asked: null, mixed: false });
    const transactional = way === "transaction";
    try {
      if (transactional) await scratch.run("begin");
      await runScript(scratch, path, script, { transactional });
      if (transactional) await scratch.run("commit");
    } catch (thrown) {
      if (transactional) await scratch.run("rollback").catch(() => {});
      return serverWords(thrown).message;
    }
  }
  return null;
};
