import type { Changeset } from "../migration/liquibase-sql.ts";
import type { SchemaDrift } from "../model/migration.ts";
import { type LiquibaseHistory, LOCKS } from "./liquibase-history.ts";
import type { ReplayScript } from "./pg-replay.ts";
import { type Target, targetOf } from "./pg-session.ts";
import { driftOfReplay, type ReplayHow } from "./replay-drift.ts";

/** The live schema beside a replay of the changelog, as Liquibase writes it as SQL. @throws `sql-failed` */
export const driftOfChangelog = async (
  target: Target,
  { history, all }: { readonly history: LiquibaseHistory; readonly all: readonly Changeset[] },
  how: ReplayHow,
): Promise<SchemaDrift> => {
  const { schema, table, entries } = history;
  const byScript = new Map(all.map((changeset) => [changeset.script, changeset]));
  const ran = new Map(entries.map((entry) => [entry.script, entry]));
  const recorded = entries.flatMap(({ script }) => byScript.get(script) ?? []);
  const changed = recorded.some(({ script, checksum }) => ran.get(script)?.checksum !== checksum);
  const drift = await driftOfReplay(
    target,
    {
      place: { schema, table, beside: [LOCKS] },
      schemas: [schema],
      recorded: recorded.map(replayed),
      rest: all.filter(({ script }) => !ran.has(script)).map(replayed),
      changedRepeatable: changed,
    },
    how,
  );
  return { ...drift, target: await targetOf(target), version: entries.at(-1)?.version ?? null };
};

const replayed = ({ script, sql }: Changeset): ReplayScript => ({ path: script, text: sql });
