import type { Changeset } from "../migration/liquibase-sql.ts";
import { CHANGESET_AUTHOR, freeIds } from "../migration/liquibase-write.ts";
import type { SqlParser } from "../migration/script.ts";
import type { MigrationProposal, ProposalWish } from "../model/migration-proposal.ts";
import type { MigrationCall } from "../ports/migrations.ts";
import { readDesired } from "./desired-schema.ts";
import { allChangesets, changelogTable } from "./liquibase-command.ts";
import { type ChangelogEdit, writeChangesets } from "./liquibase-edit.ts";
import { LOCKS, readLiquibaseHistory } from "./liquibase-history.ts";
import type { MigrationProgram } from "./migration-program.ts";
import { type ProposalTools, proposeMigration } from "./pg-propose.ts";
import { proposeDesired } from "./pg-propose-desired.ts";
import type { ProposedFolder } from "./pg-propose-folder.ts";
import { hidingRows, type Target } from "./pg-session.ts";

interface Asked {
  readonly program: MigrationProgram;
  readonly call: MigrationCall;
  readonly parse: SqlParser;
  readonly rehearsal: string | null;
}

/** The changesets that put history and live schema at one again, proven as files are. @throws `sql-failed`, `sql-invalid` */
export const proposeChangesets = async (
  { program, call, parse, rehearsal }: Asked,
  target: Target,
  wish: ProposalWish,
): Promise<MigrationProposal> => {
  const { schema, table, entries } = await readLiquibaseHistory(target, call);
  const all = await allChangesets(program, call, target.version);
  const ran = new Set(entries.map(({ script }) => script));
  const byScript = new Map(all.map((changeset) => [changeset.script, changeset]));
  const folder = {
    ...writtenChangelog({ program, call, version: target.version, all, now: wish.now }),
    place: { schema, table, beside: [LOCKS] },
    recorded: entries.flatMap(({ script }) => byScript.get(script) ?? []).map(replayed),
    rest: all.filter(({ script }) => !ran.has(script)).map(replayed),
  };
  return proposeMigration(hidingRows(target), folder, { ...wish, parse, rehearsal });
};

/** The changesets from a changelog's end to a desired schema. @throws `sql-unreadable`, `sql-failed`, `sql-invalid` */
export const proposeDesiredChangesets = async (
  { program, call, parse, rehearsal }: Asked,
  name: string,
  now: Date,
): Promise<MigrationProposal> => {
  const text = await readDesired({ dir: call.dir, shown: call.shown, name });
  const all = await allChangesets(program, call, OFFLINE_VERSION);
  const [schema = "public"] = call.database.schemas;
  const folder = {
    ...writtenChangelog({ program, call, version: OFFLINE_VERSION, all, now }),
    place: { schema, table: changelogTable(call), beside: [LOCKS] },
    recorded: [],
    rest: all.map(replayed),
  };
  const tools: ProposalTools = { parse, rehearsal };
  return proposeDesired(folder, { path: name, text }, { ...tools, now });
};

// No database is asked of which version it is.
const OFFLINE_VERSION = 16;

const writtenChangelog = (
  edit: ChangelogEdit,
): Pick<ProposedFolder, "mayChange" | "byHand" | "name" | "write"> => {
  const taken = edit.all.flatMap(({ author, id }) => (author === CHANGESET_AUTHOR ? [id] : []));
  return {
    mayChange: () => false,
    byHand:
      "Give the changeset a precondition that does not hold where it was done (onFail: MARK_RAN), or mark it as run there (liquibase changelog-sync).",
    name: (descriptions) => freeIds(descriptions, new Set(taken)),
    write: (scripts) => writeChangesets(edit, scripts),
  };
};

const replayed = ({ script, sql }: Changeset) => ({ path: script, text: sql });
