import { executionOf } from "../migration/execution.ts";
import { gapOf } from "../migration/liquibase-gaps.ts";
import type { Changeset } from "../migration/liquibase-sql.ts";
import { parseScript } from "../migration/parse-script.ts";
import type { SqlParser } from "../migration/script.ts";
import type { Rehearsal } from "../model/rehearsal.ts";
import type { MigrationCall } from "../ports/migrations.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import { refusedScript, settle } from "./flyway-run.ts";
import { commitScript, runScript, type StatementWatch } from "./flyway-statements.ts";
import { allChangesets, pendingChangesets } from "./liquibase-command.ts";
import { type ChangelogFiles, readChangelogFiles } from "./liquibase-files.ts";
import { LOCKS, readLiquibaseHistory } from "./liquibase-history.ts";
import {
  addChangelogRow,
  type ChangelogRow,
  makeChangelogTable,
  readChangelogRows,
  rowOfRun,
} from "./liquibase-rows.ts";
import type { MigrationProgram } from "./migration-program.ts";
import { type RehearsalOptions, rehearse } from "./pg-rehearsal.ts";
import type { RehearsedFolder, RehearsedScript } from "./pg-rehearsal-folder.ts";
import { hidingRows, type Target } from "./pg-session.ts";

interface Asked {
  readonly program: MigrationProgram;
  readonly call: MigrationCall;
  /** In a session that only reads, and where it is. */
  readonly target: Target;
  readonly url: string;
}

/**
 * A rehearsal of a changelog: the SQL that Liquibase says it would run, in a session of ours that is watched, and by
 * Liquibase's own word what a second run would do. @throws `sql-invalid`, `database-unavailable`
 */
export const rehearseChangelog = async (asked: Asked, options: RehearsalOptions): Promise<Rehearsal> =>
  rehearse(hidingRows(asked.target), await rehearsedChangelog(asked, options.parse), options);

const rehearsedChangelog = async (
  { program, call, target, url }: Asked,
  parse: SqlParser,
): Promise<RehearsedFolder> => {
  const { schema, table } = await readLiquibaseHistory(target, call);
  const place: HistoryPlace = { schema, table, beside: [LOCKS] };
  const rows = (await readChangelogRows(target, place)) ?? [];
  const all = await allChangesets(program, call, target.version);
  const { changesets: pending } = await pendingChangesets(program, call, url);
  const files = await readChangelogFiles(call.dir);
  const planned = new Map(pending.map((changeset) => [keyOf(changeset), changeset]));
  return {
    place,
    recorded: recordedOf(all, rows),
    pending: pending.map(scriptOf),
    whole: all.map(scriptOf),
    version: rows.at(-1)?.id ?? null,
    gaps: pending.flatMap((changeset) => gapOf(changeset, files.facts(changeset)) ?? []),
    hasHistory: async (database) => ((await readChangelogRows(database, place)) ?? []).length > 0,
    prepare: async (scratch) => void (await makeChangelogTable(scratch, place)),
    remember: async (scratch) => {
      for (const row of rows) await addChangelogRow(scratch, place, row);
    },
    standing: async (scratch) => {
      const there = (await readChangelogRows(scratch, place)) ?? [];
      const next = await allChangesets(program, call, target.version, there);
      // What was planned is what was judged; loaded rows and the like are told in full by a database alone.
      const told = next.map((changeset) => planned.get(keyOf(changeset)) ?? changeset);
      return { pending: told.map(scriptOf), version: there.at(-1)?.id ?? null };
    },
    run: async (scratch, scripts, watch, applied) => {
      for (const script of scripts) {
        await runChangeset(scratch, script as ChangesetScript, { place, parse, files, watch });
        await applied?.(script.path);
      }
    },
  };
};

interface ChangesetScript extends RehearsedScript {
  readonly changeset: Changeset;
}

const scriptOf = (changeset: Changeset): ChangesetScript => {
  const { script: path, sql: text, id: version, checksum } = changeset;
  return { path, text, version, checksum, changeset };
};

const keyOf = ({ script, checksum }: Changeset): string => `${script} ${checksum}`;

/** What ran there; one that Liquibase only marked as run made nothing. */
const recordedOf = (all: readonly Changeset[], rows: readonly ChangelogRow[]) => {
  const byScript = new Map(all.map((changeset) => [changeset.script, changeset]));
  return rows
    .filter(({ exectype }) => exectype === "EXECUTED" || exectype === "RERAN")
    .flatMap(({ filename, id, author }) => byScript.get(`${filename}::${id}::${author}`) ?? [])
    .map(scriptOf);
};

interface ChangesetRun {
  readonly place: HistoryPlace;
  readonly parse: SqlParser;
  readonly files: ChangelogFiles;
  readonly watch: StatementWatch;
}

/** As Liquibase does it: in a transaction with its row, unless the changelog says otherwise. */
const runChangeset = async (
  scratch: Target,
  { path, changeset }: ChangesetScript,
  { place, parse, files, watch }: ChangesetRun,
): Promise<void> => {
  await settle(scratch, { place, lockTimeout: "5s", statementTimeout: "0" });
  const script = parseScript(changeset.sql, parse);
  const execution = executionOf(script, { version: scratch.version, asked: null, mixed: true });
  if (execution.way === "refused") throw refusedScript(path, execution);
  const outside = files.outside(changeset) ?? execution.way !== "transaction";
  if (!outside) await scratch.run("begin");
  try {
    await runScript(scratch, path, script, { transactional: !outside, watch });
    await addChangelogRow(scratch, place, rowOfRun(changeset));
    if (!outside) await commitScript(scratch, path, script);
  } catch (thrown) {
    if (!outside) await scratch.run("rollback").catch(() => {});
    throw thrown;
  }
};
