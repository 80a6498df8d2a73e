import { quoted } from "../migration/history.ts";
import { schemaDrift } from "../migration/schema-drift.ts";
import type { SqlParser } from "../migration/script.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { SchemaStates } from "../model/migration.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import { copyRoles, type ReplayScript, replay } from "./pg-replay.ts";
import { withScratch } from "./pg-scratch.ts";
import type { Target } from "./pg-session.ts";
import { takeSnapshot } from "./pg-snapshot.ts";
import { inWordsOf } from "./pg-words.ts";

export interface ReplayDrift {
  readonly findings: readonly Finding[];
  readonly states: SchemaStates;
  /** What could not be told; null where all could. */
  readonly note: string | null;
}

export interface Replayed {
  /** The history's table, which no migration makes. */
  readonly place: HistoryPlace;
  readonly schemas: readonly string[];
  /** What the history says was run, in its order, and what is pending after that. */
  readonly recorded: readonly ReplayScript[];
  readonly rest: readonly ReplayScript[];
  /** A repeatable that ran before waits to run again in another text. */
  readonly changedRepeatable: boolean;
}

/**
 * The live schema beside two replays, on `rehearsal` or in memory.
 * @throws `sql-failed` where something recorded cannot be replayed
 */
export const driftOfReplay = async (
  target: Target,
  { place, schemas, recorded: done, rest, changedRepeatable }: Replayed,
  { parse, rehearsal }: { readonly parse: SqlParser; readonly rehearsal: string | null },
): Promise<ReplayDrift> => {
  const live = await takeSnapshot(target, place);
  return withScratch(rehearsal, async (scratch) => {
    await copyRoles(target, scratch);
    for (const schema of schemas)
      if (schema !== "public") await scratch.run(`create schema if not exists ${quoted(schema)}`);
    await replay(scratch, done, place.schema, parse);
    const recorded = await takeSnapshot(scratch, place);
    // A pending file that is broken must not hide what somebody changed by hand.
    const note = await replay(scratch, rest, place.schema, parse).then(() => null, sayPending);
    const desired = note !== null || rest.length === 0 ? recorded : await takeSnapshot(scratch, place);
    const actual = await inWordsOf(scratch, target.version, live, [recorded, desired]);
    const states = { actual, recorded, desired, changedRepeatable };
    return { findings: schemaDrift(states), states, note };
  });
};

const sayPending = (thrown: unknown): string => {
  if (!(thrown instanceof PlumblineError) || thrown.code !== "sql-failed") throw thrown;
  return `What pending files would change is not told. ${thrown.message}`;
};
