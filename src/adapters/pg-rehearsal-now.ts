import type { HistoryRow } from "../migration/history.ts";
import type { Migration } from "../migration/resolve.ts";
import { schemaDiff } from "../migration/schema-diff.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { RehearsalFailure } from "../model/rehearsal.ts";
import { addHistoryRow } from "./flyway-history.ts";
import { failureOf, type Stage } from "./pg-rehearsal-stage.ts";
import { replay } from "./pg-replay.ts";
import type { Target } from "./pg-session.ts";
import { takeSnapshot } from "./pg-snapshot.ts";
import { inWordsOf } from "./pg-words.ts";

export interface Now {
  readonly target: Target;
  readonly live: SchemaSnapshot;
  readonly history: readonly HistoryRow[];
  readonly recorded: readonly Migration[];
}

/** Brings a prepared database to the schema and the history that the target has; notes say what is not like there. */
export const bringToNow = async (
  { scratch, place, parse }: Stage,
  { target, live, history, recorded }: Now,
): Promise<{ readonly failure: RehearsalFailure | null; readonly notes: readonly string[] }> => {
  const failure = await replay(scratch, recorded, place.schema, parse).then(() => null, failureOf);
  if (failure) return { failure, notes: [NOT_REPLAYED] };
  for (const row of history) await addHistoryRow(scratch, place, row);
  const replayed = await takeSnapshot(scratch, place);
  const actual = await inWordsOf(scratch, target.version, live, [replayed]);
  const [first, ...more] = schemaDiff(replayed, actual);
  if (!first) return { failure: null, notes: [] };
  const others = more.length === 0 ? "" : `, and ${more.length} more`;
  const what = `${first.address}${first.text === "" ? "" : ` ${first.text}`} (${first.what})`;
  return {
    failure: null,
    notes: [
      `The live schema differs from what its history explains, and the rehearsal lacks that: ${what}${others}.`,
    ],
  };
};

const NOT_REPLAYED =
  "An applied file cannot be replayed: give a rehearsal URL, a server of the target's version with the same extensions.";
